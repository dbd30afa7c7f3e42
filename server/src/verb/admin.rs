//! Administration for scripts. It writes beside a running server.

use std::{
    fs::File,
    io::{self, Read},
};

use anyhow::{Context as _, bail};
use identity::Password;
use zeroize::Zeroizing;

use crate::cli::PasswordSource;

/// More than any password has.
const MOST_BYTES: usize = 4_096;

/// Reads a password: what the source holds, without the newline that editors and `echo` put at its end.
pub fn read_password(source: &PasswordSource) -> anyhow::Result<Password> {
    match source {
        PasswordSource::StandardInput => {
            password(io::stdin().lock()).context("can't use the password on standard input")
        }
        PasswordSource::File(path) => File::open(path)
            .map_err(anyhow::Error::from)
            .and_then(password)
            .with_context(|| format!("can't use the password in {}", path.display())),
    }
}

fn password(source: impl Read) -> anyhow::Result<Password> {
    let mut text = Zeroizing::new(String::with_capacity(MOST_BYTES + 1));
    source.take(MOST_BYTES as u64 + 1).read_to_string(&mut text).context("it is no UTF-8 text, or can't be read")?;
    if text.len() > MOST_BYTES {
        bail!("it is longer than {MOST_BYTES} bytes");
    }
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Password::typed(line.strip_suffix('\r').unwrap_or(line)))
}

#[cfg(test)]
mod tests {
    use identity::{Cost, Hasher, Verdict};

    use super::{password, read_password};
    use crate::cli::PasswordSource;

    #[tokio::test]
    async fn one_newline_at_the_end_is_no_part_of_the_password() {
        let hasher = Hasher::new(Cost { memory_kib: 64, passes: 1, lanes: 1 }).unwrap();
        let chosen = password("violet otter lamp".as_bytes()).unwrap().choose(&[]).unwrap();
        let hash = hasher.hash(&chosen, [7; 16]).await.unwrap();
        for (text, verdict) in [
            ("violet otter lamp\n", Verdict::Right),
            ("violet otter lamp\r\n", Verdict::Right),
            ("violet otter lamp\n\n", Verdict::Wrong),
            (" violet otter lamp", Verdict::Wrong),
        ] {
            let typed = password(text.as_bytes()).unwrap();
            assert_eq!(hasher.verify(&typed, Some(&hash)).await, Ok(verdict), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_password_file_is_refused() {
        assert!(password(&b"\xff\xfe"[..]).is_err());
        assert!(password("x".repeat(5_000).as_bytes()).is_err());
        let error = read_password(&PasswordSource::File("/nowhere/password".into())).unwrap_err();
        assert_eq!(error.to_string(), "can't use the password in /nowhere/password");
    }
}

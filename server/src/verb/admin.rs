//! `provost admin …`: administration for scripts. A server may run at the same time. Standard output has only what a script
//! captures.

use std::{
    fs::File,
    io::{self, Read, Write as _},
};

use anyhow::{Context as _, bail};
use control::{
    Cx,
    access::{self, Caller, ClientInfo},
    account,
    api_key::{self, NewKey},
    person::{self, Registration},
    workspace::{self, NewWorkspace},
};
use identity::Password;
use zeroize::Zeroizing;

use crate::{
    cli::{Admin, Expiry, PasswordSource},
    config::Config,
    wiring,
};

/// Runs one verb of `admin`.
pub async fn run(verb: Admin, config: &Config) -> anyhow::Result<()> {
    let cx = wiring::open(config, &config.public_url(config.listen)).await?;
    match verb {
        Admin::CreateUser { email, handle, name, password_file, .. } => {
            let password = read_password(&password_file)?;
            let registration =
                Registration { name: name.unwrap_or_else(|| handle.clone()), email, handle: Some(handle), password };
            person::register(&cx, None, registration, ClientInfo::default()).await.map_err(readable)?;
        }
        Admin::CreateWorkspace { account, name, description, .. } => {
            let owner = caller_of_handle(&cx, &account).await?;
            let accounts = account::list(&cx, owner).await.map_err(readable)?;
            let found = accounts.into_iter().find(|one| one.handle.as_str() == account);
            let found = found.with_context(|| format!("there is no account with the handle {account}"))?;
            let account = access::authorize_account(&cx, owner, found.id).await.map_err(readable)?;
            let new = NewWorkspace { name, description, handle: None };
            workspace::create(&cx, account, new, ClientInfo::default()).await.map_err(readable)?;
        }
        Admin::CreateKey { user, name, expires, .. } => {
            let owner = caller_of_handle(&cx, &user).await?;
            let expires = match expires {
                Expiry::After(time) => Some(cx.clock.now().plus_seconds(time.as_secs_f64())),
                Expiry::Never => None,
            };
            let key = api_key::create(&cx, owner, NewKey { name, expires }, ClientInfo::default()).await;
            writeln!(io::stdout(), "{}", key.map_err(readable)?.secret.reveal())?;
        }
        Admin::SetPassword { user, password_file, .. } => {
            let person = caller_of_handle(&cx, &user).await?;
            person::set_password(&cx, person, read_password(&password_file)?).await.map_err(readable)?;
        }
        Admin::GrantAdmin { user, .. } => set_administrator(&cx, &user, true).await?,
        Admin::RevokeAdmin { user, .. } => set_administrator(&cx, &user, false).await?,
    }
    // A server that runs at the same time closes sockets of ended sessions.
    cx.changes().flush().await;
    Ok(())
}

async fn set_administrator(cx: &Cx, handle: &str, is_admin: bool) -> anyhow::Result<()> {
    let person = caller_of_handle(cx, handle).await?;
    person::set_administrator(cx, person, is_admin).await.map_err(readable)
}

async fn caller_of_handle(cx: &Cx, handle: &str) -> anyhow::Result<Caller> {
    let parsed = handle.parse().map_err(|error| anyhow::anyhow!("{handle:?} is not a valid handle: {error}"))?;
    let caller = access::authenticate_shell(cx, &parsed).await;
    caller.map_err(readable).with_context(|| format!("can't act for the user with the handle {handle}"))
}

/// The error with the names of the invalid fields, because a shell has no form that shows them.
fn readable(error: control::Error) -> anyhow::Error {
    match error {
        control::Error::Invalid(fields) => {
            let lines = fields.iter().map(|field| format!("{}: {}", field.loc.join("."), field.message));
            anyhow::Error::msg(lines.collect::<Vec<_>>().join("\n"))
        }
        other => other.into(),
    }
}

/// Longer than any password.
const MAX_PASSWORD_BYTES: usize = 4_096;

/// Reads a password without the newline that editors and `echo` put at the end.
fn read_password(source: &PasswordSource) -> anyhow::Result<Password> {
    match source {
        PasswordSource::StandardInput => {
            parse_password(io::stdin().lock()).context("can't use the password on standard input")
        }
        PasswordSource::File(path) => File::open(path)
            .map_err(anyhow::Error::from)
            .and_then(parse_password)
            .with_context(|| format!("can't use the password in {}", path.display())),
    }
}

fn parse_password(source: impl Read) -> anyhow::Result<Password> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_PASSWORD_BYTES + 1));
    source
        .take(MAX_PASSWORD_BYTES as u64 + 1)
        .read_to_string(&mut text)
        .context("it is not UTF-8 text, or can't be read")?;
    if text.len() > MAX_PASSWORD_BYTES {
        bail!("it is longer than {MAX_PASSWORD_BYTES} bytes");
    }
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Password::typed(line.strip_suffix('\r').unwrap_or(line)))
}

#[cfg(test)]
mod tests {
    use identity::{Cost, Hasher, Verification};

    use super::{parse_password, read_password};
    use crate::cli::PasswordSource;

    #[tokio::test]
    async fn one_trailing_newline_is_removed_from_a_password() {
        let hasher = Hasher::new(Cost { memory_kib: 64, passes: 1, lanes: 1 }).unwrap();
        let chosen = parse_password("violet otter lamp".as_bytes()).unwrap().validate_as_new(&[]).unwrap();
        let hash = hasher.hash(&chosen, [7; 16]).await.unwrap();
        for (text, verdict) in [
            ("violet otter lamp\n", Verification::Match),
            ("violet otter lamp\r\n", Verification::Match),
            ("violet otter lamp\n\n", Verification::Mismatch),
            (" violet otter lamp", Verification::Mismatch),
        ] {
            let typed = parse_password(text.as_bytes()).unwrap();
            assert_eq!(hasher.verify(&typed, Some(&hash)).await, Ok(verdict), "{text:?}");
        }
    }

    #[test]
    fn invalid_password_files_are_rejected() {
        assert!(parse_password(&b"\xff\xfe"[..]).is_err());
        assert!(parse_password("x".repeat(5_000).as_bytes()).is_err());
        let error = read_password(&PasswordSource::File("/nowhere/password".into())).unwrap_err();
        assert_eq!(error.to_string(), "can't use the password in /nowhere/password");
    }
}

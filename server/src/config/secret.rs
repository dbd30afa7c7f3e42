//! Secrets, which are set as text or by a file that contains them.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use identity::Secret;
use zeroize::Zeroizing;

use super::{
    ConfigError,
    source::Source,
    text::{Line, Setting},
};

/// Longer than any secret, so that a wrong path does not fill the memory.
const MAX_BYTES: usize = 4_096;

impl Setting for Secret {
    const SECRET: bool = true;
    const EXPECTED: &'static str = "one line that is not empty";

    fn read(text: &str) -> Option<Self> {
        Line::<MAX_BYTES>::read(text).map(|line| Self::new(line.0))
    }
}

/// The secret of `key`, or of the file that `key` with `_file` names.
pub(super) fn read(texts: &Source, key: &str) -> Result<Option<Secret>, ConfigError> {
    let file_key = format!("{key}_file");
    let secret: Option<Secret> = texts.parse(key, "")?;
    let path: Option<PathBuf> = texts.parse(&file_key, "")?;
    let (Some(path), origin) = (path, texts.origin(&file_key).unwrap_or_default().to_owned()) else {
        return Ok(secret);
    };
    if secret.is_some() {
        let problem = format!("{key} ({}) is set too; remove one of the two", texts.origin(key).unwrap_or_default());
        return Err(ConfigError::Key { key: file_key, origin, problem });
    }
    let unusable = |problem| format!("can't use {}: {problem}", path.display());
    let file = read_file(&path).map(Some).map_err(unusable);
    file.map_err(|problem| ConfigError::Key { key: file_key, origin, problem })
}

/// The secret in a file, without the newline that editors put at the end.
fn read_file(path: &Path) -> Result<Secret, String> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES + 1));
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_BYTES as u64 + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    Secret::read(text.trim()).ok_or_else(|| format!("expected a file with one line of 1 to {MAX_BYTES} characters"))
}

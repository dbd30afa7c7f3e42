//! The browser of the tests: the installed Chromium; none is downloaded.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::process;

const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Path of a Chromium to use. The tests get the path of the found program in the same variable.
pub const VARIABLE: &str = "PROVOST_TEST_CHROMIUM";

pub fn program() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        let named = PathBuf::from(named);
        if named.is_file() {
            return Ok(named);
        }
        bail!("{VARIABLE} names {}, which is not a file", named.display());
    }
    match NAMES.iter().find_map(|name| process::find(name)) {
        Some(found) => Ok(found),
        None => bail!("no Chromium on PATH ({}); {VARIABLE} can name one", NAMES.join(", ")),
    }
}

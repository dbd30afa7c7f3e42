//! The folder that takes the place of a mail server: one file for each mail, from which an administrator passes the link on.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// The most files in the folder. A new one beyond this deletes the oldest.
pub(super) const MAX_FILES: usize = 1_000;

/// The folder. It is created with the first mail.
#[derive(Clone, Debug)]
pub(super) struct Outbox(pub(super) PathBuf);

impl Outbox {
    /// Writes a mail, readable only for the user that runs the server.
    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let path = self.0.join(name);
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        remove_oldest(&self.0)
    }
}

/// Deletes the oldest mails above the limit. Their names begin with their time.
fn remove_oldest(folder: &Path) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if Path::new(&name).extension().is_some_and(|extension| extension == "txt") {
            names.push(name);
        }
    }
    names.sort_unstable();
    for name in names.iter().take(names.len().saturating_sub(MAX_FILES)) {
        fs::remove_file(folder.join(name))?;
    }
    Ok(())
}

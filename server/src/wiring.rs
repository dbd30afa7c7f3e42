//! From settings to what every verb works with: the database, opened and brought up to date, and what stands beside it.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use control::{Cx, bus::Bus, clock::Clock, ids::Ids, settings::Settings};
use identity::{Hasher, SignInThrottle};
use model::time::Span;
use store::db::{Db, Limits, Location};

use crate::config::{Config, DatabaseUrl, PublicUrl};

/// Opens the database, makes or changes its tables where that is due, and puts the rest beside it.
pub async fn open(config: &Config, public_url: &PublicUrl) -> anyhow::Result<Cx> {
    let (clock, db) = (Clock::system(), open_database(config).await?);
    let ran = store::migrate::migrate(&db, clock.now()).await;
    for name in ran.with_context(|| format!("can't bring {} up to date", config.database))? {
        tracing::info!(migration = name, "the database was changed");
    }
    let span = |time: std::time::Duration| Span::from_seconds(time.as_secs_f64());
    let settings = Settings {
        public_url: public_url.origin(),
        local: config.local,
        session_idle: span(config.session_idle),
        session_absolute: span(config.session_absolute),
    };
    Ok(Cx {
        db,
        clock,
        ids: Ids::random(),
        bus: Bus::default(),
        settings: Arc::new(settings),
        hasher: Arc::new(Hasher::new(config.password_cost)?),
        throttle: Arc::new(SignInThrottle::new(config.sign_in)),
    })
}

async fn open_database(config: &Config) -> anyhow::Result<Db> {
    let location = match &config.database {
        DatabaseUrl::Sqlite(path) => {
            make_folder(folder_of(path))?;
            Location::File(path.clone())
        }
        DatabaseUrl::Postgres(url) => Location::Postgres(url.to_string()),
    };
    let opened = Db::open(&location, Limits::default()).await;
    opened.with_context(|| format!("can't open {} (database_url)", config.database))
}

/// The mark that one server holds while it owns an embedded database.
#[derive(Debug)]
pub struct Ownership(#[expect(dead_code, reason = "held, not read: closing the file frees the lock")] Option<File>);

impl Ownership {
    /// Takes it, or says that another server has it. A database of its own server looks after itself.
    pub fn take(database: &DatabaseUrl) -> anyhow::Result<Self> {
        let DatabaseUrl::Sqlite(path) = database else { return Ok(Self(None)) };
        make_folder(folder_of(path))?;
        let mark = mark_of(path);
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&mark);
        let file = file.with_context(|| format!("can't open {}", mark.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => bail!(
                "another provost serves {}: stop that one first, or give this one another --data-dir",
                path.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("can't lock {}", mark.display())),
        }
    }
}

/// Beside the database, not the file itself: SQLite has locks of its own in there.
fn mark_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".owner");
    name.into()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the folder for this user alone, if it is not there.
fn make_folder(folder: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("can't make the folder {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::Ownership;
    use crate::config::DatabaseUrl;

    #[test]
    fn one_server_owns_a_file_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new/data");
        let database = DatabaseUrl::Sqlite(data.join("provost.db"));
        let first = Ownership::take(&database).unwrap();
        assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let error = Ownership::take(&database).unwrap_err().to_string();
        assert!(error.contains("another provost serves") && error.contains("--data-dir"), "{error}");
        assert!(Ownership::take(&DatabaseUrl::Sqlite(data.join("other.db"))).is_ok());
        drop(first);
        assert!(Ownership::take(&database).is_ok());
    }
}

//! Builds the context of the use cases from the settings, and locks the embedded database for one server.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use control::{Cx, block, clock::Clock, ids::Ids, server::RunningServer, settings::Settings};
use identity::{Hasher, SignInThrottle};
use model::time::Span;
use store::db::{Db, Limits, Location};

use crate::config::{Config, DatabaseUrl, PublicUrl};

/// Opens the database, runs its pending migrations, adds what older workspaces lack, and builds the context of the use cases.
pub async fn open(config: &Config, public_url: &PublicUrl) -> anyhow::Result<Cx> {
    let (clock, db) = (Clock::system(), open_database(config).await?);
    let migrations = store::migrate::migrate(&db, clock.now()).await;
    for name in migrations.with_context(|| format!("can't migrate {}", config.database))? {
        tracing::info!(migration = name, "ran a migration");
    }
    let span = |time: std::time::Duration| Span::from_seconds(time.as_secs_f64());
    let settings = Settings {
        public_url: public_url.origin(),
        local: config.local,
        session_idle: span(config.session_idle),
        session_absolute: span(config.session_absolute),
    };
    let cx = Cx {
        db,
        server: RunningServer::new(clock.now()),
        clock,
        ids: Ids::random(),
        settings: Arc::new(settings),
        hasher: Arc::new(Hasher::new(config.password_cost)?),
        throttle: Arc::new(SignInThrottle::new(config.sign_in)),
    };
    block::built_in::install(&cx).await.context("can't add the built-in block types")?;
    Ok(cx)
}

async fn open_database(config: &Config) -> anyhow::Result<Db> {
    let location = match &config.database {
        DatabaseUrl::Sqlite(path) => {
            create_folder(parent_folder(path))?;
            Location::File(path.clone())
        }
        DatabaseUrl::Postgres(url) => Location::Postgres(url.to_string()),
    };
    let opened = Db::open(&location, Limits::default()).await;
    opened.with_context(|| format!("can't open {} (database_url)", config.database))
}

/// The lock that one server holds on an embedded database. Changes are published only within one process, so the pages of a
/// second server would miss the first one's.
#[derive(Debug)]
pub struct DatabaseLock(#[expect(dead_code, reason = "never read: closing the file releases the lock")] Option<File>);

impl DatabaseLock {
    /// Locks the database, or fails if another server has locked it. PostgreSQL needs no lock.
    pub fn acquire(database: &DatabaseUrl) -> anyhow::Result<Self> {
        let DatabaseUrl::Sqlite(path) = database else { return Ok(Self(None)) };
        create_folder(parent_folder(path))?;
        let lock_path = lock_path(path);
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock_path);
        let file = file.with_context(|| format!("can't open {}", lock_path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => bail!(
                "another Provost server is using {}: stop it first, or start this one with a different --data-dir",
                path.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("can't lock {}", lock_path.display()))
            }
        }
    }
}

/// The lock is a file next to the database, because SQLite has its own locks on the database file.
fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".owner");
    name.into()
}

fn parent_folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Creates the folder if it does not exist, with access for this user only.
fn create_folder(folder: &Path) -> anyhow::Result<()> {
    let created = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    created.with_context(|| format!("can't create the folder {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::DatabaseLock;
    use crate::config::DatabaseUrl;

    #[test]
    fn one_server_locks_a_database_file_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new/data");
        let database = DatabaseUrl::Sqlite(data.join("provost.db"));
        let first = DatabaseLock::acquire(&database).unwrap();
        assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let error = DatabaseLock::acquire(&database).unwrap_err().to_string();
        assert!(error.contains("another Provost server is using") && error.contains("--data-dir"), "{error}");
        assert!(DatabaseLock::acquire(&DatabaseUrl::Sqlite(data.join("other.db"))).is_ok());
        drop(first);
        assert!(DatabaseLock::acquire(&database).is_ok());
    }
}

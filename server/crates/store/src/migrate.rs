//! Brings a database's tables up to date.
//!
//! Each migration is a file in `migrations/`: one text for both databases, or a pair `NNNN_x.sqlite.sql` and `NNNN_x.postgres.sql` where they
//! must differ. Each runs in a transaction of its own, together with the row that says that it ran.

use model::time::Timestamp;

use crate::{
    db::Db,
    error::{Error, Result},
    statements,
    tx::Tx,
    write::Write,
};

/// A step from one shape of the tables to the next.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number and name: the file's, without the ending.
    pub name: &'static str,
    pub(crate) sqlite: &'static str,
    postgres: &'static str,
}

impl Migration {
    /// Its text for the embedded database or for PostgreSQL.
    #[must_use]
    pub fn text(&self, embedded: bool) -> &'static str {
        if embedded { self.sqlite } else { self.postgres }
    }
}

macro_rules! migration {
    ($name:literal) => {
        Migration {
            name: $name,
            sqlite: include_str!(concat!("../migrations/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/", $name, ".sql")),
        }
    };
}

/// All migrations in order. One that has been released is never changed: a new one follows.
pub const MIGRATIONS: &[Migration] = &[
    migration!("0001_people"),
    migration!("0002_runs"),
    migration!("0003_blocks_and_concurrency"),
    migration!("0004_calls"),
];

const LEDGER: &str =
    "CREATE TABLE IF NOT EXISTS schema_migration (name TEXT PRIMARY KEY NOT NULL, applied BIGINT NOT NULL)";

statements! {
    /// The migrations that ran.
    open APPLIED: () => (String,) = "SELECT name FROM schema_migration ORDER BY name";
    /// Notes that a migration ran.
    open APPLY: (String, Timestamp) => () = "INSERT INTO schema_migration (name, applied) VALUES ($1, $2)";
}

/// Runs what has not run yet; the names of what ran.
///
/// # Errors
/// If the database was made by a newer program, or a migration fails: then nothing of that migration remains.
pub async fn migrate(db: &Db, now: Timestamp) -> Result<Vec<&'static str>> {
    db.write(Ledger).await?;
    let applied: Vec<String> = db.all(&APPLIED, ()).await?.into_iter().map(|(name,)| name).collect();
    if let Some(unknown) = applied.iter().find(|name| MIGRATIONS.iter().all(|known| known.name != **name)) {
        return Err(Error::Database(format!("it was migrated by a newer program: {unknown} is not known here")));
    }
    let mut ran = Vec::new();
    for migration in MIGRATIONS.iter().filter(|known| !applied.iter().any(|name| name == known.name)) {
        if db.write(Step { migration: *migration, now, embedded: db.is_embedded() }).await? {
            ran.push(migration.name);
        }
    }
    Ok(ran)
}

struct Ledger;

impl Write for Ledger {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.script(LEDGER).await
    }
}

struct Step {
    migration: Migration,
    now: Timestamp,
    embedded: bool,
}

impl Write for Step {
    type Out = bool;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if !self.embedded {
            // Of several replicas that start at once, one runs the step and the others see that it ran.
            tx.script("LOCK TABLE schema_migration IN EXCLUSIVE MODE").await?;
        }
        if tx.all(&APPLIED, ()).await?.iter().any(|(name,)| name == self.migration.name) {
            return Ok(false);
        }
        tx.script(self.migration.text(self.embedded)).await?;
        tx.exactly_one(&APPLY, (self.migration.name, self.now)).await?;
        Ok(true)
    }
}

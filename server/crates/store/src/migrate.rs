//! Brings a database's tables up to date.
//!
//! Each migration is a file in `migrations/`, one text for both databases. Each runs in a transaction of its own, together with the row
//! that says that it ran, on a connection of its own: no write's time limit holds here, since an index over many rows takes its time.

use model::time::Timestamp;

use crate::{
    db::Db,
    driver::{Link, Own},
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
    /// What it runs, on either database.
    pub text: &'static str,
}

macro_rules! migration {
    ($name:literal) => {
        Migration { name: $name, text: include_str!(concat!("../migrations/", $name, ".sql")) }
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
/// Of several replicas that start at once, one takes a step and the others see then that it was taken. It ends with the transaction.
/// An SQLite file has a lock of its own.
const ALONE: &str = "SELECT pg_advisory_xact_lock(22643821190804340)";

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
    let mut own = db.own().await?;
    let applied = run(&mut own, &Ledger).await?;
    if let Some(unknown) = applied.iter().find(|name| MIGRATIONS.iter().all(|known| known.name != **name)) {
        return Err(Error::Database(format!("it was migrated by a newer program: {unknown} is not known here")));
    }
    let mut ran = Vec::new();
    for migration in MIGRATIONS.iter().filter(|known| !applied.iter().any(|name| name == known.name)) {
        if run(&mut own, &Step { migration: *migration, now }).await? {
            ran.push(migration.name);
        }
    }
    Ok(ran)
}

/// Runs a write alone and for as long as it takes. After an error the connection has to go: with it goes the transaction.
async fn run<W: Write<Error = Error>>(own: &mut Own, write: &W) -> Result<W::Out> {
    own.begin().await?;
    let mut tx = Tx::new(own.link(), None, 0, true);
    if let Link::Postgres(_) = tx.link {
        tx.script(ALONE).await?;
    }
    let out = write.run(&mut tx).await?;
    own.command("COMMIT").await?;
    Ok(out)
}

async fn applied(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    Ok(tx.all(&APPLIED, ()).await?.into_iter().map(|(name,)| name).collect())
}

/// Makes the table that says what ran, and reads it.
struct Ledger;

impl Write for Ledger {
    type Out = Vec<String>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<String>> {
        tx.script(LEDGER).await?;
        applied(tx).await
    }
}

struct Step {
    migration: Migration,
    now: Timestamp,
}

impl Write for Step {
    type Out = bool;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if applied(tx).await?.iter().any(|name| name == self.migration.name) {
            return Ok(false);
        }
        tx.script(self.migration.text).await?;
        tx.exactly_one(&APPLY, (self.migration.name, self.now)).await?;
        Ok(true)
    }
}

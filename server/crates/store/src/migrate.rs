//! Brings a database's tables up to date.
//!
//! Each migration is a file in `migrations/`, one text for both databases. Each runs in a transaction of its own, together with the row
//! that says that it ran, on a connection of its own: no write's time limit holds here, since an index over many rows takes its time.
//! The row keeps the text's SHA-256: a database made by another text is refused at start, not met later as a missing column.

use model::time::Timestamp;
use sha2::{Digest, Sha256};

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

impl Migration {
    /// Tells its text from any other; the ends of lines are not part of it.
    fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for line in self.text.lines() {
            digest.update(line);
            digest.update("\n");
        }
        format!("{:x}", digest.finalize())
    }
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

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration \
                      (name TEXT PRIMARY KEY NOT NULL, digest TEXT NOT NULL, applied BIGINT NOT NULL)";
/// Of several replicas that start at once, one takes a step and the others see then that it was taken. It ends with the transaction.
/// An SQLite file has a lock of its own.
const ALONE: &str = "SELECT pg_advisory_xact_lock(22643821190804340)";

const ADVICE: &str = "start the program that made it, or begin with an empty one";

statements! {
    /// The migrations that ran, and the digests of their texts.
    open APPLIED: () => (String, String) = "SELECT name, digest FROM schema_migration ORDER BY name";
    /// Notes that a migration ran.
    open APPLY: (String, String, Timestamp) => () = "INSERT INTO schema_migration (name, digest, applied) VALUES ($1, $2, $3)";
}

/// Runs what has not run yet of the program's migrations; the names of what ran.
///
/// # Errors
/// See [`migrate_by`].
pub async fn migrate(db: &Db, now: Timestamp) -> Result<Vec<&'static str>> {
    migrate_by(MIGRATIONS, db, now).await
}

/// Runs what has not run yet of these migrations; the names of what ran.
///
/// # Errors
/// If the database was made by a newer program or by other texts, or a migration fails: then nothing of that migration remains.
pub async fn migrate_by(migrations: &[Migration], db: &Db, now: Timestamp) -> Result<Vec<&'static str>> {
    let mut own = db.own().await?;
    let applied = run(&mut own, &Ledger).await?;
    for (name, digest) in &applied {
        let Some(known) = migrations.iter().find(|known| known.name == name) else {
            return Err(Error::Database(format!("it was migrated by a newer program: {name} is not known here")));
        };
        if known.digest() != *digest {
            return Err(Error::Database(format!(
                "it was made by another text of {name} than this program's: {ADVICE}"
            )));
        }
    }
    let mut ran = Vec::new();
    for migration in migrations.iter().filter(|known| !is_applied(&applied, known)) {
        if run(&mut own, &Step { migration: *migration, now }).await? {
            ran.push(migration.name);
        }
    }
    Ok(ran)
}

fn is_applied(applied: &[(String, String)], migration: &Migration) -> bool {
    applied.iter().any(|(name, _)| name == migration.name)
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

/// Makes the table that says what ran, and reads it.
struct Ledger;

impl Write for Ledger {
    type Out = Vec<(String, String)>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        tx.script(LEDGER).await?;
        tx.all(&APPLIED, ()).await.map_err(|error| match error {
            // Before the first release the list had no digests.
            Error::Database(why) => {
                Error::Database(format!("its list of migrations is not this program's ({why}): {ADVICE}"))
            }
            other => other,
        })
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
        if is_applied(&tx.all(&APPLIED, ()).await?, &self.migration) {
            return Ok(false);
        }
        tx.script(self.migration.text).await?;
        tx.exactly_one(&APPLY, (self.migration.name, self.migration.digest(), self.now)).await?;
        Ok(true)
    }
}

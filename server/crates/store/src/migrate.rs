//! Applies migrations.
//!
//! Each migration is a file in `migrations/`, the same text for both databases, or two files if they can't have the same; `build.rs` lists
//! them. It runs in one transaction together with the row that records it, on a dedicated connection without a time limit, because an index
//! over many rows takes long. The row contains the SHA-256 of the text, so that a database made by another text is rejected at start and does
//! not fail later at a missing column.

use model::time::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    db::Db,
    driver::{DedicatedConnection, Link},
    error::{Error, Result},
    statements,
    tx::{Tx, TxState},
    write::Write,
};

/// One change of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Number and name: the file's name without its extension.
    pub name: &'static str,
    /// The SQL script for SQLite.
    pub sqlite: &'static str,
    /// The SQL script for PostgreSQL.
    pub postgres: &'static str,
}

impl Migration {
    /// A migration with one script for both databases.
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self::of(name, text, text)
    }

    const fn of(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        Self { name, sqlite, postgres }
    }

    /// The script for SQLite, or for PostgreSQL.
    #[must_use]
    pub const fn text(&self, embedded: bool) -> &'static str {
        if embedded { self.sqlite } else { self.postgres }
    }

    /// The SHA-256 of the text, independent of the style of line ends.
    fn digest(&self, embedded: bool) -> String {
        let mut digest = Sha256::new();
        for line in self.text(embedded).lines() {
            digest.update(line);
            digest.update("\n");
        }
        format!("{:x}", digest.finalize())
    }
}

/// The extensions of PostgreSQL that migrations need.
const EXTENSIONS: [(&str, &str); 1] = [("0012_names", "pg_trgm")];

/// All migrations in order. A released migration must not be changed; add a file.
pub const MIGRATIONS: &[Migration] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migration \
                      (name TEXT PRIMARY KEY NOT NULL, digest TEXT NOT NULL, applied BIGINT NOT NULL)";
/// Lets only one of several replicas that start at once apply a migration; the others then find it applied. PostgreSQL releases the lock at
/// the end of the transaction. On SQLite the file's own lock does this.
const LOCK: &str = "SELECT pg_advisory_xact_lock(22643821190804340)";

const ADVICE: &str = "start the program that made it, or begin with an empty one";

statements! {
    /// The applied migrations and the digests of their texts.
    unscoped APPLIED: () => (String, String) = "SELECT name, digest FROM schema_migration ORDER BY name";
    /// Records that a migration was applied.
    unscoped INSERT_APPLIED: (String, String, Timestamp) => () = "INSERT INTO schema_migration (name, digest, applied) VALUES ($1, $2, $3)";
}

/// Applies those of the program's migrations that are missing, and returns their names.
///
/// # Errors
/// See [`migrate_by`].
pub async fn migrate(db: &Db, now: Timestamp) -> Result<Vec<&'static str>> {
    migrate_by(MIGRATIONS, db, now).await
}

/// Applies those of these migrations that are missing, and returns their names.
///
/// # Errors
/// If the database was made by a newer program or by other texts, or a migration fails; that migration is rolled back then.
pub async fn migrate_by(migrations: &[Migration], db: &Db, now: Timestamp) -> Result<Vec<&'static str>> {
    let mut connection = db.dedicated_connection().await?;
    let applied = run(&mut connection, &AppliedMigrations).await?;
    for (name, digest) in &applied {
        let Some(known) = migrations.iter().find(|known| known.name == name) else {
            return Err(Error::Database(format!(
                "it was migrated by a newer program: {name} is unknown to this program"
            )));
        };
        if known.digest(db.is_embedded()) != *digest {
            return Err(Error::Database(format!(
                "it was made by another text of {name} than this program's: {ADVICE}"
            )));
        }
    }
    let mut ran = Vec::new();
    for migration in migrations.iter().filter(|known| !is_applied(&applied, known)) {
        if run(&mut connection, &ApplyMigration { migration: *migration, embedded: db.is_embedded(), now }).await? {
            ran.push(migration.name);
        }
    }
    Ok(ran)
}

fn is_applied(applied: &[(String, String)], migration: &Migration) -> bool {
    applied.iter().any(|(name, _)| name == migration.name)
}

/// Runs a write under the lock and without a time limit. After an error the caller must drop the connection, which rolls back.
async fn run<W: Write<Error = Error>>(connection: &mut DedicatedConnection, write: &W) -> Result<W::Out> {
    connection.begin().await?;
    let mut state = TxState::write(None, 0);
    let link = connection.link();
    let is_shared = matches!(link, Link::Postgres(_));
    let mut tx = Tx::new(link, &mut state);
    if is_shared {
        tx.script(LOCK).await?;
    }
    let out = write.run(&mut tx).await?;
    connection.command("COMMIT").await?;
    Ok(out)
}

/// Creates the table of applied migrations, if it is missing, and reads it.
struct AppliedMigrations;

impl Write for AppliedMigrations {
    type Out = Vec<(String, String)>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        tx.script(CREATE_TABLE).await?;
        tx.all(&APPLIED, ()).await.map_err(|error| match error {
            // Before the first release the table had no digests.
            Error::Database(why) => {
                Error::Database(format!("its list of migrations is not this program's ({why}): {ADVICE}"))
            }
            other => other,
        })
    }
}

struct ApplyMigration {
    migration: Migration,
    embedded: bool,
    now: Timestamp,
}

impl Write for ApplyMigration {
    type Out = bool;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if is_applied(&tx.all(&APPLIED, ()).await?, &self.migration) {
            return Ok(false);
        }
        let needs = |(name, _): &&(&str, &str)| *name == self.migration.name && !self.embedded;
        for (_, extension) in EXTENSIONS.iter().filter(needs) {
            create_extension(tx, extension).await?;
        }
        tx.script(self.migration.text(self.embedded)).await?;
        let digest = self.migration.digest(self.embedded);
        tx.exactly_one(&INSERT_APPLIED, (self.migration.name, digest, self.now)).await?;
        Ok(true)
    }
}

/// PostgreSQL asks for no right if the extension exists already.
async fn create_extension(tx: &mut Tx<'_>, extension: &str) -> Result<()> {
    let created = tx.script(&format!("CREATE EXTENSION IF NOT EXISTS {extension}")).await;
    created.map_err(|error| match error {
        Error::Database(why) => Error::Database(format!(
            "it needs PostgreSQL's extension {extension}, which could not be created ({why}). An administrator of PostgreSQL must \
             connect to this database and type: CREATE EXTENSION {extension}; If PostgreSQL does not have the extension, install its \
             package of additional modules (contrib) first."
        )),
        other => other,
    })
}

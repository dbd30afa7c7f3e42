//! A database for one test: an SQLite file in a temporary folder, or a new database on a PostgreSQL server.

use sqlx::{AssertSqlSafe, Connection};
use store::db::Location;
use tempfile::TempDir;
use uuid::Uuid;

/// Which database a test runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// The environment variable with the URL of any database on the PostgreSQL server for tests.
pub const SERVER: &str = "TEST_DATABASE_URL";

/// A database that belongs to one test.
pub struct TestDb {
    location: Location,
    storage: Storage,
}

enum Storage {
    Folder(TempDir),
    Server { url: String, name: String },
}

impl TestDb {
    /// Creates an empty database.
    ///
    /// # Panics
    /// If that fails, because a test without its database has failed.
    pub async fn create(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let folder = TempDir::new().expect("a temporary folder can be created");
                Self { location: Location::File(folder.path().join("provost.db")), storage: Storage::Folder(folder) }
            }
            Backend::Postgres => {
                let url = server();
                let name = format!("p_{}", random().simple());
                command(&url, format!("CREATE DATABASE {name}")).await;
                Self {
                    location: Location::Postgres(with_database(&url, &name)),
                    storage: Storage::Server { url, name },
                }
            }
        }
    }

    /// The location for `store`.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Removes the database and ends all connections to it.
    ///
    /// # Panics
    /// If that fails.
    pub async fn remove(self) {
        match self.storage {
            Storage::Folder(folder) => folder.close().expect("a test's folder can be removed"),
            Storage::Server { url, name } => command(&url, format!("DROP DATABASE {name} WITH (FORCE)")).await,
        }
    }
}

fn server() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no settings: the test command passes the server in this variable"
    )]
    let url = std::env::var(SERVER);
    url.unwrap_or_else(|_| {
        panic!("{SERVER} must be the URL of a PostgreSQL database; a test without its database has failed")
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests run in parallel processes, so the names of their databases can't come from a seed"
)]
fn random() -> Uuid {
    Uuid::new_v4()
}

/// The URL of another database on the same server.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let scheme = address.find("://").map_or(0, |at| at + 3);
    let server = address[scheme..].find('/').map_or(address, |at| &address[..scheme + at]);
    query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}"))
}

/// Not through `store`, because databases can't be created and dropped in a transaction.
async fn command(url: &str, text: String) {
    #[expect(clippy::disallowed_types, reason = "`store` can't create and drop databases")]
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap_or_else(|error| panic!("{SERVER}: {error}"));
    let done = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await;
    done.unwrap_or_else(|error| panic!("{SERVER}: {error}"));
    connection.close().await.expect("a connection closes");
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn database_of_a_url_is_replaced() {
        for (url, other) in [
            ("postgres://u@127.0.0.1:5432/postgres", "postgres://u@127.0.0.1:5432/p_1"),
            ("postgres://u@localhost", "postgres://u@localhost/p_1"),
            ("postgres://u@localhost/a?host=/tmp/x&port=1", "postgres://u@localhost/p_1?host=/tmp/x&port=1"),
        ] {
            assert_eq!(with_database(url, "p_1"), other);
        }
    }
}

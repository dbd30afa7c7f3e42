//! A database for one test: an SQLite file in a folder of its own, or a PostgreSQL database that is dropped again.

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

/// The variable that names a PostgreSQL server for tests, by the URL of a database on it.
pub const SERVER: &str = "TEST_DATABASE_URL";

/// A database that belongs to one test.
pub struct TestDb {
    location: Location,
    home: Home,
}

enum Home {
    Folder(TempDir),
    Server { url: String, name: String },
}

impl TestDb {
    /// Makes an empty one.
    ///
    /// # Panics
    /// If it can't be made: a test on a database that is not there has failed.
    pub async fn make(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let folder = TempDir::new().expect("a temporary folder can be made");
                Self { location: Location::File(folder.path().join("provost.db")), home: Home::Folder(folder) }
            }
            Backend::Postgres => {
                let url = server();
                let name = format!("p_{}", random().simple());
                command(&url, format!("CREATE DATABASE {name}")).await;
                Self { location: Location::Postgres(with_database(&url, &name)), home: Home::Server { url, name } }
            }
        }
    }

    /// Where it lies.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Removes it, with whatever still uses it.
    ///
    /// # Panics
    /// If it can't be removed.
    pub async fn remove(self) {
        match self.home {
            Home::Folder(folder) => folder.close().expect("a test's folder can be removed"),
            Home::Server { url, name } => command(&url, format!("DROP DATABASE {name} WITH (FORCE)")).await,
        }
    }
}

fn server() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no settings: the test command names their server by this variable"
    )]
    let url = std::env::var(SERVER);
    url.unwrap_or_else(|_| panic!("{SERVER} must name a PostgreSQL server; a test without its database has failed"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests run side by side, so the names of their databases can't come from a seed"
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

/// Databases are made and dropped outside of any transaction, so not through `store`.
async fn command(url: &str, text: String) {
    #[expect(clippy::disallowed_types, reason = "making and dropping databases is beyond what the storage path can do")]
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap_or_else(|error| panic!("{SERVER}: {error}"));
    let done = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await;
    done.unwrap_or_else(|error| panic!("{SERVER}: {error}"));
    connection.close().await.expect("a connection closes");
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        for (url, other) in [
            ("postgres://u@127.0.0.1:5432/postgres", "postgres://u@127.0.0.1:5432/p_1"),
            ("postgres://u@localhost", "postgres://u@localhost/p_1"),
            ("postgres://u@localhost/a?host=/tmp/x&port=1", "postgres://u@localhost/p_1?host=/tmp/x&port=1"),
        ] {
            assert_eq!(with_database(url, "p_1"), other);
        }
    }
}

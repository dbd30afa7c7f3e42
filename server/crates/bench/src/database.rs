//! A PostgreSQL database for one server, created and dropped with `psql`. Must not know its tables.

use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::process::run_command;

const LIMIT: Duration = Duration::from_secs(30);

/// A new empty database; dropping the value drops the database.
#[derive(Debug)]
pub struct Database {
    cluster: String,
    name: String,
}

impl Database {
    /// Creates a database in a cluster; `cluster` is the URL of any of its databases.
    pub async fn create(cluster: &str) -> Result<Self> {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        let number = CREATED.fetch_add(1, Ordering::Relaxed);
        let name = format!("clients_{}_{number}", std::process::id());
        let output = run_command(&mut psql(cluster, &format!("CREATE DATABASE {name}")), "", LIMIT).await?;
        ensure!(output.success, "cannot create a database: {}", output.text());
        Ok(Self { cluster: cluster.to_owned(), name })
    }

    pub fn url(&self) -> Result<String> {
        with_database(&self.cluster, &self.name)
            .context("the URL of a PostgreSQL cluster has the form postgres://host/name")
    }

    /// Locks a table, so that no other session can read it until the lock is dropped.
    pub async fn lock(&self, table: &str) -> Result<TableLock> {
        let mut command = Command::new("psql");
        command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname", &self.url()?]);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut session = piped.spawn().context("cannot start psql")?;
        let statements = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n");
        let (stdin, stdout) = (session.stdin.as_mut(), session.stdout.as_mut());
        let (stdin, stdout) = stdin.zip(stdout).context("psql has no pipes")?;
        stdin.write_all(statements.as_bytes()).await?;
        let answer =
            tokio::time::timeout(LIMIT, BufReader::new(stdout).lines().next_line()).await.context("no lock")??;
        ensure!(answer.as_deref() == Some("locked"), "cannot lock the table {table}: {answer:?}");
        Ok(TableLock { _session: session })
    }

    /// The URL for the reference server's driver, asyncpg: over TCP, because that driver ignores a socket folder in `host`.
    pub fn url_for_asyncpg(&self) -> Result<String> {
        let url = self.url()?;
        let (_, rest) = url.split_once("://").context("the URL has no scheme")?;
        let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = authority.split_once('/').context("the URL has no database")?;
        let port = query.split('&').find_map(|pair| pair.strip_prefix("port="));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("postgres", authority));
        let host = match port {
            Some(port) => format!("127.0.0.1:{port}"),
            None => host.to_owned(),
        };
        Ok(format!("postgresql+asyncpg://{user}@{host}/{path}"))
    }
}

/// A session of `psql` that has a table locked. The server ends the transaction when the session is killed.
#[derive(Debug)]
pub struct TableLock {
    _session: Child,
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // The result is ignored: the cluster may have stopped already.
        drop(psql(&self.cluster, &statement).into_std().stdin(Stdio::null()).output());
    }
}

fn psql(cluster: &str, statement: &str) -> Command {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--dbname", cluster, "--command", statement]);
    command
}

fn with_database(url: &str, name: &str) -> Option<String> {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let host = base.find("://")? + "://".len();
    let end = base[host..].find('/').map_or(base.len(), |slash| host + slash);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{}/{name}{query}", &base[..end]))
}

#[cfg(test)]
mod tests {
    use super::{Database, with_database};

    #[test]
    fn url_of_another_database_of_the_cluster() {
        assert_eq!(with_database("postgres://u:p@h:5/postgres", "a").unwrap(), "postgres://u:p@h:5/a");
        assert_eq!(with_database("postgres://h", "a").unwrap(), "postgres://h/a");
        assert_eq!(
            with_database("postgres://u@h/x?host=/tmp/d&port=5", "a").unwrap(),
            "postgres://u@h/a?host=/tmp/d&port=5"
        );
        assert_eq!(with_database("nonsense", "a"), None);
    }

    #[test]
    fn asyncpg_url_connects_over_tcp() {
        for (cluster, expected) in [
            ("postgres://postgres@localhost/postgres?host=/tmp/d&port=54331", "postgres@127.0.0.1:54331/a"),
            ("postgres://postgres@127.0.0.1:54331/postgres", "postgres@127.0.0.1:54331/a"),
        ] {
            // `ManuallyDrop`: this database was never created, so `drop` must not connect to a cluster.
            let database = std::mem::ManuallyDrop::new(Database { cluster: cluster.into(), name: "a".into() });
            assert_eq!(database.url_for_asyncpg().unwrap(), format!("postgresql+asyncpg://{expected}"));
        }
    }
}

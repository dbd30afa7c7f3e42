//! A PostgreSQL database for one server, made and dropped with `psql`. Must not know what lies in it.

use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use crate::process::finish;

const LIMIT: Duration = Duration::from_secs(30);

/// An empty database of its own; dropping the value drops the database.
#[derive(Debug)]
pub struct Database {
    cluster: String,
    name: String,
}

impl Database {
    /// Makes a database in the cluster that `cluster` (the address of any of its databases) names.
    pub async fn create(cluster: &str) -> Result<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("clients_{}_{number}", std::process::id());
        let made = finish(&mut psql(cluster, &format!("CREATE DATABASE {name}")), "", LIMIT).await?;
        ensure!(made.success, "cannot make a database: {}", made.text());
        Ok(Self { cluster: cluster.to_owned(), name })
    }

    pub fn url(&self) -> Result<String> {
        renamed(&self.cluster, &self.name)
            .context("the address of a PostgreSQL cluster looks like postgres://host/name")
    }

    /// The address in the words of the reference server's driver, which reads no socket folder.
    pub fn url_for_asyncpg(&self) -> Result<String> {
        let url = self.url()?;
        let (_, rest) = url.split_once("://").context("no scheme")?;
        let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = authority.split_once('/').context("no database")?;
        let port = query.split('&').find_map(|pair| pair.strip_prefix("port="));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("postgres", authority));
        let host = match port {
            Some(port) => format!("127.0.0.1:{port}"),
            None => host.to_owned(),
        };
        Ok(format!("postgresql+asyncpg://{user}@{host}/{path}"))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // Nothing can be done about a cluster that has gone away first.
        drop(psql(&self.cluster, &statement).into_std().stdin(Stdio::null()).output());
    }
}

fn psql(cluster: &str, statement: &str) -> Command {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--dbname", cluster, "--command", statement]);
    command
}

fn renamed(url: &str, name: &str) -> Option<String> {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let host = base.find("://")? + "://".len();
    let end = base[host..].find('/').map_or(base.len(), |slash| host + slash);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{}/{name}{query}", &base[..end]))
}

#[cfg(test)]
mod tests {
    use super::{Database, renamed};

    #[test]
    fn another_database_of_the_same_cluster() {
        assert_eq!(renamed("postgres://u:p@h:5/postgres", "a").unwrap(), "postgres://u:p@h:5/a");
        assert_eq!(renamed("postgres://h", "a").unwrap(), "postgres://h/a");
        assert_eq!(renamed("postgres://u@h/x?host=/tmp/d&port=5", "a").unwrap(), "postgres://u@h/a?host=/tmp/d&port=5");
        assert_eq!(renamed("nonsense", "a"), None);
    }

    #[test]
    fn asyncpg_connects_over_tcp() {
        for (cluster, expected) in [
            ("postgres://postgres@localhost/postgres?host=/tmp/d&port=54331", "postgres@127.0.0.1:54331/a"),
            ("postgres://postgres@127.0.0.1:54331/postgres", "postgres@127.0.0.1:54331/a"),
        ] {
            // A database that was never made: forgetting it keeps `drop` from looking for a cluster.
            let database = std::mem::ManuallyDrop::new(Database { cluster: cluster.into(), name: "a".into() });
            assert_eq!(database.url_for_asyncpg().unwrap(), format!("postgresql+asyncpg://{expected}"));
        }
    }
}

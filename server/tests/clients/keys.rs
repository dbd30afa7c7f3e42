//! Keys that are none, or none any more: the client says so in words that a person understands.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bench::api::Api;
use tokio::time::sleep;

use crate::place::{self, Database};

const READABLE: &str = "Unable to authenticate with Prefect Cloud. Please ensure your credentials are correct";
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn refused(version: &str) -> Result<()> {
    let client = place::client(version)?;
    let provost = place::provost(Database::Sqlite, &[]).await?;
    provost.person("ada", &["main"]).await?;
    let good = provost.key("ada", "good", "never").await?;
    let expired = provost.key("ada", "short", "1s").await?;
    let deleted = provost.key("ada", "old", "never").await?;
    client.point_at(provost.url()).await?;

    until_refused(provost.url(), &expired).await?;
    let old = Api::new(format!("{}/api", provost.url()), Some(&deleted))?;
    ensure!(old.status("/me/workspaces").await? == 200, "a new key opens nothing");
    provost.browser("ada").await?.delete_key("old").await?;
    ensure!(old.status("/me/workspaces").await? == 401, "a deleted key still opens");

    for (kind, key) in [("wrong", damaged(&good)), ("expired", expired), ("deleted", deleted)] {
        let done = client.try_log_in(&key, "ada/main").await?;
        ensure!(!done.success && done.text().contains(READABLE), "{kind} key, the client says:\n{}", done.text());
    }
    client.log_in(provost.url(), &good, "ada/main").await?;
    Ok(())
}

/// The same key but for one character in the middle.
fn damaged(key: &str) -> String {
    let at = key.len() / 2;
    let other = if key.as_bytes().get(at) == Some(&b'a') { "b" } else { "a" };
    format!("{}{other}{}", &key[..at], &key[at + 1..])
}

async fn until_refused(server: &str, key: &str) -> Result<()> {
    let api = Api::new(format!("{server}/api"), Some(key))?;
    let start = Instant::now();
    loop {
        match api.status("/me/workspaces").await? {
            401 => return Ok(()),
            200 => ensure!(start.elapsed() < PATIENCE, "a key of one second still opens after {PATIENCE:?}"),
            other => ensure!(false, "/me/workspaces answers {other}"),
        }
        sleep(Duration::from_millis(100)).await;
    }
}

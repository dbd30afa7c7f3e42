//! Wrong, expired and deleted keys: the client prints an error that a person understands.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bench::api::Api;
use tokio::time::sleep;

use crate::setup::{self, Database};

const EXPECTED_ERROR: &str = "Unable to authenticate with Prefect Cloud. Please ensure your credentials are correct";
const TIMEOUT: Duration = Duration::from_secs(30);

pub async fn rejected(version: &str) -> Result<()> {
    let client = setup::client(version)?;
    let provost = setup::provost(Database::Sqlite, &[]).await?;
    provost.create_user("ada", &["main"]).await?;
    let good = provost.create_key("ada", "good", "never").await?;
    let expired = provost.create_key("ada", "short", "1s").await?;
    let deleted = provost.create_key("ada", "old", "never").await?;
    client.point_at(provost.url()).await?;

    wait_until_rejected(provost.url(), &expired).await?;
    let deleted_key = Api::new(format!("{}/api", provost.url()), Some(&deleted))?;
    ensure!(deleted_key.status("/me/workspaces").await? == 200, "a new key is rejected");
    provost.sign_in("ada").await?.delete_key("old").await?;
    ensure!(deleted_key.status("/me/workspaces").await? == 401, "a deleted key is accepted");

    for (kind, key) in [("wrong", damaged(&good)), ("expired", expired), ("deleted", deleted)] {
        let result = client.try_log_in(&key, "ada/main").await?;
        ensure!(
            !result.success && result.text().contains(EXPECTED_ERROR),
            "{kind} key, the client prints:\n{}",
            result.text()
        );
    }
    client.log_in(provost.url(), &good, "ada/main").await?;
    Ok(())
}

/// The key with one character changed in the middle.
fn damaged(key: &str) -> String {
    let at = key.len() / 2;
    let other = if key.as_bytes().get(at) == Some(&b'a') { "b" } else { "a" };
    format!("{}{other}{}", &key[..at], &key[at + 1..])
}

async fn wait_until_rejected(server: &str, key: &str) -> Result<()> {
    let api = Api::new(format!("{server}/api"), Some(key))?;
    let start = Instant::now();
    loop {
        match api.status("/me/workspaces").await? {
            401 => return Ok(()),
            200 => ensure!(start.elapsed() < TIMEOUT, "a key of one second is still accepted after {TIMEOUT:?}"),
            other => ensure!(false, "/me/workspaces answers {other}"),
        }
        sleep(Duration::from_millis(100)).await;
    }
}

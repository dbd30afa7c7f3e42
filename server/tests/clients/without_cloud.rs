//! Clients without a cloud URL: an API URL and a key, or local mode without sign-in and key.

use std::time::Duration;

use anyhow::{Result, ensure};
use bench::api::Api;
use bench::snapshot::Snapshot;

use crate::setup::{self, Database};

const TIMEOUT: Duration = Duration::from_secs(20);

/// HTTP works. The sockets of 3.x send no key then; the server rejects them with the name of the missing setting.
pub async fn api_url_and_key(version: &str) -> Result<()> {
    let mut client = setup::client(version)?;
    let provost = setup::provost(Database::Sqlite, &[]).await?;
    provost.create_user("ada", &["main"]).await?;
    let key = provost.create_key("ada", "laptop", "never").await?;
    let workspace = provost.workspace(&key, "main").await?;

    client.set("PREFECT_API_URL", workspace.base());
    client.set("PREFECT_API_KEY", &key);
    let output = client.run(&setup::script("basic")).await?;
    if version.starts_with("3.") {
        ensure!(output.contains(client.cloud_setting()), "the client does not print the missing setting:\n{output}");
    }
    Snapshot::wait_until_equal(&workspace, &setup::recording(version, "basic")?, TIMEOUT).await
}

/// The client runs as against the open-source server: its sockets send `token: null`, and all rows are recorded.
pub async fn local(version: &str) -> Result<()> {
    let mut client = setup::client(version)?;
    let provost = setup::provost(Database::Sqlite, &["--local"]).await?;
    let api = Api::new(format!("{}/api", provost.url()), None)?;

    client.set("PREFECT_API_URL", api.base());
    client.run(&setup::script("tasks")).await?;
    Snapshot::wait_until_equal(&api, &setup::recording(version, "tasks")?, TIMEOUT).await
}

//! Clients that were not told of any cloud: an address and a key, or the local mode with neither sign-in nor key.

use std::time::Duration;

use anyhow::{Result, ensure};
use bench::api::Api;
use bench::stored::Stored;

use crate::place::{self, Database};

const PATIENCE: Duration = Duration::from_secs(20);

/// HTTP works; the sockets of 3.x, which then carry no key, are refused with the name of the missing setting.
pub async fn address_and_key(version: &str) -> Result<()> {
    let mut client = place::client(version)?;
    let provost = place::provost(Database::Sqlite, &[]).await?;
    provost.person("ada", &["main"]).await?;
    let key = provost.key("ada", "laptop", "never").await?;
    let workspace = provost.workspace(&key, "main").await?;

    client.set("PREFECT_API_URL", workspace.base());
    client.set("PREFECT_API_KEY", &key);
    let printed = client.run(&place::script("basic")).await?;
    if version.starts_with("3.") {
        ensure!(printed.contains(client.cloud_setting()), "the client does not say what is missing:\n{printed}");
    }
    Stored::expect(&workspace, &place::recording(version, "basic")?, PATIENCE).await
}

/// A drop-in for the open server: `token: null` on the sockets, everything recorded.
pub async fn local(version: &str) -> Result<()> {
    let mut client = place::client(version)?;
    let provost = place::provost(Database::Sqlite, &["--local"]).await?;
    let api = Api::new(format!("{}/api", provost.url()), None)?;

    client.set("PREFECT_API_URL", api.base());
    client.run(&place::script("tasks")).await?;
    Stored::expect(&api, &place::recording(version, "tasks")?, PATIENCE).await
}

//! Both scripts by each client, compared with what the reference server has stored for them.

use std::time::Duration;

use anyhow::Result;
use bench::stored::Stored;

use crate::place::{self, Database};

/// The client's last batch of logs and events has been taken before it ends; this is for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);

pub async fn signed_in(database: Database, version: &str, script: &str) -> Result<()> {
    let expected = place::recording(version, script)?;
    let client = place::client(version)?;
    let provost = place::provost(database, &[]).await?;
    provost.person("ada", &["main"]).await?;
    let key = provost.key("ada", "laptop", "30d").await?;

    client.log_in(provost.url(), &key, "ada/main").await?;
    client.run(&place::script(script)).await?;
    Stored::expect(&provost.workspace(&key, "main").await?, &expected, PATIENCE).await
}

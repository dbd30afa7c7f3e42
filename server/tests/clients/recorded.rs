//! Both scripts with each client: the stored rows must equal those of the reference server.

use std::time::Duration;

use anyhow::Result;
use bench::snapshot::Snapshot;

use crate::setup::{self, Database};

/// The client sends its last logs and events before it ends; the timeout allows for a busy machine.
const TIMEOUT: Duration = Duration::from_secs(20);

pub async fn signed_in(database: Database, version: &str, script: &str) -> Result<()> {
    let expected = setup::recording(version, script)?;
    let client = setup::client(version)?;
    let provost = setup::provost(database, &[]).await?;
    provost.create_user("ada", &["main"]).await?;
    let key = provost.create_key("ada", "laptop", "30d").await?;

    client.log_in(provost.url(), &key, "ada/main").await?;
    client.run(&setup::script(script)).await?;
    Snapshot::wait_until_equal(&provost.workspace(&key, "main").await?, &expected, TIMEOUT).await
}

//! Variables, artifacts, results and serving, by the client's functions, classes and commands. One process of the client does
//! all of it, because importing prefect takes seconds; the script compares what it reads with what it wrote.

use anyhow::Result;

use crate::setup::{self, Database};

pub async fn used_by_client(database: Database, version: &str) -> Result<()> {
    let mut client = setup::client(version)?;
    let provost = setup::provost(database, &[]).await?;
    provost.create_user("ada", &["main"]).await?;
    let key = provost.create_key("ada", "laptop", "never").await?;
    let workspace = provost.workspace(&key, "main").await?;

    client.use_workspace(provost.url(), workspace.base(), &key);
    client.run(&setup::script("resources/__main__")).await?;
    Ok(())
}

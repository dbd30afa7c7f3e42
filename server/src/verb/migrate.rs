//! `provost migrate`.

use crate::{config::Config, wiring};

/// Runs the pending migrations. A server may run at the same time.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let public_url = config.public_url(config.listen);
    wiring::open(config, &public_url).await?;
    tracing::info!(database = %config.database, "the database is up to date");
    Ok(())
}

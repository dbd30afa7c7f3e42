//! `provost serve`.

use std::io::{self, Write as _};

use anyhow::Context as _;
use control::changes::Change;
use services::Services;
use tokio::net::TcpListener;

use crate::{config::Config, http, listener, web::pages, wiring};

/// Serves until a stop signal.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let _database_lock = wiring::DatabaseLock::acquire(&config.database)?;
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener.with_context(|| format!("can't listen on {} (--listen)", config.listen))?;
    let public_url = config.public_url(listener.local_addr()?);
    let cx = wiring::open(&config, &public_url).await?;
    if config.local {
        control::local::ensure(&cx).await.context("can't create the workspace of local mode")?;
    }
    let pages = pages::pages(&cx, &public_url);
    let router = http::router(&cx, &config, &public_url, pages);

    cx.db.follow_other_processes();
    let services = Services::start(&cx);
    let stop = listener::stop_on_signal()?;
    let (stopping, changes) = (stop.clone(), cx.changes().clone());
    tokio::spawn(async move {
        stopping.cancelled().await;
        changes.publish([Change::Stopping]);
    });
    tracing::info!(database = %config.database, %public_url, "ready");
    // The person who started the server sees this line at any log level. Standard output may be closed, so errors are ignored.
    let _ignored = writeln!(io::stdout(), "Provost is ready: open {public_url} in a browser");
    listener::serve(listener, router, config.connections, stop).await;
    services.stop().await;
    cx.changes().flush().await;
    Ok(())
}

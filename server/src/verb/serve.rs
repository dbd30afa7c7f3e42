//! `provost serve`.

use std::io::{self, Write as _};

use anyhow::Context as _;
use control::bus::Change;
use services::Services;
use tokio::net::TcpListener;

use crate::{config::Config, http, listener, web::pages, wiring};

/// Serves until told to stop.
pub async fn run(config: Config) -> anyhow::Result<()> {
    // Held to the end: of what happens in one process the other would hear nothing.
    let _owned = wiring::Ownership::take(&config.database)?;
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener.with_context(|| format!("can't listen on {} (--listen)", config.listen))?;
    let public_url = config.public_url(listener.local_addr()?);
    let cx = wiring::open(&config, &public_url).await?;
    if config.local {
        control::local::ensure(&cx).await.context("can't make the workspace of local mode")?;
    }
    let pages = pages::pages(&cx, &public_url);
    let router = http::router(&cx, &config, &public_url, pages);

    let services = Services::start(&cx);
    let stop = listener::stop_on_signal()?;
    let (told, bus) = (stop.clone(), cx.bus.clone());
    tokio::spawn(async move {
        told.cancelled().await;
        bus.tell(Change::Stopping);
    });
    tracing::info!(database = %config.database, %public_url, "ready");
    // For whoever typed the command, whatever they want of the log. Nobody may be there to read it.
    let _unread = writeln!(io::stdout(), "Provost is ready: open {public_url} in a browser");
    listener::serve(listener, router, config.connections, stop).await;
    services.stop().await;
    Ok(())
}

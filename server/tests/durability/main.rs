//! What was acknowledged is stored, whatever happens below the server: killed, out of room, without power.
#![cfg(test)]

use std::{ffi::OsString, path::Path};

use anyhow::{Result, bail};
use axum::Router;
use bench::{
    fault::{
        crash, full,
        trace::{self, Place},
    },
    provost::Provost,
};
use server::{
    config::{Config, DatabaseUrl, Given},
    http, listener, wiring,
};
use store::db::{Db, Durability, Limits, Location};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const KILLS: usize = 20;
/// Of each of 32 writers, three writes a run: more than 2,000 acknowledgements.
const TRACED_RUNS: usize = 21;

fn provost() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_provost"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledgement_leaves_before_its_sync() -> Result<()> {
    let shown = trace::run(|place| Ok(place.serve(provost())), TRACED_RUNS).await?;
    assert!(shown.acknowledged >= 2_000, "{shown:?}");
    assert_eq!(shown.early, 0, "{shown:?}");
    Ok(())
}

/// The check above is worth something: it finds what it looks for.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_sync_is_found_out() -> Result<()> {
    let shown = trace::run(unsynced, TRACED_RUNS).await?;
    assert!(shown.early > shown.acknowledged / 2, "{shown:?}");
    Ok(())
}

/// This program again, as the server below.
fn unsynced(place: &Place) -> Result<Vec<OsString>> {
    let setting = |name: &str, value: OsString| {
        let mut setting = OsString::from(format!("PROVOST_{name}="));
        setting.push(value);
        setting
    };
    let listen = format!("127.0.0.1:{}", place.port);
    Ok(vec![
        "env".into(),
        setting("LISTEN", listen.into()),
        setting("DATA_DIR", place.folder.clone().into()),
        setting("LOCAL", "true".into()),
        std::env::current_exe()?.into(),
        "--ignored".into(),
        "--exact".into(),
        "a_server_that_does_not_sync".into(),
    ])
}

/// The product but for one setting that it does not offer.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "no test: a server that another test starts, and that does not end by itself"]
async fn a_server_that_does_not_sync() -> Result<()> {
    let config = Config::load(Given::flags([]), None)?;
    let listener = TcpListener::bind(config.listen).await?;
    let public_url = config.public_url(listener.local_addr()?);
    let mut cx = wiring::open(&config, &public_url).await?;
    let DatabaseUrl::Sqlite(path) = &config.database else { bail!("not on an embedded database") };
    let limits = Limits { durability: Durability::Normal, ..Limits::default() };
    cx.db = Db::open(&Location::File(path.clone()), limits).await?;
    control::local::ensure(&cx).await?;
    let router = http::router(&cx, &config, &public_url, Router::new());
    listener::serve(listener, router, config.connections, CancellationToken::new()).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_lose_no_acknowledged_write() -> Result<()> {
    let server = Provost::start(provost(), None, &["--local", "--log-level", "warn"]).await?;
    let acknowledged = crash::kill(server, KILLS).await?;
    assert!(acknowledged > KILLS * 20, "{acknowledged}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_and_recovers() -> Result<()> {
    full::fill(provost()).await.map(drop)
}

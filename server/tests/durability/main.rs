//! Acknowledged writes are stored durably: after a kill, on a full disk, and across a power failure.
#![cfg(test)]

use std::{ffi::OsString, path::Path};

use anyhow::{Result, bail};
use axum::Router;
use bench::{
    fault::{
        crash, full,
        trace::{self, ServeOptions},
    },
    provost::Provost,
};
use server::{
    config::{Config, DatabaseUrl, Source},
    http, listener, wiring,
};
use store::db::{Db, Durability, Limits, Location};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const KILLS: usize = 20;
/// Runs of each of 32 writers, with three writes a run: more than 2,000 acknowledgements.
const TRACED_RUNS: usize = 21;

fn provost() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_provost"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledgement_leaves_before_its_sync() -> Result<()> {
    let report = trace::run(|options| Ok(options.command_line(provost())), TRACED_RUNS).await?;
    assert!(report.acknowledged >= 2_000, "{report:?}");
    assert_eq!(report.early, 0, "{report:?}");
    Ok(())
}

/// Proves that the check above detects a missing sync.
#[tokio::test(flavor = "multi_thread")]
async fn trace_detects_a_server_that_does_not_sync() -> Result<()> {
    let report = trace::run(unsynced, TRACED_RUNS).await?;
    assert!(report.early > report.acknowledged / 2, "{report:?}");
    Ok(())
}

/// Runs this test program as the server [`a_server_that_does_not_sync`].
fn unsynced(options: &ServeOptions) -> Result<Vec<OsString>> {
    let setting = |name: &str, value: OsString| {
        let mut setting = OsString::from(format!("PROVOST_{name}="));
        setting.push(value);
        setting
    };
    let listen = format!("127.0.0.1:{}", options.port);
    Ok(vec![
        "env".into(),
        setting("LISTEN", listen.into()),
        setting("DATA_DIR", options.folder.clone().into()),
        setting("LOCAL", "true".into()),
        std::env::current_exe()?.into(),
        "--ignored".into(),
        "--exact".into(),
        "a_server_that_does_not_sync".into(),
    ])
}

/// The real server, except for `Durability::Normal`, which its settings do not offer.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "not a test: another test starts it as a server, and it never ends by itself"]
async fn a_server_that_does_not_sync() -> Result<()> {
    let config = Config::load(Source::flags([]))?;
    let listener = TcpListener::bind(config.listen).await?;
    let public_url = config.public_url(listener.local_addr()?);
    let mut cx = wiring::open(&config, &public_url).await?;
    let DatabaseUrl::Sqlite(path) = &config.database else { bail!("not an embedded database") };
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
async fn full_disk_rejects_writes_and_recovers() -> Result<()> {
    full::fill(provost()).await.map(drop)
}

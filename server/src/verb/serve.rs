//! `provost serve`.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
};

use anyhow::Context as _;
use control::{
    Cx,
    changes::Change,
    person::{self, SignUp},
};
use identity::SetupToken;
use services::Services;
use tokio::net::TcpListener;

use crate::{
    config::{Config, PublicUrl},
    http, listener,
    web::pages,
    wiring,
};

/// Serves until a stop signal.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let _database_lock = wiring::DatabaseLock::acquire(&config.database)?;
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener.with_context(|| format!("can't listen on {} (--listen)", config.listen))?;
    let bound = listener.local_addr()?;
    let public_url = config.public_url(bound);
    let cx = wiring::open(&config, &public_url).await?;
    if config.local {
        control::local::ensure(&cx).await.context("can't create the workspace of local mode")?;
    }
    let setup_token = setup_token(&cx, &public_url).await?;
    warn_of_open_registration(&cx, &public_url, bound);
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
    if let Some(token) = setup_token {
        let link = app::links::first_registration(token.reveal(), None);
        let _ignored = writeln!(io::stdout(), "Create the first account, an administrator: {public_url}{link}");
    }
    listener::serve(listener, router, config.connections, stop).await;
    services.stop().await;
    cx.changes().flush().await;
    Ok(())
}

/// The token of a new link for the first person, if nobody has registered. A server with a URL of its own machine needs none, since the
/// person there can make anybody an administrator.
async fn setup_token(cx: &Cx, public_url: &PublicUrl) -> anyhow::Result<Option<SetupToken>> {
    if cx.settings.local || public_url.is_loopback() {
        return Ok(None);
    }
    let token = person::issue_setup_token(cx).await.context("can't make the link for the first account")?;
    if token.is_some() {
        tracing::info!("there is no account yet: standard output has a link that creates the first, an administrator");
    }
    Ok(token)
}

/// Logs that everybody may register, if people on other machines can, which an operator may not expect.
fn warn_of_open_registration(cx: &Cx, public_url: &PublicUrl, bound: SocketAddr) {
    let is_public = !public_url.is_loopback() || !bound.ip().is_loopback();
    if cx.settings.sign_up == SignUp::Open && !cx.settings.local && is_public {
        tracing::warn!(%public_url, "everybody who reaches this server can register; to change that, set sign_up to domains or closed");
    }
}

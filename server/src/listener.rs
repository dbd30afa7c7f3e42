//! Accepts connections and serves HTTP/1.1 on them, with limits on their number and on time.
//!
//! `axum::serve` sets no timer, so a client that sends its headers byte by byte would occupy a connection for ever. The listener
//! must not know routes: it calls a service with each request and the address of its peer.

mod body;
mod file_limit;
mod header_timeout;
mod limiter;
mod wire;

use std::{convert::Infallible, future::Future, io, net::SocketAddr, pin::pin, time::Duration};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt as _};

use crate::config::ConnectionSettings;
use body::BodyBudget;
use header_timeout::HeaderTimer;
use limiter::{ConnectionLimiter, ConnectionPermit};
use wire::{ReadActivity, client_stream};

/// The pause after a failed `accept`, such as when the process has no file descriptor left.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Serves until `stop` is cancelled. Then it accepts no more connections, finishes open requests and closes idle connections.
/// Connections that are still open after `stop_timeout` are aborted.
pub async fn serve<S>(listener: TcpListener, service: S, limits: ConnectionSettings, stop: CancellationToken)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    file_limit::raise(limits.max);
    let (limiter, body_budget) = (ConnectionLimiter::new(&limits), BodyBudget::default());
    let abort = CancellationToken::new();
    while let Some((stream, peer, permit)) = next_connection(&listener, &limiter, &stop).await {
        let connection =
            serve_connection((stream, peer), (permit, body_budget.clone()), service.clone(), &limits, stop.clone());
        let abort = abort.clone();
        tokio::spawn(async move { abort.run_until_cancelled(connection).await });
    }
    drop(listener);
    if timeout(limits.stop_timeout, limiter.all_closed()).await.is_err() {
        tracing::warn!(
            "connections.open" = limiter.open_connections(),
            "aborting connections that did not end in time"
        );
    }
    abort.cancel();
}

/// Returns a token that SIGTERM or SIGINT cancels. A second signal ends the program at once.
pub fn stop_on_signal() -> io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        let mut next_signal = async || tokio::select! { _ = terminate.recv() => 143, _ = interrupt.recv() => 130 };
        next_signal().await;
        tracing::info!("stopping: finishing open requests");
        token.cancel();
        let code = next_signal().await;
        std::process::exit(code);
    });
    Ok(stop)
}

/// The next connection and its permit; `None` after `stop`. At the limit of all connections further ones wait in the system's
/// accept queue. Connections from an address at its own limit are closed.
async fn next_connection(
    listener: &TcpListener,
    limiter: &ConnectionLimiter,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, ConnectionPermit)> {
    let accepted = async {
        loop {
            let slot = limiter.acquire_slot().await?;
            let (stream, peer) = accept(listener).await;
            if let Some(permit) = limiter.permit(slot, peer.ip()) {
                return Some((stream, peer, permit));
            }
        }
    };
    stop.run_until_cancelled(accepted).await?
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The peer closed the connection before it was accepted.
            Err(error) if is_connection_error(&error) => {}
            // No file descriptor or memory left. The connection stays in the queue, so an immediate retry would spin.
            Err(error) => {
                tracing::error!(%error, "can't accept a connection");
                sleep(ACCEPT_BACKOFF).await;
            }
        }
    }
}

fn is_connection_error(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn serve_connection<S>(
    (stream, peer): (TcpStream, SocketAddr),
    (permit, body_budget): (ConnectionPermit, BodyBudget),
    service: S,
    limits: &ConnectionSettings,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send + use<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    // Responses are small and written at once, so Nagle's algorithm would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "can't set TCP_NODELAY");
    }
    let activity = ReadActivity::default();
    let stream = client_stream(stream, permit, limits.write_timeout, activity.clone());
    let (head_timeout, body_timeout) = (limits.head_timeout, limits.body_timeout);
    let timer = HeaderTimer::new(activity, head_timeout, limits.idle_timeout);
    let handle = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let request = request.map(|body| body::limited(body, body_timeout, body_budget.clone()));
        service.clone().oneshot(request)
    });
    async move {
        let mut builder = http1::Builder::new();
        builder.timer(timer).header_read_timeout(head_timeout);
        let mut connection = pin!(builder.serve_connection(stream, handle).with_upgrades());
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        // Clients often disconnect early, so this is no warning.
        if let Err(error) = ended {
            tracing::debug!(%error, client.address = %peer, "connection ended early");
        }
    }
}

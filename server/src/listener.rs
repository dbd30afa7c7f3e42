//! Accepts connections and speaks HTTP/1.1 on them, within bounds of number and time.
//!
//! axum's own loop sets no timer, so a client that sends its head byte by byte would hold a connection for ever. It knows
//! nothing of routes: it hands each request, with its peer's address, to a service.

mod files;
mod pace;
mod wire;

use std::{convert::Infallible, future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt as _};

use crate::config::Connections;
use pace::HeadTimer;
use wire::Wire;

/// How long to wait when the system has no room for another connection.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until `stop` is cancelled. Then no connection is accepted any more, requests under way are finished, idle
/// connections closed; what is left after the time for that is cut.
pub async fn serve<S>(listener: TcpListener, service: S, limits: Connections, stop: CancellationToken)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    files::make_room(limits.most);
    let slots = Arc::new(Semaphore::new(limits.most.min(Semaphore::MAX_PERMITS)));
    let cut = CancellationToken::new();
    while let Some((stream, peer, slot)) = next(&listener, &slots, &stop).await {
        let connection = connection(stream, slot, peer, service.clone(), limits, stop.clone());
        let cut = cut.clone();
        tokio::spawn(async move { cut.run_until_cancelled(connection).await });
    }
    drop(listener);
    // Every connection holds a slot, upgraded ones too: all slots back means that all are closed.
    let all = u32::try_from(slots.available_permits().max(limits.most)).unwrap_or(u32::MAX);
    if timeout(limits.stop_timeout, slots.acquire_many(all)).await.is_err() {
        tracing::warn!(
            "connections.open" = limits.most - slots.available_permits(),
            "cutting connections that did not end in time"
        );
    }
    cut.cancel();
}

/// Cancels the token on SIGTERM or SIGINT. A second signal ends the program at once, as if it were not caught.
pub fn stop_on_signal() -> io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        let mut next = async || tokio::select! { _ = terminate.recv() => 143, _ = interrupt.recv() => 130 };
        next().await;
        tracing::info!("stopping: finishing what is under way");
        told.cancel();
        let code = next().await;
        std::process::exit(code);
    });
    Ok(stop)
}

/// The next connection and the slot it takes; nothing once told to stop. At the bound connections wait in the system's
/// queue.
async fn next(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let accepted = async {
        let slot = slots.clone().acquire_owned().await.ok()?;
        let (stream, peer) = accept(listener).await;
        Some((stream, peer, slot))
    };
    stop.run_until_cancelled(accepted).await?
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The peer was gone before its turn came.
            Err(error) if is_of_one_connection(&error) => {}
            // Out of files or memory: the connection is still in the queue, and asking at once would spin.
            Err(error) => {
                tracing::error!(%error, "can't accept a connection");
                sleep(BREATH).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn connection<S>(
    stream: TcpStream,
    slot: OwnedSemaphorePermit,
    peer: SocketAddr,
    service: S,
    limits: Connections,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    // Answers are small and written whole: waiting for more to send only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "can't set TCP_NODELAY");
    }
    let wire = Wire::new(stream, slot);
    let timer = HeadTimer::new(wire.heard(), limits.head_timeout, limits.idle_timeout);
    let handle = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        service.clone().oneshot(request.map(Body::new))
    });
    async move {
        let mut builder = http1::Builder::new();
        builder.timer(timer).header_read_timeout(limits.head_timeout);
        let mut connection = pin!(builder.serve_connection(wire, handle).with_upgrades());
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        // Clients break off all the time.
        if let Err(error) = ended {
            tracing::debug!(%error, client.address = %peer, "connection ended early");
        }
    }
}

//! Accepts connections and speaks HTTP/1.1 on them, within bounds of number and time.
//!
//! axum's own loop sets no timer, so a client that sends its head byte by byte would hold a connection for ever. It knows
//! nothing of routes: it hands each request, with its peer's address, to a service.

mod body;
mod crowd;
mod files;
mod pace;
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

use crate::config::Connections;
use body::{PacedBody, Room};
use crowd::{Crowd, Place};
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
    let (crowd, room) = (Crowd::new(&limits), Room::default());
    let cut = CancellationToken::new();
    while let Some((stream, peer, place)) = next(&listener, &crowd, &stop).await {
        let connection = connection((stream, peer), (place, room.clone()), service.clone(), &limits, stop.clone());
        let cut = cut.clone();
        tokio::spawn(async move { cut.run_until_cancelled(connection).await });
    }
    drop(listener);
    if timeout(limits.stop_timeout, crowd.gone()).await.is_err() {
        tracing::warn!("connections.open" = crowd.count(), "cutting connections that did not end in time");
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

/// The next connection and the place it takes; nothing once told to stop. At the bound of all connections wait in the system's
/// queue; those of an address that has too many are closed.
async fn next(
    listener: &TcpListener,
    crowd: &Crowd,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, Place)> {
    let accepted = async {
        loop {
            let slot = crowd.slot().await?;
            let (stream, peer) = accept(listener).await;
            if let Some(place) = crowd.place(slot, peer.ip()) {
                return Some((stream, peer, place));
            }
        }
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
    (stream, peer): (TcpStream, SocketAddr),
    (place, room): (Place, Room),
    service: S,
    limits: &Connections,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send + use<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    // Answers are small and written whole: waiting for more to send only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "can't set TCP_NODELAY");
    }
    let wire = Wire::new(stream, place, limits.write_timeout);
    let (head_timeout, body_timeout) = (limits.head_timeout, limits.body_timeout);
    let timer = HeadTimer::new(wire.heard(), head_timeout, limits.idle_timeout);
    let handle = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        service.clone().oneshot(request.map(|body| Body::new(PacedBody::new(body, body_timeout, room.clone()))))
    });
    async move {
        let mut builder = http1::Builder::new();
        builder.timer(timer).header_read_timeout(head_timeout);
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

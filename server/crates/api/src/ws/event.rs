//! `/events/in`: clients send events. The pong to a client's ping confirms that all events before the ping are stored.

use std::time::Duration;

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::{IntoResponse, Response},
};
use control::{
    Cx, Error,
    access::{Credential, Workspace},
    event::{self, MAX_EVENTS},
    keyed_limiter::{KeyedLimiter, KeyedPermit},
};
use model::{
    event::{Event, MAX_BYTES},
    permission::WriteRuns,
};
use tokio::time::{sleep, timeout};

use super::{
    access_watch::AccessWatch,
    auth::{PROTOCOL, SocketAuth},
    close::{Close, send},
};
use crate::{
    error::ApiError,
    extract::body,
    route::{Route, routes},
};

/// Larger than the largest event, so that an event that is too large is dropped without closing the connection.
const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;

/// A larger batch is stored without waiting for further events.
const MAX_BATCH_BYTES: usize = 2 * 1024 * 1024;

/// The buffer of pongs for a client that does not read.
const MAX_WRITE_BUFFER_BYTES: usize = 64 * 1024;

/// Clients ping every 20 seconds; a connection without frames for so long is dead.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long storing a batch is retried. Clients wait 20 seconds for the pong.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause before the second try; each further pause is twice as long.
const INITIAL_BACKOFF: Duration = Duration::from_millis(50);

/// Each client process opens one socket.
const MAX_SOCKETS_PER_KEY: usize = 1_024;

/// Of all clients together that have not authenticated yet.
const MAX_UNAUTHENTICATED_SOCKETS: usize = 256;

pub fn routes() -> Vec<Route<Cx>> {
    let limits = ConnectionLimits {
        per_key: KeyedLimiter::new(MAX_SOCKETS_PER_KEY),
        unauthenticated: KeyedLimiter::new(MAX_UNAUTHENTICATED_SOCKETS),
    };
    routes![
        Get "/events/in" => move |auth: SocketAuth<WriteRuns>, cx: State<Cx>, upgrade: WebSocketUpgrade| {
            accept(limits.clone(), auth, cx, upgrade)
        },
    ]
}

/// Counts the open sockets.
#[derive(Clone)]
struct ConnectionLimits {
    per_key: KeyedLimiter<Credential>,
    unauthenticated: KeyedLimiter<()>,
}

/// The permit of a socket before its client sends the auth message.
enum PendingPermit {
    Authenticated(KeyedPermit<Credential>),
    Unauthenticated(#[expect(dead_code, reason = "dropping it releases the permit")] KeyedPermit<()>),
}

/// A socket whose client may still have to send the auth message.
struct PendingSocket {
    limits: ConnectionLimits,
    permit: PendingPermit,
    auth: SocketAuth<WriteRuns>,
    watch: AccessWatch,
}

impl ConnectionLimits {
    fn acquire_pending(&self, auth: &SocketAuth<WriteRuns>) -> Option<PendingPermit> {
        match auth.proof() {
            Some(ws) => self.per_key.try_acquire(ws.caller().credential()).map(PendingPermit::Authenticated),
            None => self.unauthenticated.try_acquire(()).map(PendingPermit::Unauthenticated),
        }
    }

    /// Exchanges the permit for one of the client's key.
    fn acquire_for_key(
        &self,
        permit: PendingPermit,
        ws: Workspace<WriteRuns>,
    ) -> Result<KeyedPermit<Credential>, Close> {
        match permit {
            PendingPermit::Authenticated(permit) => Ok(permit),
            PendingPermit::Unauthenticated(_) => {
                self.per_key.try_acquire(ws.caller().credential()).ok_or(Close::TOO_MANY_SOCKETS)
            }
        }
    }
}

async fn accept(
    limits: ConnectionLimits,
    auth: SocketAuth<WriteRuns>,
    State(cx): State<Cx>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Some(permit) = limits.acquire_pending(&auth) else {
        return ApiError::TooManyRequests { retry_after: 1 }.into_response();
    };
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .max_message_size(MAX_FRAME_BYTES)
        .max_frame_size(MAX_FRAME_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES);
    // Subscribed before the upgrade, so that no change during the upgrade is missed.
    let watch = AccessWatch::new(&cx);
    upgrade.on_upgrade(|socket| serve(socket, PendingSocket { limits, permit, auth, watch }, cx))
}

async fn serve(mut socket: WebSocket, pending: PendingSocket, cx: Cx) {
    let PendingSocket { limits, permit, auth, mut watch } = pending;
    let authorized = tokio::select! {
        authorized = auth.authorize(&cx, &mut socket) => authorized,
        close = watch.until_stopping() => Err(close),
    };
    let close = match authorized.and_then(|ws| Ok((ws, limits.acquire_for_key(permit, ws)?))) {
        Ok((ws, _permit)) => {
            let mut batcher = EventBatcher { cx: &cx, ws, pending: Vec::new(), bytes: 0, owes_pong: false };
            let close = tokio::select! {
                close = batcher.run(&mut socket) => close,
                close = watch.until_revoked(&cx, ws) => close,
            };
            if batcher.owes_pong {
                // The library would send its queued pong along with the close frame, and so confirm events that are not stored. Without
                // a close frame the client connects again and sends its events again.
                tracing::debug!(?close, "dropping an event socket without a close frame");
                return;
            }
            close
        }
        Err(close) => close,
    };
    tracing::debug!(?close, "closing an event socket");
    // The client may be disconnected already.
    let _unsent = send(&mut socket, close.message()).await;
}

/// Collects received events and stores them in batches.
struct EventBatcher<'a> {
    cx: &'a Cx,
    ws: Workspace<WriteRuns>,
    pending: Vec<Event>,
    bytes: usize,
    /// Whether a ping was received after events that are not stored yet.
    owes_pong: bool,
}

impl EventBatcher<'_> {
    async fn run(&mut self, socket: &mut WebSocket) -> Close {
        loop {
            match self.step(socket).await {
                Ok(()) => {}
                Err(close) => return close,
            }
        }
    }

    /// Handles the next frame. The library sends the pong when the socket is read again, so the events are stored before that.
    async fn step(&mut self, socket: &mut WebSocket) -> Result<(), Close> {
        let Some(frame) = self.next(socket).await? else { return self.store().await };
        match frame {
            Message::Text(text) => {
                if let Some(event) = parse(&text) {
                    self.bytes += text.len();
                    self.pending.push(event);
                }
                if self.pending.len() == MAX_EVENTS || self.bytes > MAX_BATCH_BYTES {
                    self.store().await?;
                }
                Ok(())
            }
            Message::Ping(_) => {
                self.owes_pong = true;
                self.store().await?;
                self.owes_pong = false;
                Ok(())
            }
            Message::Pong(_) => Ok(()),
            Message::Binary(_) => Err(Close::NOT_TEXT),
            Message::Close(_) => self.store().await.and(Err(Close::DISCONNECTED)),
        }
    }

    /// The next frame; none if events are pending and no frame has arrived.
    async fn next(&self, socket: &mut WebSocket) -> Result<Option<Message>, Close> {
        let received = if self.pending.is_empty() {
            timeout(IDLE_TIMEOUT, socket.recv()).await.map_err(|_| Close::IDLE)?
        } else {
            tokio::select! {
                biased;
                received = socket.recv() => received,
                () = std::future::ready(()) => return Ok(None),
            }
        };
        match received {
            Some(Ok(frame)) => Ok(Some(frame)),
            // Received events are stored even if the client is disconnected.
            Some(Err(_)) | None if !self.pending.is_empty() => Ok(None),
            Some(Err(_)) | None => Err(Close::DISCONNECTED),
        }
    }

    /// Stores the pending events. If the database is overloaded, retries with smaller batches and longer pauses.
    async fn store(&mut self) -> Result<(), Close> {
        self.bytes = 0;
        let events = std::mem::take(&mut self.pending);
        let (mut rest, mut batch_size, mut pause) = (events.as_slice(), MAX_EVENTS, INITIAL_BACKOFF);
        let store_all = async {
            while !rest.is_empty() {
                let (batch, remaining) = rest.split_at(batch_size.min(rest.len()));
                match event::record(self.cx, self.ws, batch.to_vec()).await {
                    Ok(()) => rest = remaining,
                    Err(Error::TooManyRequests { .. } | Error::Unavailable) => {
                        batch_size = (batch.len() / 2).max(1);
                        sleep(pause).await;
                        pause *= 2;
                    }
                    Err(error) => return Err(Close::from(error)),
                }
            }
            Ok(())
        };
        timeout(STORE_TIMEOUT, store_all).await.unwrap_or(Err(Close::NOT_STORED))
    }
}

/// Drops an invalid event: a client that got an error would send it again forever.
fn parse(text: &str) -> Option<Event> {
    if text.len() > MAX_BYTES {
        tracing::debug!(bytes = text.len(), "dropping an event that is too large");
        return None;
    }
    let event: Event =
        body::parse(text.as_bytes()).inspect_err(|error| tracing::debug!(?error, "dropping a malformed event")).ok()?;
    event.validate().inspect_err(|invalid| tracing::debug!(%invalid, "dropping an invalid event")).ok()?;
    Some(event)
}

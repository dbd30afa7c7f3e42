//! `/events/in`: clients send events and learn by the answer to a ping that all before it are stored.

use std::time::Duration;

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::Response,
};
use control::{
    Cx,
    access::Workspace,
    event::{self, MOST_EVENTS},
};
use model::{
    event::{Event, LARGEST},
    permission::WriteRuns,
};
use tokio::time::timeout;

use super::{
    close::Close,
    knock::{Knock, PROTOCOL},
    watch::until_revoked,
};
use crate::{
    body,
    route::{Route, routes},
};

/// Bigger than any event may be, so that one that is too big is dropped and not the whole connection.
const LARGEST_FRAME: usize = 4 * 1024 * 1024;

/// The most bytes of events that wait to be stored together.
const LARGEST_BATCH: usize = 2 * 1024 * 1024;

/// Clients ping every 20 seconds; one that is silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(60);

pub fn routes() -> Vec<Route<Cx>> {
    routes![Get "/events/in" => accept]
}

async fn accept(knock: Knock<WriteRuns>, State(cx): State<Cx>, upgrade: WebSocketUpgrade) -> Response {
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(LARGEST_FRAME).max_frame_size(LARGEST_FRAME);
    upgrade.on_upgrade(|socket| serve(socket, knock, cx))
}

async fn serve(mut socket: WebSocket, knock: Knock<WriteRuns>, cx: Cx) {
    let close = match knock.answer(&cx, &mut socket).await {
        Ok(ws) => tokio::select! {
            close = Intake { cx: &cx, ws, waiting: Vec::new(), bytes: 0 }.run(&mut socket) => close,
            close = until_revoked(&cx, ws) => close,
        },
        Err(close) => close,
    };
    tracing::debug!(?close, "a socket of events ends");
    // Whoever is gone already does not hear it.
    let _unheard = socket.send(close.message()).await;
}

/// What arrived and is not stored yet.
struct Intake<'a> {
    cx: &'a Cx,
    ws: Workspace<WriteRuns>,
    waiting: Vec<Event>,
    bytes: usize,
}

impl Intake<'_> {
    async fn run(mut self, socket: &mut WebSocket) -> Close {
        loop {
            match self.step(socket).await {
                Ok(()) => {}
                Err(close) => return close,
            }
        }
    }

    /// Reads the next frame. The library answers a ping when the socket is read again, so everything is stored before that.
    async fn step(&mut self, socket: &mut WebSocket) -> Result<(), Close> {
        let Some(frame) = self.next(socket).await? else { return self.store().await };
        match frame {
            Message::Text(text) => {
                if let Some(event) = read(&text) {
                    self.bytes += text.len();
                    self.waiting.push(event);
                }
                if self.waiting.len() == MOST_EVENTS || self.bytes > LARGEST_BATCH {
                    self.store().await?;
                }
                Ok(())
            }
            Message::Ping(_) => self.store().await,
            Message::Pong(_) => Ok(()),
            Message::Binary(_) => Err(Close::NOT_TEXT),
            Message::Close(_) => self.store().await.and(Err(Close::GONE)),
        }
    }

    /// The next frame; none if something waits to be stored and no frame is there yet.
    async fn next(&self, socket: &mut WebSocket) -> Result<Option<Message>, Close> {
        let received = if self.waiting.is_empty() {
            timeout(SILENCE, socket.recv()).await.map_err(|_| Close::IDLE)?
        } else {
            tokio::select! {
                biased;
                received = socket.recv() => received,
                () = std::future::ready(()) => return Ok(None),
            }
        };
        match received {
            Some(Ok(frame)) => Ok(Some(frame)),
            // What had arrived is kept even if its sender is gone.
            Some(Err(_)) | None if !self.waiting.is_empty() => Ok(None),
            Some(Err(_)) | None => Err(Close::GONE),
        }
    }

    async fn store(&mut self) -> Result<(), Close> {
        self.bytes = 0;
        let events = std::mem::take(&mut self.waiting);
        if events.is_empty() {
            return Ok(());
        }
        event::record(self.cx, self.ws, events).await.map_err(Close::from)
    }
}

/// An event that can't be read is dropped: its sender would only send it again.
fn read(text: &str) -> Option<Event> {
    if text.len() > LARGEST {
        tracing::debug!(bytes = text.len(), "an event is too big");
        return None;
    }
    let event: Event = body::parse(text.as_bytes()).inspect_err(|error| tracing::debug!(?error, "no event")).ok()?;
    event.validate().inspect_err(|invalid| tracing::debug!(%invalid, "an event breaks a bound")).ok()?;
    Some(event)
}

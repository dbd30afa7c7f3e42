//! `/events/in`: clients send events and learn by the answer to a ping that all before it are stored.

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
    event::{self, MOST_EVENTS},
    seats::{Seat, Seats},
};
use model::{
    event::{Event, LARGEST},
    permission::WriteRuns,
};
use tokio::time::{sleep, timeout};

use super::{
    close::{Close, put},
    knock::{Knock, PROTOCOL},
    watch::Watch,
};
use crate::{
    body,
    error::ApiError,
    route::{Route, routes},
};

/// Bigger than any event may be, so that one that is too big is dropped and not the whole connection.
const LARGEST_FRAME: usize = 4 * 1024 * 1024;

/// The most bytes of events that wait to be stored together.
const LARGEST_BATCH: usize = 2 * 1024 * 1024;

/// The most bytes of pongs that wait for a client that takes none.
const LARGEST_BACKLOG: usize = 64 * 1024;

/// Clients ping every 20 seconds; one that is silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(60);

/// How long events are tried to be stored: clients wait 20 seconds for the proof.
const TRYING: Duration = Duration::from_secs(10);

/// How long the database is left alone before the second try; each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Each process of a client has one socket.
const MOST_OF_A_KEY: usize = 1_024;

/// Of all who have not said yet who they are.
const MOST_STRANGERS: usize = 256;

pub fn routes() -> Vec<Route<Cx>> {
    let room = Room { known: Seats::new(MOST_OF_A_KEY), strangers: Seats::new(MOST_STRANGERS) };
    routes![
        Get "/events/in" => move |knock: Knock<WriteRuns>, cx: State<Cx>, upgrade: WebSocketUpgrade| {
            accept(room.clone(), knock, cx, upgrade)
        },
    ]
}

/// Who has a socket open.
#[derive(Clone)]
struct Room {
    known: Seats<Credential>,
    strangers: Seats<()>,
}

/// A place in the room until the client has introduced itself.
enum Waiting {
    Known(Seat<Credential>),
    Stranger(#[expect(dead_code, reason = "held, not read: dropping it frees the place")] Seat<()>),
}

/// Who has asked for a socket.
struct Guest {
    room: Room,
    waiting: Waiting,
    knock: Knock<WriteRuns>,
    watch: Watch,
}

impl Room {
    fn wait(&self, knock: &Knock<WriteRuns>) -> Option<Waiting> {
        match knock.shown() {
            Some(ws) => self.known.take(ws.caller().credential()).map(Waiting::Known),
            None => self.strangers.take(()).map(Waiting::Stranger),
        }
    }

    /// A place of the client's own.
    fn sit(&self, waiting: Waiting, ws: Workspace<WriteRuns>) -> Result<Seat<Credential>, Close> {
        match waiting {
            Waiting::Known(seat) => Ok(seat),
            Waiting::Stranger(_) => self.known.take(ws.caller().credential()).ok_or(Close::CROWDED),
        }
    }
}

async fn accept(room: Room, knock: Knock<WriteRuns>, State(cx): State<Cx>, upgrade: WebSocketUpgrade) -> Response {
    let Some(waiting) = room.wait(&knock) else {
        return ApiError::TooManyRequests { retry_after: 1 }.into_response();
    };
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .max_message_size(LARGEST_FRAME)
        .max_frame_size(LARGEST_FRAME)
        .write_buffer_size(0)
        .max_write_buffer_size(LARGEST_BACKLOG);
    // From now on, so that nothing that is told meanwhile is missed.
    let watch = Watch::new(&cx);
    upgrade.on_upgrade(|socket| serve(socket, Guest { room, waiting, knock, watch }, cx))
}

async fn serve(mut socket: WebSocket, guest: Guest, cx: Cx) {
    let Guest { room, waiting, knock, mut watch } = guest;
    let entered = tokio::select! {
        entered = knock.answer(&cx, &mut socket) => entered,
        close = watch.until_stopping() => Err(close),
    };
    let close = match entered.and_then(|ws| Ok((ws, room.sit(waiting, ws)?))) {
        Ok((ws, _seat)) => {
            let mut intake = Intake { cx: &cx, ws, waiting: Vec::new(), bytes: 0, owes_pong: false };
            let close = tokio::select! {
                close = intake.run(&mut socket) => close,
                close = watch.until_revoked(&cx, ws) => close,
            };
            if intake.owes_pong {
                // The library would send the pong that it holds behind the close frame, and prove what is not so. A client that hears
                // nothing connects again and sends again.
                tracing::debug!(?close, "a socket of events is dropped");
                return;
            }
            close
        }
        Err(close) => close,
    };
    tracing::debug!(?close, "a socket of events ends");
    // Whoever is gone already does not hear it.
    let _unheard = put(&mut socket, close.message()).await;
}

/// What arrived and is not stored yet.
struct Intake<'a> {
    cx: &'a Cx,
    ws: Workspace<WriteRuns>,
    waiting: Vec<Event>,
    bytes: usize,
    /// Whether a ping came behind events that are not stored yet.
    owes_pong: bool,
}

impl Intake<'_> {
    async fn run(&mut self, socket: &mut WebSocket) -> Close {
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
            Message::Ping(_) => {
                self.owes_pong = true;
                self.store().await?;
                self.owes_pong = false;
                Ok(())
            }
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

    /// Stores what waits. A database that has too much to do is given some time, and less at once.
    async fn store(&mut self) -> Result<(), Close> {
        self.bytes = 0;
        let events = std::mem::take(&mut self.waiting);
        let (mut rest, mut most, mut pause) = (events.as_slice(), MOST_EVENTS, FIRST_PAUSE);
        let all = async {
            while !rest.is_empty() {
                let (some, later) = rest.split_at(most.min(rest.len()));
                match event::record(self.cx, self.ws, some.to_vec()).await {
                    Ok(()) => rest = later,
                    Err(Error::TooMany { .. } | Error::Unavailable) => {
                        most = (some.len() / 2).max(1);
                        sleep(pause).await;
                        pause *= 2;
                    }
                    Err(error) => return Err(Close::from(error)),
                }
            }
            Ok(())
        };
        timeout(TRYING, all).await.unwrap_or(Err(Close::NOT_KEPT))
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

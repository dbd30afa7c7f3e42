//! One open socket: what its page asks, what it is told, and whether its reader still may.

use std::{collections::BTreeMap, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use control::{
    Cx, Error,
    access::{self, Address, Caller, Credential},
    bus::Change,
    seats::Seat,
};
use model::live::{Ask, MOST_TOPICS, Mark, SAY_EVERY, SILENCE, Tell, Topic, TopicOf};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, Interval, interval_at, sleep_until, timeout},
};

use super::{
    close::{Close, PATIENCE},
    topic::{Followed, Told},
};

/// How often the session and the memberships are looked up even if nothing was told of them: sessions also end by time.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Asks between two pings.
const MOST_ASKS: u32 = 200;

pub struct Conversation {
    cx: Cx,
    caller: Caller,
    topics: BTreeMap<u32, Followed>,
    changes: Receiver<Change>,
    /// As far as `changes` was heard.
    mark: Mark,
    asks: u32,
    last_frame: Instant,
    _seat: Seat<Credential>,
}

impl Conversation {
    pub fn new(cx: Cx, caller: Caller, seat: Seat<Credential>) -> Self {
        let (mark, changes) = cx.bus.listen_from_here();
        Self { cx, caller, topics: BTreeMap::new(), changes, mark, asks: 0, last_frame: Instant::now(), _seat: seat }
    }

    /// Goes on until one of the two has had enough.
    pub async fn run(mut self, mut socket: WebSocket) {
        let (mut looks, mut pings) = (every(LOOK_EVERY), every(SAY_EVERY));
        let close = loop {
            let due = self.topics.values().filter_map(Followed::due).min();
            let step = tokio::select! {
                frame = socket.recv() => self.hear(&mut socket, frame).await,
                change = self.changes.recv() => self.note(&mut socket, change).await,
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.tell_due(&mut socket).await,
                _ = looks.tick() => self.look().await,
                _ = pings.tick() => self.ping(&mut socket).await,
            };
            if let Err(close) = step {
                break close;
            }
        };
        tracing::debug!(?close, "a live socket ends");
        close.say(socket).await;
    }

    async fn hear(&mut self, socket: &mut WebSocket, frame: Option<Result<Message, axum::Error>>) -> Result<(), Close> {
        self.last_frame = Instant::now();
        let packed = match frame {
            Some(Ok(Message::Binary(packed))) => packed,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Text(_))) => return Err(Close::NO_ASK),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Close::GONE),
        };
        self.asks += 1;
        if self.asks > MOST_ASKS {
            return Err(Close::TOO_MUCH);
        }
        match read(&packed)? {
            Ask::Follow { id, topic, mark } => {
                let tell = self.follow(id, topic, mark).await?;
                send(socket, &tell).await
            }
            Ask::Leave { id } => {
                self.topics.remove(&id);
                Ok(())
            }
        }
    }

    async fn follow(&mut self, id: u32, topic: Topic, mark: Mark) -> Result<Tell, Close> {
        if self.topics.len() >= MOST_TOPICS && !self.topics.contains_key(&id) {
            return Err(Close::TOO_MUCH);
        }
        if matches!(&topic.of, TopicOf::Runs { filter } if !filter.is_sound()) {
            return Ok(Tell::Refused { id });
        }
        let address = Address { account: topic.account, workspace: topic.workspace };
        let at = match access::enter(&self.cx, self.caller, address).await {
            Ok(at) => at,
            Err(Error::NotFound(_)) => return Ok(Tell::Refused { id }),
            Err(_) => return Ok(Tell::Reload { id }),
        };
        let mut followed = Followed::new(at, topic.of, self.caller.person());
        if !self.cx.bus.since(mark, |change| followed.note(change)) {
            self.topics.remove(&id);
            return Ok(Tell::Reload { id });
        }
        self.topics.insert(id, followed);
        Ok(Tell::Following { id })
    }

    async fn note(&mut self, socket: &mut WebSocket, change: Result<Change, RecvError>) -> Result<(), Close> {
        match change {
            Ok(Change::Stopping) => Err(Close::STOPPING),
            Ok(change) => {
                self.mark.number += 1;
                self.topics.values_mut().for_each(|topic| topic.note(&change));
                if self.concerns_reader(&change) { self.look().await } else { Ok(()) }
            }
            Err(RecvError::Lagged(missed)) => {
                self.mark.number += missed;
                for (id, _) in std::mem::take(&mut self.topics) {
                    send(socket, &Tell::Reload { id }).await?;
                }
                self.look().await
            }
            // Nobody can tell anything any more: the process ends.
            Err(RecvError::Closed) => Err(Close::STOPPING),
        }
    }

    fn concerns_reader(&self, change: &Change) -> bool {
        match change {
            Change::SessionsEnded { person } => *person == self.caller.person(),
            Change::KeyDeleted { api_key } => self.caller.api_key() == Some(*api_key),
            Change::WorkspaceDeleted { workspace } => self.topics.values().any(|topic| topic.at().id() == *workspace),
            _ => false,
        }
    }

    /// Whether the reader still may. A database that does not answer is no reason to send anybody away.
    async fn look(&mut self) -> Result<(), Close> {
        if !access::still_holds(&self.cx, self.caller).await.unwrap_or(true) {
            return Err(Close::REVOKED);
        }
        for topic in self.topics.values() {
            let tenant = topic.at();
            let address = Address { account: tenant.tenant().account(), workspace: tenant.id() };
            let entered = access::enter::<model::permission::ReadRuns>(&self.cx, self.caller, address).await;
            if matches!(entered, Err(Error::NotFound(_))) {
                return Err(Close::REVOKED);
            }
        }
        Ok(())
    }

    async fn tell_due(&mut self, socket: &mut WebSocket) -> Result<(), Close> {
        let now = Instant::now();
        let due: Vec<u32> = self
            .topics
            .iter()
            .filter(|(_, topic)| topic.due().is_some_and(|due| due <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let Some(topic) = self.topics.get_mut(&id) else { continue };
            let tell = match topic.tell(&self.cx).await {
                Ok(Told::News(news)) => Tell::News { id, mark: self.mark, news },
                Ok(Told::TooMuch) => Tell::Reload { id },
                Err(Error::NotFound(_)) => Tell::Refused { id },
                Err(error) => {
                    tracing::debug!(%error, "a topic could not be read");
                    continue;
                }
            };
            if !matches!(tell, Tell::News { .. }) {
                self.topics.remove(&id);
            }
            send(socket, &tell).await?;
        }
        Ok(())
    }

    /// Keeps proxies from taking the socket for dead, and lets both sides find out whether it is: a page sees no ping, so it is told.
    async fn ping(&mut self, socket: &mut WebSocket) -> Result<(), Close> {
        self.asks = 0;
        if self.last_frame.elapsed() > SILENCE {
            return Err(Close::SILENT);
        }
        put(socket, Message::Ping(Vec::new().into())).await?;
        send(socket, &Tell::Nothing).await
    }
}

fn every(time: Duration) -> Interval {
    interval_at(Instant::now() + time, time)
}

/// One ask and nothing behind it.
fn read(packed: &[u8]) -> Result<Ask, Close> {
    match postcard::take_from_bytes(packed) {
        Ok((ask, [])) => Ok(ask),
        _ => Err(Close::NO_ASK),
    }
}

async fn send(socket: &mut WebSocket, tell: &Tell) -> Result<(), Close> {
    let packed = postcard::to_allocvec(tell).expect("what is told is whole, so it can always be packed");
    put(socket, Message::Binary(packed.into())).await
}

async fn put(socket: &mut WebSocket, message: Message) -> Result<(), Close> {
    timeout(PATIENCE, socket.send(message)).await.map_err(|_| Close::SLOW)?.map_err(|_| Close::GONE)
}

//! One open socket: reads the messages of its page, sends updates, and checks that the caller may still read.

use std::{collections::BTreeMap, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use control::{
    Cx, Error,
    access::{self, Caller, Credential},
    changes::{Change, Channel, Lagged, Subscriber},
    keyed_limiter::KeyedPermit,
    screen,
};
use model::live::{ClientMessage, HEARTBEAT_EVERY, IDLE_TIMEOUT, MAX_TOPICS, ServerMessage, StreamPosition, Topic};
use serde::Serialize;
use tokio::time::{Instant, Interval, interval_at, sleep_until, timeout};

use super::{
    close::{Close, SEND_TIMEOUT},
    subscription::Subscription,
};

/// How often the session and the memberships are checked without a change of them, because sessions also expire.
const ACCESS_CHECK_EVERY: Duration = Duration::from_secs(30);
/// The most messages from the browser between two pings.
const MAX_MESSAGES: u32 = 200;

pub struct LiveSocket {
    cx: Cx,
    caller: Caller,
    subscriptions: BTreeMap<u32, Subscription>,
    /// Of the caller, and of the workspaces of the subscriptions.
    changes: Subscriber,
    messages: u32,
    last_frame: Instant,
    _permit: KeyedPermit<Credential>,
}

impl LiveSocket {
    pub fn new(cx: Cx, caller: Caller, permit: KeyedPermit<Credential>) -> Self {
        let mut changes = cx.changes().subscribe();
        changes.add(Channel::Person(caller.person()));
        Self {
            cx,
            caller,
            subscriptions: BTreeMap::new(),
            changes,
            messages: 0,
            last_frame: Instant::now(),
            _permit: permit,
        }
    }

    /// Runs until the browser or the server closes the socket.
    pub async fn run(mut self, mut socket: WebSocket) {
        let (mut access_checks, mut pings) = (every(ACCESS_CHECK_EVERY), every(HEARTBEAT_EVERY));
        let close = loop {
            let due = self.subscriptions.values().filter_map(Subscription::due).min();
            let step = tokio::select! {
                frame = socket.recv() => self.on_frame(&mut socket, frame).await,
                changes = self.changes.recv() => self.on_changes(&mut socket, changes).await,
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.send_updates(&mut socket).await,
                _ = access_checks.tick() => self.check_access().await,
                _ = pings.tick() => self.ping(&mut socket).await,
            };
            if let Err(close) = step {
                break close;
            }
        };
        tracing::debug!(?close, "closing a live socket");
        close.send(socket).await;
    }

    async fn on_frame(
        &mut self,
        socket: &mut WebSocket,
        frame: Option<Result<Message, axum::Error>>,
    ) -> Result<(), Close> {
        self.last_frame = Instant::now();
        let packed = match frame {
            Some(Ok(Message::Binary(packed))) => packed,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Text(_))) => return Err(Close::INVALID_MESSAGE),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Close::DISCONNECTED),
        };
        self.messages += 1;
        if self.messages > MAX_MESSAGES {
            return Err(Close::LIMIT_EXCEEDED);
        }
        match decode(&packed)? {
            ClientMessage::Subscribe { id, topic, position } => {
                let reply = self.subscribe(id, topic, position).await?;
                send(socket, &reply).await
            }
            ClientMessage::Unsubscribe { id } => {
                self.remove(id);
                Ok(())
            }
        }
    }

    async fn subscribe(&mut self, id: u32, topic: Topic, position: StreamPosition) -> Result<ServerMessage, Close> {
        if self.subscriptions.len() >= MAX_TOPICS && !self.subscriptions.contains_key(&id) {
            return Err(Close::LIMIT_EXCEEDED);
        }
        let workspace = match access::authorize(&self.cx, self.caller, topic.workspace).await {
            Ok(workspace) => workspace,
            Err(Error::NotFound { .. }) => return Ok(ServerMessage::Refused { id }),
            Err(_) => return Ok(ServerMessage::Reload { id }),
        };
        let Ok(topic) = screen::topic(topic.kind, workspace, self.caller.person()) else {
            return Ok(ServerMessage::Refused { id });
        };
        let mut subscription = Subscription::new(workspace, topic);
        let channels = [Channel::Workspace(workspace.id()), Channel::Person(self.caller.person())];
        // Added before the replay, so that no change is missed between the two.
        self.changes.add(channels[0]);
        if !self.cx.changes().since(position, &channels, |change| subscription.record(change)) {
            self.remove(id);
            return Ok(ServerMessage::Reload { id });
        }
        self.subscriptions.insert(id, subscription);
        Ok(ServerMessage::Subscribed { id })
    }

    /// Ends a subscription, and the one to its workspace if it was the last there.
    fn remove(&mut self, id: u32) {
        self.subscriptions.remove(&id);
        let workspaces = self.subscriptions.values().map(|one| Channel::Workspace(one.workspace().id()));
        self.changes.keep_only(&workspaces.chain([Channel::Person(self.caller.person())]).collect());
    }

    async fn on_changes(&mut self, socket: &mut WebSocket, changes: Result<Vec<Change>, Lagged>) -> Result<(), Close> {
        let changes = changes.unwrap_or_else(|Lagged| vec![Change::Unknown]);
        if changes.contains(&Change::Stopping) {
            return Err(Close::STOPPING);
        }
        if changes.contains(&Change::Unknown) {
            for id in Vec::from_iter(self.subscriptions.keys().copied()) {
                self.remove(id);
                send(socket, &ServerMessage::Reload { id }).await?;
            }
            return self.check_access().await;
        }
        for change in &changes {
            self.subscriptions.values_mut().for_each(|subscription| subscription.record(change));
        }
        if changes.iter().any(|change| self.affects_access(change)) { self.check_access().await } else { Ok(()) }
    }

    fn affects_access(&self, change: &Change) -> bool {
        match change {
            Change::SessionsEnded { person } => *person == self.caller.person(),
            Change::KeyDeleted { api_key, .. } => self.caller.api_key() == Some(*api_key),
            Change::WorkspaceDeleted { workspace } => {
                self.subscriptions.values().any(|subscription| subscription.workspace().id() == *workspace)
            }
            _ => false,
        }
    }

    /// Closes the socket if the caller may no longer read. A database error keeps it open.
    async fn check_access(&mut self) -> Result<(), Close> {
        if !access::is_still_valid(&self.cx, self.caller).await.unwrap_or(true) {
            return Err(Close::REVOKED);
        }
        for subscription in self.subscriptions.values() {
            let workspace = subscription.workspace().workspace_ref();
            let authorized = access::authorize::<model::permission::ReadRuns>(&self.cx, self.caller, workspace).await;
            if matches!(authorized, Err(Error::NotFound { .. })) {
                return Err(Close::REVOKED);
            }
        }
        Ok(())
    }

    async fn send_updates(&mut self, socket: &mut WebSocket) -> Result<(), Close> {
        let now = Instant::now();
        let due: Vec<u32> = self
            .subscriptions
            .iter()
            .filter(|(_, subscription)| subscription.due().is_some_and(|due| due <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let Some(subscription) = self.subscriptions.get_mut(&id) else { continue };
            let message = match subscription.poll(&self.cx).await {
                Ok(Some(update)) => {
                    ServerMessage::Update { id, position: self.changes.position(), update: packed(&update) }
                }
                Ok(None) => ServerMessage::Reload { id },
                Err(Error::NotFound { .. }) => ServerMessage::Refused { id },
                Err(error) => {
                    tracing::debug!(%error, "can't read the update of a topic");
                    continue;
                }
            };
            if !matches!(message, ServerMessage::Update { .. }) {
                self.remove(id);
            }
            send(socket, &message).await?;
        }
        Ok(())
    }

    /// Keeps proxies from closing an idle socket, and lets both sides detect a dead one. The page gets a heartbeat message too,
    /// because browsers do not pass pings on to scripts.
    async fn ping(&mut self, socket: &mut WebSocket) -> Result<(), Close> {
        self.messages = 0;
        if self.last_frame.elapsed() > IDLE_TIMEOUT {
            return Err(Close::IDLE);
        }
        send_frame(socket, Message::Ping(Vec::new().into())).await?;
        send(socket, &ServerMessage::Heartbeat).await
    }
}

fn every(time: Duration) -> Interval {
    interval_at(Instant::now() + time, time)
}

/// Decodes a frame, which must contain exactly one message.
fn decode(packed: &[u8]) -> Result<ClientMessage, Close> {
    match postcard::take_from_bytes(packed) {
        Ok((message, [])) => Ok(message),
        _ => Err(Close::INVALID_MESSAGE),
    }
}

async fn send(socket: &mut WebSocket, message: &ServerMessage) -> Result<(), Close> {
    send_frame(socket, Message::Binary(packed(message).into())).await
}

fn packed(value: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(value).expect("every server message can be serialized")
}

async fn send_frame(socket: &mut WebSocket, message: Message) -> Result<(), Close> {
    timeout(SEND_TIMEOUT, socket.send(message)).await.map_err(|_| Close::SLOW)?.map_err(|_| Close::DISCONNECTED)
}

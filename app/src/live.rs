//! How an open page receives updates: one websocket per tab, shared by all of its subscriptions.
//!
//! [`subscribe`] starts when the page is mounted, so it does nothing on the server. When the server can't send the single updates, the
//! page reloads its data. The socket opens with the first subscription; when it breaks, it is opened again with growing pauses.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    pin::pin,
    rc::Rc,
    time::Duration,
};

use futures::{
    SinkExt as _, StreamExt as _,
    channel::{mpsc, oneshot},
    future::{Either, poll_fn, select},
};
use gloo_net::websocket::{Message, State, WebSocketError, futures::WebSocket};
use leptos::{prelude::*, task::spawn_local};
use model::live::{ClientMessage, IDLE_TIMEOUT, PATH, ServerMessage, StreamPosition, Topic};
use serde::de::DeserializeOwned;
use ui::prelude::Liveness;

/// The close code (policy violation) with which the server says that the session or the permission has ended.
const POLICY_VIOLATION: u16 = 1008;
/// A broken socket is opened again after this pause, which doubles up to the maximum.
const MIN_BACKOFF: Duration = Duration::from_millis(500);
const MAX_BACKOFF: Duration = Duration::from_secs(15);
/// A page reloads its data at most this often.
pub const REFRESH_DELAY: Duration = Duration::from_millis(700);
/// How often the hub checks whether the server has been silent for too long.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// Decodes and applies a packed update.
type OnUpdate = Rc<dyn Fn(&[u8])>;

/// Subscribes to a topic from `position` on until the reactive owner is disposed, and sets `liveness` to whether updates arrive.
/// `on_reload` must reload the page's data, which subscribes again.
///
/// `T` is the type of the topic's updates. They are decoded here, so that the base does not contain the types of all pages.
pub fn subscribe<T: DeserializeOwned>(
    topic: Topic,
    position: StreamPosition,
    liveness: RwSignal<Liveness>,
    on_update: impl Fn(T) + 'static,
    on_reload: impl Fn() + 'static,
) {
    let on_packed = move |packed: &[u8]| {
        if let Ok(update) = postcard::from_bytes(packed) {
            on_update(update);
        }
    };
    subscribe_packed(topic, position, liveness, Rc::new(on_packed), Rc::new(on_reload));
}

fn subscribe_packed(
    topic: Topic,
    position: StreamPosition,
    liveness: RwSignal<Liveness>,
    on_update: OnUpdate,
    on_reload: Rc<dyn Fn()>,
) {
    Effect::new(move |_| {
        let id = Hub::with(|hub| {
            hub.subscribe(Subscription {
                topic: topic.clone(),
                position: Cell::new(position),
                liveness,
                on_update: Rc::clone(&on_update),
                on_reload: Rc::clone(&on_reload),
            })
        });
        on_cleanup(move || Hub::with(|hub| hub.unsubscribe(id)));
    });
}

/// Reloads the page's data [`REFRESH_DELAY`] after an update made it `stale`.
pub fn refresh_when_stale(stale: RwSignal<bool>, reload: Callback<()>) {
    // A memo, since further updates that set `stale` again must not restart the timer.
    let stale = Memo::new(move |_| stale.get());
    Effect::new(move |_| {
        if stale.get()
            && let Ok(timer) = set_timeout_with_handle(move || reload.run(()), REFRESH_DELAY)
        {
            on_cleanup(move || timer.clear());
        }
    });
}

struct Subscription {
    topic: Topic,
    /// Up to here its updates have arrived.
    position: Cell<StreamPosition>,
    liveness: RwSignal<Liveness>,
    on_update: OnUpdate,
    on_reload: Rc<dyn Fn()>,
}

impl Subscription {
    fn set_liveness(&self, liveness: Liveness) {
        // The signal may be disposed already.
        let _disposed = self.liveness.try_set(liveness);
    }
}

/// The tab's only socket and its subscriptions.
struct Hub {
    next_id: Cell<u32>,
    subscriptions: RefCell<BTreeMap<u32, Subscription>>,
    /// Messages to the server; none while there is no open socket.
    outbox: RefCell<Option<mpsc::UnboundedSender<ClientMessage>>>,
    running: Cell<bool>,
    /// Interrupts the connection, or the pause before the next one.
    interrupt: RefCell<Option<oneshot::Sender<()>>>,
    /// When the last message arrived, in milliseconds since 1970; before the first one, when the connection or the pause began.
    last_received: Cell<f64>,
}

/// Why a connection ended.
enum ConnectionEnd {
    /// The session or the permission has ended.
    PolicyViolation,
    /// The connection broke; `worked` if a message had arrived on it.
    Broken { worked: bool },
}

impl Hub {
    fn with<T>(work: impl FnOnce(&Rc<Self>) -> T) -> T {
        thread_local! {
            static HUB: Rc<Hub> = Rc::new(Hub {
                next_id: Cell::new(0),
                subscriptions: RefCell::default(),
                outbox: RefCell::default(),
                running: Cell::new(false),
                interrupt: RefCell::default(),
                last_received: Cell::new(0.0),
            });
        }
        HUB.with(work)
    }

    fn subscribe(self: &Rc<Self>, subscription: Subscription) -> u32 {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(1));
        self.send(ClientMessage::Subscribe {
            id,
            topic: subscription.topic.clone(),
            position: subscription.position.get(),
        });
        if !self.running.replace(true) {
            self.watch_connection();
            spawn_local(Rc::clone(self).run());
        } else if self.outbox.borrow().is_none() {
            subscription.set_liveness(Liveness::Reconnecting);
        }
        self.subscriptions.borrow_mut().insert(id, subscription);
        id
    }

    fn unsubscribe(&self, id: u32) {
        self.subscriptions.borrow_mut().remove(&id);
        self.send(ClientMessage::Unsubscribe { id });
    }

    /// Interrupts a dead connection. It can be dead without a close: the network changed, or the machine slept.
    fn watch_connection(self: &Rc<Self>) {
        let interrupts_if = |condition: fn(&Self) -> bool| {
            let hub = Rc::clone(self);
            move || {
                if condition(&hub)
                    && let Some(interrupt) = hub.interrupt.take()
                {
                    // The connection or the pause may have ended already.
                    let _dropped = interrupt.send(());
                }
            }
        };
        let is_silent =
            |hub: &Self| js_sys::Date::now() - hub.last_received.get() > IDLE_TIMEOUT.as_secs_f64() * 1_000.0;
        let (on_online, on_visible) = (interrupts_if(|_| true), interrupts_if(is_silent));
        window_event_listener_untyped("online", move |_| on_online());
        window_event_listener_untyped("visibilitychange", move |_| on_visible());
        set_interval(interrupts_if(is_silent), CHECK_INTERVAL);
    }

    /// Completes when [`Hub::watch_connection`] interrupts.
    fn interruption(&self) -> oneshot::Receiver<()> {
        let (interrupt, interrupted) = oneshot::channel();
        self.interrupt.replace(Some(interrupt));
        self.last_received.set(js_sys::Date::now());
        interrupted
    }

    /// Without a socket nothing is sent: a new connection subscribes to all topics.
    fn send(&self, message: ClientMessage) {
        if let Some(outbox) = &*self.outbox.borrow() {
            // It fails while a connection is ending; the next one subscribes again.
            let _unsent = outbox.unbounded_send(message);
        }
    }

    async fn run(self: Rc<Self>) {
        let mut backoff = MIN_BACKOFF;
        loop {
            let end = match select(pin!(self.run_connection()), self.interruption()).await {
                Either::Left((end, _)) => end,
                Either::Right(_) => ConnectionEnd::Broken { worked: true },
            };
            self.outbox.take();
            self.subscriptions
                .borrow()
                .values()
                .for_each(|subscription| subscription.set_liveness(Liveness::Reconnecting));
            match end {
                ConnectionEnd::PolicyViolation => {
                    // The server answers the reload with the sign-in page or with 404.
                    let _unloaded = location().reload();
                    return;
                }
                ConnectionEnd::Broken { worked: true } => backoff = MIN_BACKOFF,
                ConnectionEnd::Broken { worked: false } => backoff = (backoff * 2).min(MAX_BACKOFF),
            }
            // Jitter, so that tabs that lost the same server don't all reconnect at once.
            let pause = pin!(sleep(backoff.mul_f64(0.5 + js_sys::Math::random() / 2.0)));
            let _first = select(pause, self.interruption()).await;
        }
    }

    async fn run_connection(self: &Rc<Self>) -> ConnectionEnd {
        let mut worked = false;
        let Some(mut socket) = open() else { return ConnectionEnd::Broken { worked } };
        // Browsers log an error for messages sent on a socket that did not open.
        let ready = poll_fn(|cx| socket.poll_ready_unpin(cx)).await;
        if ready.is_err() || !matches!(socket.state(), State::Open) {
            return ConnectionEnd::Broken { worked };
        }
        let (mut write, mut read) = socket.split();
        let (sender, mut outgoing) = mpsc::unbounded();
        for (id, subscription) in &*self.subscriptions.borrow() {
            let Subscription { topic, position, .. } = subscription;
            // It can't fail: the receiver is a local variable.
            let _unsent = sender.unbounded_send(ClientMessage::Subscribe {
                id: *id,
                topic: topic.clone(),
                position: position.get(),
            });
        }
        self.outbox.replace(Some(sender));
        loop {
            match select(read.next(), outgoing.next()).await {
                Either::Left((Some(Ok(Message::Bytes(bytes))), _)) => {
                    worked = true;
                    self.last_received.set(js_sys::Date::now());
                    if let Ok(message) = postcard::from_bytes(&bytes) {
                        self.handle_message(message);
                    }
                }
                Either::Left((Some(Ok(Message::Text(_))), _)) => {}
                Either::Left((Some(Err(WebSocketError::ConnectionClose(close))), _))
                    if close.code == POLICY_VIOLATION =>
                {
                    return ConnectionEnd::PolicyViolation;
                }
                // The close event that follows an error has the code.
                Either::Left((Some(Err(WebSocketError::ConnectionError)), _)) => {}
                Either::Left(_) | Either::Right((None, _)) => return ConnectionEnd::Broken { worked },
                Either::Right((Some(message), _)) => {
                    let bytes = postcard::to_allocvec(&message).unwrap_or_default();
                    if write.send(Message::Bytes(bytes)).await.is_err() {
                        return ConnectionEnd::Broken { worked };
                    }
                }
            }
        }
    }

    fn set_liveness(&self, id: u32, liveness: Liveness) {
        if let Some(subscription) = self.subscriptions.borrow().get(&id) {
            subscription.set_liveness(liveness);
        }
    }

    fn handle_message(self: &Rc<Self>, message: ServerMessage) {
        match message {
            ServerMessage::Heartbeat => {}
            ServerMessage::Subscribed { id } => self.set_liveness(id, Liveness::Live),
            ServerMessage::Update { id, position, update } => {
                let on_update = self.subscriptions.borrow().get(&id).map(|subscription| {
                    subscription.position.set(position);
                    Rc::clone(&subscription.on_update)
                });
                // Called outside of the borrow, since it may unsubscribe.
                if let Some(on_update) = on_update {
                    on_update(&update);
                }
            }
            ServerMessage::Reload { id } | ServerMessage::Refused { id } => {
                self.set_liveness(id, Liveness::Reconnecting);
                let hub = Rc::clone(self);
                spawn_local(async move {
                    sleep(REFRESH_DELAY).await;
                    // The subscription may have ended during the delay.
                    let on_reload =
                        hub.subscriptions.borrow().get(&id).map(|subscription| Rc::clone(&subscription.on_reload));
                    if let Some(on_reload) = on_reload {
                        on_reload();
                    }
                });
            }
        }
    }
}

fn open() -> Option<WebSocket> {
    let location = location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    WebSocket::open(&format!("{scheme}://{}{PATH}", location.host().ok()?)).ok()
}

async fn sleep(time: Duration) {
    let (elapsed, timer) = oneshot::channel();
    set_timeout(
        move || {
            // It fails if the future was dropped.
            let _dropped = elapsed.send(());
        },
        time,
    );
    // The sender is never dropped without sending.
    let _cancelled = timer.await;
}

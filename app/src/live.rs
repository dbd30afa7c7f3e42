//! How an open page hears what is new: one socket a tab, shared by all that the page follows.
//!
//! [`follow`] begins once the page is mounted, so it does nothing on the server. What can't be told one by one ends in a call to read
//! afresh. The socket opens with the first topic and is opened again, ever more slowly, when it breaks.

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
use model::live::{Ask, Mark, News, PATH, SILENCE, Tell, Topic};
use ui::prelude::Liveness;

/// The server closes with it when the reader may not read any more.
const POLICY: u16 = 1008;
/// A broken socket is opened again after this time, then after ever longer ones.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// A page reads itself afresh at most this often.
pub const BREATH: Duration = Duration::from_millis(700);
/// How often it is looked whether the server has been silent for too long.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Follows a topic from `mark` on, as long as the caller's owner lives, and says in `liveness` whether its news arrive. `on_lost` must
/// read the page afresh, which follows anew.
pub fn follow(
    topic: Topic,
    mark: Mark,
    liveness: RwSignal<Liveness>,
    on_news: impl Fn(News) + 'static,
    on_lost: impl Fn() + 'static,
) {
    let on_news: Rc<dyn Fn(News)> = Rc::new(on_news);
    let on_lost: Rc<dyn Fn()> = Rc::new(on_lost);
    Effect::new(move |_| {
        let id = Hub::with(|hub| {
            hub.follow(Subscription {
                topic: topic.clone(),
                mark: Cell::new(mark),
                liveness,
                on_news: Rc::clone(&on_news),
                on_lost: Rc::clone(&on_lost),
            })
        });
        on_cleanup(move || Hub::with(|hub| hub.leave(id)));
    });
}

/// Reads the page afresh, a breath after news made it `stale`.
pub fn renew(stale: RwSignal<bool>, again: Callback<()>) {
    // Once is enough: news that say so again and again must not put it off.
    let stale = Memo::new(move |_| stale.get());
    Effect::new(move |_| {
        if stale.get()
            && let Ok(soon) = set_timeout_with_handle(move || again.run(()), BREATH)
        {
            on_cleanup(move || soon.clear());
        }
    });
}

struct Subscription {
    topic: Topic,
    /// As far as it was told.
    mark: Cell<Mark>,
    liveness: RwSignal<Liveness>,
    on_news: Rc<dyn Fn(News)>,
    on_lost: Rc<dyn Fn()>,
}

impl Subscription {
    fn is(&self, liveness: Liveness) {
        // Whoever shows it may be gone already.
        let _unseen = self.liveness.try_set(liveness);
    }
}

/// The tab's one socket and what is followed over it.
struct Hub {
    next: Cell<u32>,
    topics: RefCell<BTreeMap<u32, Subscription>>,
    /// What goes to the server, while there is a socket.
    asks: RefCell<Option<mpsc::UnboundedSender<Ask>>>,
    running: Cell<bool>,
    /// Ends what goes on: the conversation, or the pause before the next one.
    wake: RefCell<Option<oneshot::Sender<()>>>,
    /// When the server was last heard, in milliseconds; before that, when what goes on began.
    heard: Cell<f64>,
}

/// Why a conversation ended.
enum End {
    /// The reader may not read any more.
    Policy,
    /// The connection broke; whether there was one.
    Broken { worked: bool },
}

impl Hub {
    fn with<T>(work: impl FnOnce(&Rc<Self>) -> T) -> T {
        thread_local! {
            static HUB: Rc<Hub> = Rc::new(Hub {
                next: Cell::new(0),
                topics: RefCell::default(),
                asks: RefCell::default(),
                running: Cell::new(false),
                wake: RefCell::default(),
                heard: Cell::new(0.0),
            });
        }
        HUB.with(work)
    }

    fn follow(self: &Rc<Self>, subscription: Subscription) -> u32 {
        let id = self.next.get();
        self.next.set(id.wrapping_add(1));
        self.ask(Ask::Follow { id, topic: subscription.topic.clone(), mark: subscription.mark.get() });
        if !self.running.replace(true) {
            self.watch();
            spawn_local(Rc::clone(self).run());
        } else if self.asks.borrow().is_none() {
            subscription.is(Liveness::Reconnecting);
        }
        self.topics.borrow_mut().insert(id, subscription);
        id
    }

    fn leave(&self, id: u32) {
        self.topics.borrow_mut().remove(&id);
        self.ask(Ask::Leave { id });
    }

    /// A connection can be dead without either end being told: the network changed, or the machine slept.
    fn watch(self: &Rc<Self>) {
        let wakes = |when: fn(&Self) -> bool| {
            let hub = Rc::clone(self);
            move || {
                if when(&hub)
                    && let Some(wake) = hub.wake.take()
                {
                    // What waited for it may have ended by itself.
                    let _unheard = wake.send(());
                }
            }
        };
        let silent = |hub: &Self| js_sys::Date::now() - hub.heard.get() > SILENCE.as_secs_f64() * 1_000.0;
        let (online, seen) = (wakes(|_| true), wakes(silent));
        window_event_listener_untyped("online", move |_| online());
        window_event_listener_untyped("visibilitychange", move |_| seen());
        set_interval(wakes(silent), LOOK_EVERY);
    }

    /// What ends when [`Hub::watch`] finds that it should.
    fn woken(&self) -> oneshot::Receiver<()> {
        let (wake, woken) = oneshot::channel();
        self.wake.replace(Some(wake));
        self.heard.set(js_sys::Date::now());
        woken
    }

    /// Without a socket nothing is asked: all topics are, once there is one.
    fn ask(&self, ask: Ask) {
        if let Some(asks) = &*self.asks.borrow() {
            // A socket that is just ending is followed by another, which asks again.
            let _unsent = asks.unbounded_send(ask);
        }
    }

    async fn run(self: Rc<Self>) {
        let mut pause = FIRST_PAUSE;
        loop {
            let end = match select(pin!(self.converse()), self.woken()).await {
                Either::Left((end, _)) => end,
                Either::Right(_) => End::Broken { worked: true },
            };
            self.asks.take();
            self.topics.borrow().values().for_each(|subscription| subscription.is(Liveness::Reconnecting));
            match end {
                End::Policy => {
                    // The page itself knows where to lead: to the sign-in, or nowhere any more.
                    let _unloaded = location().reload();
                    return;
                }
                End::Broken { worked: true } => pause = FIRST_PAUSE,
                End::Broken { worked: false } => pause = (pause * 2).min(LONGEST_PAUSE),
            }
            // Tabs that lost the same server don't all come back at once.
            let pause = pin!(sleep(pause.mul_f64(0.5 + js_sys::Math::random() / 2.0)));
            let _first = select(pause, self.woken()).await;
        }
    }

    async fn converse(self: &Rc<Self>) -> End {
        let mut worked = false;
        let Some(mut socket) = open() else { return End::Broken { worked } };
        // A browser complains of what is sent over a socket that did not open.
        let ready = poll_fn(|cx| socket.poll_ready_unpin(cx)).await;
        if ready.is_err() || !matches!(socket.state(), State::Open) {
            return End::Broken { worked };
        }
        let (mut write, mut read) = socket.split();
        let (sender, mut asks) = mpsc::unbounded();
        for (id, subscription) in &*self.topics.borrow() {
            let Subscription { topic, mark, .. } = subscription;
            // The receiver is right here.
            let _unsent = sender.unbounded_send(Ask::Follow { id: *id, topic: topic.clone(), mark: mark.get() });
        }
        self.asks.replace(Some(sender));
        loop {
            match select(read.next(), asks.next()).await {
                Either::Left((Some(Ok(Message::Bytes(packed))), _)) => {
                    worked = true;
                    self.heard.set(js_sys::Date::now());
                    if let Ok(tell) = postcard::from_bytes(&packed) {
                        self.hear(tell);
                    }
                }
                Either::Left((Some(Ok(Message::Text(_))), _)) => {}
                Either::Left((Some(Err(WebSocketError::ConnectionClose(close))), _)) if close.code == POLICY => {
                    return End::Policy;
                }
                // After an error comes the close, which says more.
                Either::Left((Some(Err(WebSocketError::ConnectionError)), _)) => {}
                Either::Left(_) | Either::Right((None, _)) => return End::Broken { worked },
                Either::Right((Some(ask), _)) => {
                    let packed = postcard::to_allocvec(&ask).unwrap_or_default();
                    if write.send(Message::Bytes(packed)).await.is_err() {
                        return End::Broken { worked };
                    }
                }
            }
        }
    }

    fn is(&self, id: u32, liveness: Liveness) {
        if let Some(subscription) = self.topics.borrow().get(&id) {
            subscription.is(liveness);
        }
    }

    fn hear(self: &Rc<Self>, tell: Tell) {
        match tell {
            Tell::Nothing => {}
            Tell::Following { id } => self.is(id, Liveness::Live),
            Tell::News { id, mark, news } => {
                let on_news = self.topics.borrow().get(&id).map(|subscription| {
                    subscription.mark.set(mark);
                    Rc::clone(&subscription.on_news)
                });
                // Outside of the borrow: what it does may end this subscription.
                if let Some(on_news) = on_news {
                    on_news(news);
                }
            }
            Tell::Reload { id } | Tell::Refused { id } => {
                self.is(id, Liveness::Reconnecting);
                let hub = Rc::clone(self);
                spawn_local(async move {
                    sleep(BREATH).await;
                    // The page may have been left meanwhile.
                    let on_lost = hub.topics.borrow().get(&id).map(|subscription| Rc::clone(&subscription.on_lost));
                    if let Some(on_lost) = on_lost {
                        on_lost();
                    }
                });
            }
        }
    }
}

fn open() -> Option<WebSocket> {
    let here = location();
    let scheme = if here.protocol().ok()? == "https:" { "wss" } else { "ws" };
    WebSocket::open(&format!("{scheme}://{}{PATH}", here.host().ok()?)).ok()
}

async fn sleep(time: Duration) {
    let (wake, woken) = oneshot::channel();
    set_timeout(
        move || {
            // Whoever slept may be gone.
            let _unheard = wake.send(());
        },
        time,
    );
    // The timer is never dropped without being sent.
    let _cancelled = woken.await;
}

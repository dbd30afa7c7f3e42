use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{ConnectInfo, WebSocketUpgrade, ws::WebSocket},
    routing::get,
};
use futures::{SinkExt as _, StreamExt as _};
use server::{config::Connections, listener};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

const LIMITS: Connections =
    Connections { most: 100, head_timeout: Duration::from_millis(300), idle_timeout: PATIENCE, stop_timeout: PATIENCE };

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    ended: JoinHandle<()>,
}

async fn start(router: Router, limits: Connections) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let ended = tokio::spawn(listener::serve(listener, router, limits, stop.clone()));
    Server { address, stop, ended }
}

impl Server {
    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    async fn ends(self) {
        timeout(PATIENCE, self.ended).await.expect("the server ends").unwrap();
    }
}

/// Reads until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset ends it too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the server closes");
    String::from_utf8(bytes).unwrap()
}

/// Reads one answer whose body is `ok`.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\nok") {
        let read = timeout(PATIENCE, stream.read_buf(&mut bytes)).await.expect("an answer").unwrap();
        assert_ne!(read, 0, "closed after {:?}", String::from_utf8_lossy(&bytes));
    }
    String::from_utf8(bytes).unwrap()
}

fn ok() -> Router {
    Router::new().route("/", get(async || "ok"))
}

const REQUEST: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn a_head_that_comes_slowly_is_cut_and_an_idle_connection_is_not() {
    let server = start(ok(), LIMITS).await;
    let mut idle = server.send(REQUEST).await;
    answer(&mut idle).await;

    // Both begin now; that they are cut shows that the time for a head has passed meanwhile.
    let begun = Instant::now();
    let mut silent = server.send("").await;
    let mut slow = server.send("GET / HTTP/1.1\r\nhost: loc").await;
    let dripping = async {
        let (mut reader, mut writer) = slow.split();
        let drip = async {
            while writer.write_all(b"a").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let mut bytes = Vec::new();
        tokio::select! { () = drip => {}, _ = reader.read_to_end(&mut bytes) => {} }
    };
    timeout(PATIENCE, dripping).await.expect("the server closes");
    assert_eq!(rest(&mut silent).await, "");
    assert!(begun.elapsed() >= LIMITS.head_timeout);

    // The idle one is still good, until its next head comes slowly in turn.
    idle.write_all(REQUEST.as_bytes()).await.unwrap();
    answer(&mut idle).await;
    idle.write_all(b"GET / HT").await.unwrap();
    let begun = Instant::now();
    rest(&mut idle).await;
    assert!(begun.elapsed() < LIMITS.idle_timeout);
}

#[tokio::test]
async fn a_connection_does_not_idle_for_ever() {
    let server = start(ok(), Connections { idle_timeout: Duration::from_millis(100), ..LIMITS }).await;
    let mut stream = server.send(REQUEST).await;
    answer(&mut stream).await;
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn handlers_know_their_peer() {
    let router = Router::new().route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()));
    let server = start(router, LIMITS).await;
    let mut stream = server.send("GET / HTTP/1.0\r\n\r\n").await;
    let own = stream.local_addr().unwrap().to_string();
    assert!(rest(&mut stream).await.ends_with(&own));
}

/// A handler that tells when it began and ends when it is let.
fn held() -> (Router, Arc<Notify>, Arc<Notify>) {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, goes) = (begun.clone(), go.clone());
    let handler = async move || {
        begins.notify_one();
        goes.notified().await;
        "ok"
    };
    (Router::new().route("/", get(handler)), begun, go)
}

#[tokio::test]
async fn a_stop_finishes_what_is_under_way_and_closes_what_idles() {
    let (router, begun, go) = held();
    let server = start(router.route("/quick", get(async || "ok")), LIMITS).await;
    let mut idle = server.send("GET /quick HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    answer(&mut idle).await;
    let mut busy = server.send(REQUEST).await;
    begun.notified().await;

    server.stop.cancel();
    assert_eq!(rest(&mut idle).await, "");
    let refused = async {
        while TcpStream::connect(server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, refused).await.expect("no connection is accepted any more");
    assert!(!server.ended.is_finished());

    go.notify_one();
    let answer = rest(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok"), "{answer}");
    server.ends().await;
}

#[tokio::test]
async fn a_stop_cuts_what_does_not_end_in_time() {
    let (router, begun, _go) = held();
    let server = start(router, Connections { stop_timeout: Duration::from_millis(50), ..LIMITS }).await;
    let mut busy = server.send(REQUEST).await;
    begun.notified().await;
    server.stop.cancel();
    assert_eq!(rest(&mut busy).await, "");
    server.ends().await;
}

#[tokio::test]
async fn no_more_connections_are_open_than_allowed() {
    let (now, most, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), CancellationToken::new());
    let (counted, peak, gate) = (now.clone(), most.clone(), go.clone());
    let handler = async move || {
        peak.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        gate.cancelled().await;
        counted.fetch_sub(1, Ordering::SeqCst);
        "ok"
    };
    let server = start(Router::new().route("/", get(handler)), Connections { most: 3, ..LIMITS }).await;
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(server.send("GET / HTTP/1.0\r\n\r\n").await);
    }
    let full = async {
        while now.load(Ordering::SeqCst) < 3 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, full).await.expect("three are served");
    go.cancel();
    for stream in &mut streams {
        assert!(rest(stream).await.ends_with("ok"), "those that waited are served in their turn");
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_websocket_holds_its_place_until_it_ends() {
    let echo = async |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    };
    let upgrade = async move |upgrade: WebSocketUpgrade| upgrade.on_upgrade(echo);
    let server = start(ok().route("/socket", get(upgrade)), Connections { most: 1, ..LIMITS }).await;

    let url = format!("ws://{}/socket", server.address);
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    let mut waiting = server.send("GET / HTTP/1.0\r\n\r\n").await;
    for n in 0..20 {
        socket.send(Message::text(n.to_string())).await.unwrap();
        let echoed = timeout(PATIENCE, socket.next()).await.expect("an echo").unwrap().unwrap();
        assert_eq!(echoed.to_text().unwrap(), n.to_string());
    }
    let mut byte = [0];
    let early = timeout(Duration::ZERO, waiting.read(&mut byte)).await;
    assert!(early.is_err(), "the only place is taken");

    socket.close(None).await.unwrap();
    drop(socket);
    assert!(rest(&mut waiting).await.ends_with("ok"));
    server.stop.cancel();
    server.ends().await;
}

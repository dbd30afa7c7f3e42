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
    body::Bytes,
    extract::{ConnectInfo, WebSocketUpgrade, ws::WebSocket},
    routing::{get, post},
};
use futures::{SinkExt as _, StreamExt as _};
use server::{config::ConnectionSettings, listener};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Notify,
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

/// Much longer than any step of these tests takes.
const TIMEOUT: Duration = Duration::from_secs(20);

const LIMITS: ConnectionSettings = ConnectionSettings {
    max: 100,
    max_per_address: 100,
    trusted_proxies: Vec::new(),
    head_timeout: Duration::from_millis(300),
    body_timeout: TIMEOUT,
    write_timeout: TIMEOUT,
    idle_timeout: TIMEOUT,
    stop_timeout: TIMEOUT,
};

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

async fn start(router: Router, limits: ConnectionSettings) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let task = tokio::spawn(listener::serve(listener, router, limits, stop.clone()));
    Server { address, stop, task }
}

impl Server {
    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    async fn wait_for_end(self) {
        timeout(TIMEOUT, self.task).await.expect("the server ends").unwrap();
    }
}

/// Reads until the server closes the connection.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is a close too.
    let _ = timeout(TIMEOUT, stream.read_to_end(&mut bytes)).await.expect("the server closes");
    String::from_utf8(bytes).unwrap()
}

/// Reads one response whose body is `ok`.
async fn read_ok(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\nok") {
        let read = timeout(TIMEOUT, stream.read_buf(&mut bytes)).await.expect("a response").unwrap();
        assert_ne!(read, 0, "closed after {:?}", String::from_utf8_lossy(&bytes));
    }
    String::from_utf8(bytes).unwrap()
}

fn ok_router() -> Router {
    Router::new().route("/", get(async || "ok"))
}

const REQUEST: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn slow_headers_are_cut_but_idle_connections_are_not() {
    let server = start(ok_router(), LIMITS).await;
    let mut idle = server.send(REQUEST).await;
    read_ok(&mut idle).await;

    // Both connections start now. When the server has closed them, the header timeout has passed.
    let begun = Instant::now();
    let mut silent = server.send("").await;
    let mut slow = server.send("GET / HTTP/1.1\r\nhost: loc").await;
    let slow_headers = async {
        let (mut reader, mut writer) = slow.split();
        let send_slowly = async {
            while writer.write_all(b"a").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let mut bytes = Vec::new();
        tokio::select! { () = send_slowly => {}, _ = reader.read_to_end(&mut bytes) => {} }
    };
    timeout(TIMEOUT, slow_headers).await.expect("the server closes");
    assert_eq!(read_to_end(&mut silent).await, "");
    assert!(begun.elapsed() >= LIMITS.head_timeout);

    // The idle connection still works, until its next headers are slow.
    idle.write_all(REQUEST.as_bytes()).await.unwrap();
    read_ok(&mut idle).await;
    idle.write_all(b"GET / HT").await.unwrap();
    let begun = Instant::now();
    read_to_end(&mut idle).await;
    assert!(begun.elapsed() < LIMITS.idle_timeout);
}

#[tokio::test]
async fn slow_body_is_cut() {
    let router = Router::new().route("/", post(async |body: Bytes| body.len().to_string()));
    let limits = ConnectionSettings { body_timeout: Duration::from_millis(300), ..LIMITS };
    let server = start(router, limits.clone()).await;
    let begun = Instant::now();
    let mut slow = server.send("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n").await;
    let (mut reader, mut writer) = slow.split();
    let send_slowly = async {
        while writer.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut bytes = Vec::new();
    let closed = async {
        tokio::select! { () = send_slowly => {}, _ = reader.read_to_end(&mut bytes) => {} }
    };
    timeout(TIMEOUT, closed).await.expect("the server closes");
    assert!(begun.elapsed() >= limits.body_timeout);

    let mut quick = server.send("POST / HTTP/1.0\r\ncontent-length: 5\r\n\r\nwhole").await;
    assert!(read_to_end(&mut quick).await.ends_with("\r\n\r\n5"));
}

#[tokio::test]
async fn client_that_does_not_read_loses_its_connection() {
    let router = ok_router().route("/big", get(async || vec![b'x'; 64 << 20]));
    let limits = ConnectionSettings { max: 1, write_timeout: Duration::from_millis(300), ..LIMITS };
    let server = start(router, limits).await;
    let mut idle = server.send("GET /big HTTP/1.0\r\n\r\n").await;
    let mut waiting = server.send("GET / HTTP/1.0\r\n\r\n").await;
    assert!(read_to_end(&mut waiting).await.ends_with("ok"), "the only slot is free again");
    let mut received = Vec::new();
    let _reset = timeout(TIMEOUT, idle.read_to_end(&mut received)).await.expect("the server has closed it");
    assert!(received.len() < 64 << 20, "the response is incomplete");
}

async fn open_connection(server: &Server) -> TcpStream {
    let mut stream = server.send(REQUEST).await;
    read_ok(&mut stream).await;
    stream
}

/// Whether a new connection from this address gets a response.
async fn is_served(server: &Server, from: &str) -> bool {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    // The server may have closed the connection before this write.
    let _ignored = stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await;
    read_to_end(&mut stream).await.ends_with("ok")
}

#[tokio::test]
async fn connections_of_one_address_are_limited() {
    let limits = ConnectionSettings { max_per_address: 2, ..LIMITS };
    let server = start(ok_router(), limits.clone()).await;
    let (first, _second) = (open_connection(&server).await, open_connection(&server).await);
    assert!(!is_served(&server, "127.0.0.1").await, "a third is closed");
    assert!(is_served(&server, "127.0.0.2").await, "other addresses have their own limit");
    drop(first);
    let freed = async { while !is_served(&server, "127.0.0.1").await {} };
    timeout(TIMEOUT, freed).await.expect("a slot is free again");

    let trusted = ConnectionSettings { trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()], ..limits };
    let server = start(ok_router(), trusted).await;
    let mut proxied = Vec::new();
    for _ in 0..3 {
        proxied.push(open_connection(&server).await);
    }
}

#[tokio::test]
async fn idle_connection_is_closed_after_the_timeout() {
    let server = start(ok_router(), ConnectionSettings { idle_timeout: Duration::from_millis(100), ..LIMITS }).await;
    let mut stream = server.send(REQUEST).await;
    read_ok(&mut stream).await;
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test]
async fn handlers_get_the_address_of_their_peer() {
    let router = Router::new().route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()));
    let server = start(router, LIMITS).await;
    let mut stream = server.send("GET / HTTP/1.0\r\n\r\n").await;
    let own = stream.local_addr().unwrap().to_string();
    assert!(read_to_end(&mut stream).await.ends_with(&own));
}

/// A router whose handler notifies the first `Notify` when it starts, and returns after the second one is notified.
fn blocking_router() -> (Router, Arc<Notify>, Arc<Notify>) {
    let (started, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (on_start, on_release) = (started.clone(), release.clone());
    let handler = async move || {
        on_start.notify_one();
        on_release.notified().await;
        "ok"
    };
    (Router::new().route("/", get(handler)), started, release)
}

#[tokio::test]
async fn stop_finishes_open_requests_and_closes_idle_connections() {
    let (router, started, release) = blocking_router();
    let server = start(router.route("/quick", get(async || "ok")), LIMITS).await;
    let mut idle = server.send("GET /quick HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    read_ok(&mut idle).await;
    let mut busy = server.send(REQUEST).await;
    started.notified().await;

    server.stop.cancel();
    assert_eq!(read_to_end(&mut idle).await, "");
    let not_listening = async {
        while TcpStream::connect(server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(TIMEOUT, not_listening).await.expect("no more connections are accepted");
    assert!(!server.task.is_finished());

    release.notify_one();
    let response = read_to_end(&mut busy).await;
    assert!(response.starts_with("HTTP/1.1 200") && response.ends_with("ok"), "{response}");
    server.wait_for_end().await;
}

#[tokio::test]
async fn stop_aborts_requests_after_its_timeout() {
    let (router, started, _release) = blocking_router();
    let server = start(router, ConnectionSettings { stop_timeout: Duration::from_millis(50), ..LIMITS }).await;
    let mut busy = server.send(REQUEST).await;
    started.notified().await;
    server.stop.cancel();
    assert_eq!(read_to_end(&mut busy).await, "");
    server.wait_for_end().await;
}

#[tokio::test]
async fn open_connections_never_exceed_the_limit() {
    let (open, peak, release) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), CancellationToken::new());
    let (counter, maximum, on_release) = (open.clone(), peak.clone(), release.clone());
    let handler = async move || {
        maximum.fetch_max(counter.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        on_release.cancelled().await;
        counter.fetch_sub(1, Ordering::SeqCst);
        "ok"
    };
    let server = start(Router::new().route("/", get(handler)), ConnectionSettings { max: 3, ..LIMITS }).await;
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(server.send("GET / HTTP/1.0\r\n\r\n").await);
    }
    let full = async {
        while open.load(Ordering::SeqCst) < 3 {
            tokio::task::yield_now().await;
        }
    };
    timeout(TIMEOUT, full).await.expect("three are served");
    release.cancel();
    for stream in &mut streams {
        assert!(read_to_end(stream).await.ends_with("ok"), "waiting connections are served later");
    }
    assert_eq!(peak.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn websocket_counts_as_a_connection_until_it_closes() {
    let echo = async |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    };
    let upgrade = async move |upgrade: WebSocketUpgrade| upgrade.on_upgrade(echo);
    let server = start(ok_router().route("/socket", get(upgrade)), ConnectionSettings { max: 1, ..LIMITS }).await;

    let url = format!("ws://{}/socket", server.address);
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    let mut waiting = server.send("GET / HTTP/1.0\r\n\r\n").await;
    for n in 0..20 {
        socket.send(Message::text(n.to_string())).await.unwrap();
        let echoed = timeout(TIMEOUT, socket.next()).await.expect("an echo").unwrap().unwrap();
        assert_eq!(echoed.to_text().unwrap(), n.to_string());
    }
    let mut byte = [0];
    let early = timeout(Duration::ZERO, waiting.read(&mut byte)).await;
    assert!(early.is_err(), "the only slot is taken");

    socket.close(None).await.unwrap();
    drop(socket);
    assert!(read_to_end(&mut waiting).await.ends_with("ok"));
    server.stop.cancel();
    server.wait_for_end().await;
}

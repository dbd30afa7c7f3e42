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
use server::{config::Connections, listener};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Notify,
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

const LIMITS: Connections = Connections {
    most: 100,
    most_per_address: 100,
    trusted_proxies: Vec::new(),
    head_timeout: Duration::from_millis(300),
    body_timeout: PATIENCE,
    write_timeout: PATIENCE,
    idle_timeout: PATIENCE,
    stop_timeout: PATIENCE,
};

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
async fn a_body_that_comes_byte_by_byte_is_cut() {
    let router = Router::new().route("/", post(async |body: Bytes| body.len().to_string()));
    let limits = Connections { body_timeout: Duration::from_millis(300), ..LIMITS };
    let server = start(router, limits.clone()).await;
    let begun = Instant::now();
    let mut slow = server.send("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n").await;
    let (mut reader, mut writer) = slow.split();
    let drip = async {
        while writer.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut answer = Vec::new();
    let ended = async {
        tokio::select! { () = drip => {}, _ = reader.read_to_end(&mut answer) => {} }
    };
    timeout(PATIENCE, ended).await.expect("the server closes");
    assert!(begun.elapsed() >= limits.body_timeout);

    let mut quick = server.send("POST / HTTP/1.0\r\ncontent-length: 5\r\n\r\nwhole").await;
    assert!(rest(&mut quick).await.ends_with("\r\n\r\n5"));
}

#[tokio::test]
async fn a_client_that_takes_nothing_holds_no_place() {
    let router = ok().route("/big", get(async || vec![b'x'; 64 << 20]));
    let limits = Connections { most: 1, write_timeout: Duration::from_millis(300), ..LIMITS };
    let server = start(router, limits).await;
    let mut idle = server.send("GET /big HTTP/1.0\r\n\r\n").await;
    let mut waiting = server.send("GET / HTTP/1.0\r\n\r\n").await;
    assert!(rest(&mut waiting).await.ends_with("ok"), "the only place is free again");
    let mut got = Vec::new();
    let _cut = timeout(PATIENCE, idle.read_to_end(&mut got)).await.expect("the server has closed it");
    assert!(got.len() < 64 << 20, "what was not sent yet is not sent any more");
}

async fn served(server: &Server) -> TcpStream {
    let mut stream = server.send(REQUEST).await;
    answer(&mut stream).await;
    stream
}

/// Whether a new connection from this address gets an answer.
async fn is_served(server: &Server, from: &str) -> bool {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    // Whoever is sent away may be gone before this is written.
    let _unsent = stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await;
    rest(&mut stream).await.ends_with("ok")
}

#[tokio::test]
async fn one_address_takes_no_more_than_its_share() {
    let limits = Connections { most_per_address: 2, ..LIMITS };
    let server = start(ok(), limits.clone()).await;
    let (first, _second) = (served(&server).await, served(&server).await);
    assert!(!is_served(&server, "127.0.0.1").await, "a third is sent away");
    assert!(is_served(&server, "127.0.0.2").await, "others have their share");
    drop(first);
    let freed = async { while !is_served(&server, "127.0.0.1").await {} };
    timeout(PATIENCE, freed).await.expect("a place is free again");

    let trusted = Connections { trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()], ..limits };
    let server = start(ok(), trusted).await;
    let mut through_a_proxy = Vec::new();
    for _ in 0..3 {
        through_a_proxy.push(served(&server).await);
    }
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

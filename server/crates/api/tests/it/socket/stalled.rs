//! Event sockets with a blocked database, or with a client that does not read.

use std::{num::NonZeroUsize, sync::Arc, task::Poll, time::Duration};

use control::{Cx, access::ClientInfo, api_key, changes::Change};
use futures::{SinkExt as _, StreamExt as _};
use http::{HeaderValue, header};
use store::{Db, Tx, Write, db::Limits};
use testkit::{Backend, TestApp};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpSocket,
    runtime::Handle,
    sync::{Notify, watch},
    task::yield_now,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};

use super::{Socket, TASK_RUN, TEST_TIMEOUT, open, send, send_with_ping, serve, transition, wait_for_pong};
use crate::client::Client;

/// Much longer than the server needs for an answer.
const SHORT_WAIT: Duration = Duration::from_millis(300);

/// A write that blocks until it is released.
struct BlockingWrite {
    started: Arc<Notify>,
    release: watch::Receiver<()>,
    backend: Backend,
    runtime: Handle,
}

impl Write for BlockingWrite {
    type Out = ();
    type Error = store::Error;

    async fn run(&self, _: &mut Tx<'_>) -> store::Result<()> {
        self.started.notify_one();
        let mut release = self.release.clone();
        // A dropped sender releases the write too.
        let released = async move { drop(release.changed().await) };
        match self.backend {
            // SQLite's writer has its own thread, outside of the runtime.
            Backend::Sqlite => self.runtime.block_on(released),
            Backend::Postgres => released.await,
        }
        Ok(())
    }
}

/// A client of a server whose database runs one write at a time and queues only one more.
async fn with_small_queue(app: &TestApp) -> (Client, Db) {
    let ann = Client::new(app, "ann").await;
    let long = Duration::from_secs(120);
    let limits = Limits { queue: 1, postgres_writers: NonZeroUsize::MIN, postgres_write: long, ..Limits::default() };
    let db = Db::open(&app.location, limits).await.expect("the test's database opens");
    let cx = Cx { db: db.clone(), ..app.cx.clone() };
    (Client { router: api::router::router(cx), ..ann }, db)
}

/// Opens a socket. Tries again while another write is in the queue, as clients do.
async fn open_in_turn(url: &str, key: Option<&str>) -> Socket {
    let opened = async {
        loop {
            match open(url, key, None).await {
                Err(Error::Http(response)) if response.status() == 429 => yield_now().await,
                opened => return opened.expect("an open socket"),
            }
        }
    };
    timeout(TEST_TIMEOUT, opened).await.expect("room in the queue")
}

/// Blocks the writer and fills the queue, so that the database rejects further writes until the sender releases it.
async fn block_database(app: &TestApp, db: &Db) -> watch::Sender<()> {
    let (release, released) = watch::channel(());
    let started = Arc::new(Notify::new());
    let write = || {
        let write = BlockingWrite {
            started: started.clone(),
            release: released.clone(),
            backend: app.backend,
            runtime: Handle::current(),
        };
        let db = db.clone();
        Box::pin(async move { db.write(write).await })
    };
    drop(tokio::spawn(write()));
    timeout(TEST_TIMEOUT, started.notified()).await.expect("the first write begins");
    loop {
        let mut next = write();
        match futures::poll!(next.as_mut()) {
            Poll::Pending => drop(tokio::spawn(next)),
            Poll::Ready(result) => {
                assert_eq!(result, Err(store::Error::Overloaded));
                return release;
            }
        }
    }
}

/// All bytes until the server closes the connection, also those after a close frame.
async fn read_to_end(socket: &mut Socket) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = timeout(TEST_TIMEOUT, socket.get_mut().read_to_end(&mut bytes)).await.expect("the server closes");
    read.expect("the connection ends without an error");
    bytes
}

fn contains_pong(bytes: &[u8]) -> bool {
    bytes.windows(5).any(|part| part == b"proof")
}

testkit::on_both! {
    async fn the_pong_waits_for_an_overloaded_database(app: TestApp) {
        let (ann, db) = with_small_queue(&app).await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open_in_turn(&url, ann.key.as_deref()).await;
        let release = block_database(&app, &db).await;
        send_with_ping(&mut socket, &[transition("RUNNING", "Running", 1), transition("COMPLETED", "Completed", 2)]).await;
        assert!(timeout(SHORT_WAIT, socket.next()).await.is_err(), "no pong, and the socket stays open");
        release.send(()).unwrap();
        wait_for_pong(&mut socket).await;
        let run = ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200);
        assert_eq!(run["state_name"], "Completed");
    }

    async fn unstored_events_are_never_confirmed(app: TestApp) {
        let (ann, db) = with_small_queue(&app).await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut timed_out = open_in_turn(&url, ann.key.as_deref()).await;
        let mut stopped = open_in_turn(&url, ann.key.as_deref()).await;
        send(&mut stopped, &[]).await;
        let release = block_database(&app, &db).await;

        send_with_ping(&mut timed_out, &[transition("RUNNING", "Running", 1)]).await;
        assert!(!contains_pong(&read_to_end(&mut timed_out).await), "the event was not stored");

        send_with_ping(&mut stopped, &[transition("RUNNING", "Running", 1)]).await;
        assert!(timeout(SHORT_WAIT, stopped.next()).await.is_err(), "no pong before the event is stored");
        app.cx.changes().publish([Change::Stopping]);
        assert!(!contains_pong(&read_to_end(&mut stopped).await), "the server stopped before the event was stored");

        release.send(()).unwrap();
        // The queue of the first router may still be full.
        let ann = Client { router: api::router::router(app.cx.clone()), ..ann };
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut again = open_in_turn(&url, ann.key.as_deref()).await;
        send(&mut again, &[transition("RUNNING", "Running", 1)]).await;
        ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200);
    }

    async fn a_client_that_never_reads_is_disconnected(app: TestApp) {
        let user = app.person("ann").await;
        let ann = Client::for_user(&app, &user).await;
        let second = app.key(&user, "second").await;
        let server = serve(&ann).await;
        let stream = TcpSocket::new_v4().unwrap();
        stream.set_recv_buffer_size(4_096).unwrap();
        let stream = stream.connect(server.strip_prefix("ws://").unwrap().parse().unwrap()).await.unwrap();
        let mut request = format!("{server}{}/events/in", ann.base).into_client_request().unwrap();
        let authorization = HeaderValue::from_str(&format!("Bearer {}", second.secret.reveal())).unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, authorization);
        let (mut socket, _) = client_async(request, stream).await.expect("an open socket");

        // The pongs, which the client does not read, exceed the buffers of the operating system.
        for _ in 0..40_000 {
            socket.feed(Message::Ping(vec![b'x'; 125].into())).await.expect("sent");
        }
        socket.flush().await.expect("sent");
        api_key::delete(&app.cx, user.caller, second.key.id, ClientInfo::default()).await.unwrap();
        let disconnected = async {
            while socket.get_mut().write_all(&[0]).await.is_ok() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(TEST_TIMEOUT, disconnected).await.expect("the server closes the connection");
    }
}

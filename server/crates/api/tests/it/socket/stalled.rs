//! Sockets beside a database, or before a client, that stands still.

use std::{num::NonZeroUsize, sync::Arc, task::Poll, time::Duration};

use control::{Cx, access::Origin, api_key, bus::Change};
use futures::{SinkExt as _, StreamExt as _};
use http::{HeaderValue, header};
use store::{Db, Tx, Write, db::Limits};
use testkit::{Backend, Kit};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpSocket,
    runtime::Handle,
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use super::{PATIENCE, Socket, TASK_RUN, ask, open, proved, send, serve, transition};
use crate::client::Client;

/// Far more than a server takes to answer when it can.
const MOMENT: Duration = Duration::from_millis(300);

/// A write that goes on until it is let go.
struct Hold {
    begun: Arc<Notify>,
    until: watch::Receiver<()>,
    on: Backend,
    runtime: Handle,
}

impl Write for Hold {
    type Out = ();
    type Error = store::Error;

    async fn run(&self, _: &mut Tx<'_>) -> store::Result<()> {
        self.begun.notify_one();
        let mut until = self.until.clone();
        // The other end gone lets go as well.
        let let_go = async move { drop(until.changed().await) };
        match self.on {
            // The writer has a thread of its own, and awaits nothing but its transaction.
            Backend::Sqlite => self.runtime.block_on(let_go),
            Backend::Postgres => let_go.await,
        }
        Ok(())
    }
}

/// A server whose database takes one write after the other, and lets one wait.
async fn narrow(kit: &Kit) -> (Client, Db) {
    let ann = Client::new(kit, "ann").await;
    let long = Duration::from_secs(120);
    let limits = Limits { queue: 1, lanes: NonZeroUsize::MIN, postgres_write: long, ..Limits::default() };
    let db = Db::open(&kit.location, limits).await.expect("the test's database opens");
    let cx = Cx { db: db.clone(), ..kit.cx.clone() };
    (Client { router: api::router::router(cx), ..ann }, db)
}

/// From now on the database does nothing and refuses whatever is handed in.
async fn hold(kit: &Kit, db: &Db) -> watch::Sender<()> {
    let (held, until) = watch::channel(());
    let begun = Arc::new(Notify::new());
    let write = || {
        let write = Hold { begun: begun.clone(), until: until.clone(), on: kit.backend, runtime: Handle::current() };
        let db = db.clone();
        Box::pin(async move { db.write(write).await })
    };
    drop(tokio::spawn(write()));
    timeout(PATIENCE, begun.notified()).await.expect("the first write begins");
    loop {
        let mut next = write();
        match futures::poll!(next.as_mut()) {
            Poll::Pending => drop(tokio::spawn(next)),
            Poll::Ready(refused) => {
                assert_eq!(refused, Err(store::Error::Overloaded));
                return held;
            }
        }
    }
}

/// All bytes until the server lets go: what comes behind a close frame too.
async fn rest(socket: &mut Socket) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = timeout(PATIENCE, socket.get_mut().read_to_end(&mut bytes)).await.expect("the server closes");
    read.expect("it closes without a fuss");
    bytes
}

fn holds_proof(bytes: &[u8]) -> bool {
    bytes.windows(5).any(|part| part == b"proof")
}

testkit::on_both! {
    async fn the_pong_waits_for_a_database_that_has_too_much_to_do(kit: Kit) {
        let (ann, db) = narrow(&kit).await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        let held = hold(&kit, &db).await;
        ask(&mut socket, &[transition("RUNNING", "Running", 1), transition("COMPLETED", "Completed", 2)]).await;
        assert!(timeout(MOMENT, socket.next()).await.is_err(), "nothing is proved, and nobody is sent away");
        held.send(()).unwrap();
        proved(&mut socket).await;
        let run = ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200);
        assert_eq!(run["state_name"], "Completed");
    }

    async fn events_that_were_not_stored_are_never_proved(kit: Kit) {
        let (ann, db) = narrow(&kit).await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut given_up = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        let mut stopped = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        send(&mut stopped, &[]).await;
        let held = hold(&kit, &db).await;

        ask(&mut given_up, &[transition("RUNNING", "Running", 1)]).await;
        assert!(!holds_proof(&rest(&mut given_up).await), "the database never took it");

        ask(&mut stopped, &[transition("RUNNING", "Running", 1)]).await;
        assert!(timeout(MOMENT, stopped.next()).await.is_err(), "the events wait");
        kit.cx.bus.tell(Change::Stopping);
        assert!(!holds_proof(&rest(&mut stopped).await), "the server stopped first");

        held.send(()).unwrap();
        let mut again = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        send(&mut again, &[transition("RUNNING", "Running", 1)]).await;
        // The narrow server may still be busy.
        let ann = Client { router: api::router::router(kit.cx.clone()), ..ann };
        ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200);
    }

    async fn a_client_that_takes_nothing_is_let_go(kit: Kit) {
        let somebody = kit.person("ann").await;
        let ann = Client::of(&kit, &somebody).await;
        let second = kit.key(&somebody, "second").await;
        let server = serve(&ann).await;
        let stream = TcpSocket::new_v4().unwrap();
        stream.set_recv_buffer_size(4_096).unwrap();
        let stream = stream.connect(server.strip_prefix("ws://").unwrap().parse().unwrap()).await.unwrap();
        let mut request = format!("{server}{}/events/in", ann.base).into_client_request().unwrap();
        let shown = HeaderValue::from_str(&format!("Bearer {}", second.secret.reveal())).unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, shown);
        let (mut socket, _) = client_async(request, stream).await.expect("an open socket");

        // The answers, none of which is read, are more than the system keeps.
        for _ in 0..40_000 {
            socket.feed(Message::Ping(vec![b'x'; 125].into())).await.expect("sent");
        }
        socket.flush().await.expect("sent");
        api_key::delete(&kit.cx, somebody.caller, second.key.id, Origin::default()).await.unwrap();
        let gone = async {
            while socket.get_mut().write_all(&[0]).await.is_ok() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, gone).await.expect("the server lets go");
    }
}

//! What only a database beyond a connection can do: be slow to reach, go away, or work on for nobody.

use std::{num::NonZeroUsize, path::Path, time::Duration};

use model::permission::ReadRuns;
use sea_query::Query;
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use store::{
    Db, Error, Read, Result, Tenant, Tx, Write,
    db::{Limits, Location},
};
use testkit::{Backend, Kit, kit};
use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpStream, UnixListener, UnixStream},
    time::{Instant, sleep, timeout},
};

use super::{HANDLES, Held, Then, assert_stored, make};

store::statements! {
    /// Works on without a client.
    open SLEEP: () => (bool,) = sqlite "SELECT 0" postgres "SELECT pg_sleep(60) IS NULL";
    /// Connections to this database that do something, or hold a transaction.
    open BUSY: () => (i64,) = sqlite "SELECT 0" postgres
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
    /// Ends all other connections to this database, and waits until they are gone.
    open END_OTHERS: () => (bool,) = sqlite "SELECT 0" postgres
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    /// Reads a number from a text.
    open NUMBER: (String,) => (i64,) = "SELECT CAST(CAST($1 AS TEXT) AS BIGINT)";
    /// Texts that this connection keeps of selects that were built.
    open KEPT: () => (i64,) = sqlite "SELECT 0" postgres
        "SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT \"id\"%'";
}

const ONE: NonZeroUsize = NonZeroUsize::MIN;
const LIMIT: Duration = Duration::from_millis(800);

fn on_postgres<F: Future<Output = ()> + Send + 'static>(test: impl FnOnce(Kit) -> F) {
    kit::run(Backend::Postgres, test);
}

struct Sleep;

impl Read for Sleep {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.all(&SLEEP, ()).await.map(drop)
    }
}

impl Write for Sleep {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.all(&SLEEP, ()).await.map(drop)
    }
}

#[test]
fn a_read_that_finds_all_connections_taken_is_told_to_come_back() {
    on_postgres(|kit| async move {
        let limits = Limits { postgres_readers: ONE, reader_wait: LIMIT / 8, ..Limits::default() };
        let db = Db::open(&kit.location, limits).await.unwrap();
        let held = Held::reader(&db).await;
        assert_eq!(db.all(&HANDLES, ()).await, Err(Error::Overloaded));
        held.let_go().await.unwrap();
        assert_stored(&db, []).await;
    });
}

#[test]
fn a_server_that_lets_nobody_in_is_no_fault_of_the_call() {
    on_postgres(|kit| async move {
        let Location::Postgres(url) = &kit.location else { panic!("{:?}", kit.location) };
        let options: PgConnectOptions = url.parse().unwrap();
        let stranger = options.username("nobody-of-this-name").to_url_lossy();
        let refused = Db::open(&Location::Postgres(stranger.to_string()), Limits::default()).await.err();
        assert!(
            matches!(&refused, Some(Error::Unavailable(why)) if why.contains("nobody-of-this-name")),
            "{refused:?}"
        );
    });
}

#[test]
fn what_nobody_waits_for_is_ended() {
    on_postgres(|kit| async move {
        let limits =
            Limits { read: LIMIT, postgres_write: LIMIT, lanes: ONE, postgres_readers: ONE, ..Limits::default() };
        let db = Db::open(&kit.location, limits).await.unwrap();
        assert!(matches!(db.write(Sleep).await, Err(Error::TooSlow(_))));
        assert!(matches!(db.read(Sleep).await, Err(Error::TooSlow(_))));
        // Its caller goes away. The only reader's next one is not kept waiting.
        assert!(timeout(LIMIT / 2, db.read(Sleep)).await.is_err());
        assert_stored(&db, []).await;
        let patience = Instant::now() + Duration::from_secs(20);
        while kit.cx.db.optional(&BUSY, ()).await.unwrap() != Some((0,)) {
            assert!(Instant::now() < patience, "the server still works for a client that has gone");
            sleep(Duration::from_millis(20)).await;
        }
        db.write(make("next", Then::Keep)).await.unwrap();
        assert_stored(&db, ["next".to_owned()]).await;
    });
}

#[test]
fn a_connection_that_died_while_it_was_idle_costs_no_write() {
    on_postgres(|kit| async move {
        let db = Db::open(&kit.location, Limits { lanes: ONE, ..Limits::default() }).await.unwrap();
        for handle in ["one", "two"] {
            db.write(make(handle, Then::Keep)).await.unwrap();
            let ended = kit.cx.db.all(&END_OTHERS, ()).await.unwrap();
            assert!(!ended.is_empty() && ended.iter().all(|(gone,)| *gone), "{ended:?}");
        }
        db.write(make("three", Then::Keep)).await.unwrap();
        assert_stored(&kit.cx.db, ["one", "two", "three"].map(str::to_owned)).await;
    });
}

#[test]
fn a_connection_that_is_slow_to_come_costs_no_write() {
    on_postgres(|kit| async move {
        let folder = tempfile::tempdir().unwrap();
        let Location::Postgres(url) = &kit.location else { panic!("not on PostgreSQL") };
        let way = Location::Postgres(slow_way(url, LIMIT * 2, folder.path()));
        let db = Db::open(&way, Limits { postgres_write: LIMIT, lanes: ONE, ..Limits::default() }).await.unwrap();
        for handle in ["one", "two"] {
            db.write(make(handle, Then::Keep)).await.unwrap();
        }
        assert_stored(&db, ["one", "two"].map(str::to_owned)).await;
    });
}

/// The URL of a way to the same database that takes this long to open.
fn slow_way(url: &str, delay: Duration, folder: &Path) -> String {
    let goal: PgConnectOptions = url.parse().unwrap();
    let listener = UnixListener::bind(folder.join(".s.PGSQL.1")).unwrap();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let goal = goal.clone();
            tokio::spawn(async move {
                sleep(delay).await;
                match goal.get_socket() {
                    Some(folder) => {
                        let socket = folder.join(format!(".s.PGSQL.{}", goal.get_port()));
                        join(near, UnixStream::connect(socket).await.unwrap()).await;
                    }
                    None => join(near, TcpStream::connect((goal.get_host(), goal.get_port())).await.unwrap()).await,
                }
            });
        }
    });
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}host={}&port=1", folder.display())
}

async fn join(mut near: UnixStream, mut far: impl AsyncRead + AsyncWrite + Unpin) {
    // It ends when either side does, well or not.
    let _ended = copy_bidirectional(&mut near, &mut far).await;
}

/// Builds a select, and tells how many of such texts its connection keeps.
struct Select(Tenant);

impl Read for Select {
    type Out = i64;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let select = Query::select().column("id").from("flow").to_owned();
        let _none: Vec<(uuid::Uuid,)> = tx.of(&self.0).select("flow", select).await?;
        Ok(tx.one(&KEPT, ()).await?.0)
    }
}

#[test]
fn a_text_that_was_built_for_one_call_is_not_kept() {
    on_postgres(|kit| async move {
        let ann = kit.person("ann").await;
        let address = kit.workspace(&ann, "data").await;
        let tenant = *kit.enter::<ReadRuns>(&ann, address).await.tenant();
        assert_eq!(kit.cx.db.read(Select(tenant)).await, Ok(0));
    });
}

#[test]
fn no_error_quotes_a_value() {
    on_postgres(|kit| async move {
        let error = kit.cx.db.all(&NUMBER, ("seventeen quiet herons",)).await.unwrap_err();
        assert!(matches!(error, Error::Database(_)) && !error.to_string().contains("herons"), "{error}");
    });
}

//! Faults of a database server: slow to connect, gone, or still working for a client that is gone.

use std::{num::NonZeroUsize, path::Path, time::Duration};

use model::permission::ReadRuns;
use sea_query::Query;
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use store::{
    Db, Error, Read, Result, Tenant, Tx, Write,
    db::{Limits, Location},
};
use testkit::{Backend, TestApp, app};
use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpStream, UnixListener, UnixStream},
    time::{Instant, sleep, timeout},
};

use super::{Action, Blocked, HANDLES, assert_stored, insert_two};

store::statements! {
    /// Runs on after its client is gone.
    unscoped SLEEP: () => (bool,) = sqlite "SELECT 0" postgres "SELECT pg_sleep(60) IS NULL";
    /// The number of other connections to this database that run a statement or have an open transaction.
    unscoped BUSY: () => (i64,) = sqlite "SELECT 0" postgres
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
    /// Ends all other connections to this database, and waits until they are closed.
    unscoped END_OTHERS: () => (bool,) = sqlite "SELECT 0" postgres
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    /// Parses a number.
    unscoped NUMBER: (String,) => (i64,) = "SELECT CAST(CAST($1 AS TEXT) AS BIGINT)";
    /// The number of built selects whose prepared statement this connection caches.
    unscoped CACHED: () => (i64,) = sqlite "SELECT 0" postgres
        "SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT \"id\"%'";
}

const ONE: NonZeroUsize = NonZeroUsize::MIN;
const LIMIT: Duration = Duration::from_millis(800);

fn on_postgres<F: Future<Output = ()> + Send + 'static>(test: impl FnOnce(TestApp) -> F) {
    app::run(Backend::Postgres, test);
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
fn read_is_rejected_when_no_connection_gets_free() {
    on_postgres(|app| async move {
        let limits = Limits { postgres_readers: ONE, reader_wait: LIMIT / 8, ..Limits::default() };
        let db = Db::open(&app.location, limits).await.unwrap();
        let blocked = Blocked::reader(&db).await;
        assert_eq!(db.all(&HANDLES, ()).await, Err(Error::Overloaded));
        blocked.release().await.unwrap();
        assert_stored(&db, []).await;
    });
}

#[test]
fn rejected_sign_in_is_reported_as_unavailable() {
    on_postgres(|app| async move {
        let Location::Postgres(url) = &app.location else { panic!("{:?}", app.location) };
        let options: PgConnectOptions = url.parse().unwrap();
        let unknown_user = options.username("unknown-user").to_url_lossy();
        let error = Db::open(&Location::Postgres(unknown_user.to_string()), Limits::default()).await.err();
        assert!(matches!(&error, Some(Error::Unavailable(why)) if why.contains("unknown-user")), "{error:?}");
    });
}

#[test]
fn statements_end_when_their_client_is_gone() {
    on_postgres(|app| async move {
        let limits = Limits {
            read: LIMIT,
            postgres_write: LIMIT,
            postgres_writers: ONE,
            postgres_readers: ONE,
            ..Limits::default()
        };
        let db = Db::open(&app.location, limits).await.unwrap();
        assert!(matches!(db.write(Sleep).await, Err(Error::TooSlow(_))));
        assert!(matches!(db.read(Sleep).await, Err(Error::TooSlow(_))));
        // Its caller is dropped. The next read gets the only reader without a wait.
        assert!(timeout(LIMIT / 2, db.read(Sleep)).await.is_err());
        assert_stored(&db, []).await;
        let deadline = Instant::now() + Duration::from_secs(20);
        while app.cx.db.optional(&BUSY, ()).await.unwrap() != Some((0,)) {
            assert!(Instant::now() < deadline, "the server still runs a statement for a client that is gone");
            sleep(Duration::from_millis(20)).await;
        }
        db.write(insert_two("next", Action::None)).await.unwrap();
        assert_stored(&db, ["next".to_owned()]).await;
    });
}

#[test]
fn idle_connection_that_was_closed_fails_no_write() {
    on_postgres(|app| async move {
        let db = Db::open(&app.location, Limits { postgres_writers: ONE, ..Limits::default() }).await.unwrap();
        for handle in ["one", "two"] {
            db.write(insert_two(handle, Action::None)).await.unwrap();
            // By a pool of its own each time: it may not get a connection that was ended before.
            let other = Db::open(&app.location, Limits::default()).await.unwrap();
            let ended = other.all(&END_OTHERS, ()).await.unwrap();
            // False for a connection of an earlier pool that has ended by itself meanwhile.
            assert!(ended.iter().any(|(was_ended,)| *was_ended), "{ended:?}");
        }
        db.write(insert_two("three", Action::None)).await.unwrap();
        let other = Db::open(&app.location, Limits::default()).await.unwrap();
        assert_stored(&other, ["one", "two", "three"].map(str::to_owned)).await;
    });
}

#[test]
fn slow_connecting_fails_no_write() {
    on_postgres(|app| async move {
        let folder = tempfile::tempdir().unwrap();
        let Location::Postgres(url) = &app.location else { panic!("not on PostgreSQL") };
        let slow = Location::Postgres(slow_proxy(url, LIMIT * 2, folder.path()));
        let db = Db::open(&slow, Limits { postgres_write: LIMIT, postgres_writers: ONE, ..Limits::default() })
            .await
            .unwrap();
        for handle in ["one", "two"] {
            db.write(insert_two(handle, Action::None)).await.unwrap();
        }
        assert_stored(&db, ["one", "two"].map(str::to_owned)).await;
    });
}

/// The URL of a proxy to the same database that delays each connection.
fn slow_proxy(url: &str, delay: Duration, folder: &Path) -> String {
    let target: PgConnectOptions = url.parse().unwrap();
    let listener = UnixListener::bind(folder.join(".s.PGSQL.1")).unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let target = target.clone();
            tokio::spawn(async move {
                sleep(delay).await;
                match target.get_socket() {
                    Some(folder) => {
                        let socket = folder.join(format!(".s.PGSQL.{}", target.get_port()));
                        join(client, UnixStream::connect(socket).await.unwrap()).await;
                    }
                    None => {
                        join(client, TcpStream::connect((target.get_host(), target.get_port())).await.unwrap()).await;
                    }
                }
            });
        }
    });
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}host={}&port=1", folder.display())
}

async fn join(mut client: UnixStream, mut server: impl AsyncRead + AsyncWrite + Unpin) {
    // Ends when either side closes the connection or fails.
    let _ended = copy_bidirectional(&mut client, &mut server).await;
}

/// Runs a built select, and returns how many of them its connection caches.
struct Select(Tenant);

impl Read for Select {
    type Out = i64;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let select = Query::select().column("id").from("flow").to_owned();
        let _none: Vec<(uuid::Uuid,)> = tx.of(&self.0).select("flow", select).await?;
        Ok(tx.one(&CACHED, ()).await?.0)
    }
}

#[test]
fn built_selects_are_not_cached() {
    on_postgres(|app| async move {
        let ann = app.person("ann").await;
        let address = app.workspace(&ann, "data").await;
        let tenant = *app.authorize::<ReadRuns>(&ann, address).await.tenant();
        assert_eq!(app.cx.db.read(Select(tenant)).await, Ok(0));
    });
}

#[test]
fn errors_quote_no_values() {
    on_postgres(|app| async move {
        let error = app.cx.db.all(&NUMBER, ("seventeen quiet herons",)).await.unwrap_err();
        assert!(matches!(error, Error::Database(_)) && !error.to_string().contains("herons"), "{error}");
    });
}

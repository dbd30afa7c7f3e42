//! The server's use cases on a database for one test.

use std::{future::Future, panic::resume_unwind, sync::Arc, time::Duration};

use control::{
    Cx,
    changes::{Channel, Subscriber},
    clock::Clock,
    ids::Ids,
    server::RunningServer,
    settings::Settings,
};
use identity::{Cost, Hasher, SignInLimits, SignInThrottle};
use model::{
    id::UserId,
    time::{Span, Timestamp},
};
use store::{
    Db,
    db::{Limits, Location},
    migrate::migrate,
    testing::RawConnection,
};

use crate::database::{Backend, TestDb};

/// The use cases and their dependencies. Clones share the database.
#[derive(Clone)]
pub struct TestApp {
    /// The context for use cases. Its clock moves only by [`TestApp::advance`]; its ids come from a seed.
    pub cx: Cx,
    /// The kind of database.
    pub backend: Backend,
    /// The location of the database.
    pub location: Location,
}

/// The time at the start of every test: 25 November 2026, 10:00 UTC.
#[must_use]
pub fn start() -> Timestamp {
    Timestamp::from_micros(1_795_600_800_000_000)
}

/// Parameters that make password hashes fast.
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

impl TestApp {
    async fn open(backend: Backend, location: Location) -> Self {
        let db = Db::open(&location, Limits::default()).await.expect("the test's database opens");
        migrate(&db, start()).await.expect("an empty database can be migrated");
        let cx = Cx {
            db,
            clock: Clock::set(start()),
            ids: Ids::seeded(1),
            settings: Arc::new(Settings::default()),
            hasher: Arc::new(Hasher::new(CHEAP).expect("argon2 takes these figures")),
            throttle: Arc::new(SignInThrottle::new(SignInLimits::default())),
            server: RunningServer::new(start()),
        };
        Self { cx, backend, location }
    }

    /// The same app with other settings.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::clone(&self.cx.settings);
        change(&mut settings);
        Self { cx: Cx { settings: Arc::new(settings), ..self.cx.clone() }, ..self.clone() }
    }

    /// The same app with new connections to its database and this time limit for each write. With zero, every write fails.
    ///
    /// # Panics
    /// If the test's database does not open.
    pub async fn with_write_limit(&self, limit: Duration) -> Self {
        self.with_limits(Limits { sqlite_write: limit, postgres_write: limit, ..Limits::default() }).await
    }

    /// The same app with new connections to its database and this time limit for each read. With zero, every read fails.
    ///
    /// # Panics
    /// If the test's database does not open.
    pub async fn with_read_limit(&self, limit: Duration) -> Self {
        self.with_limits(Limits { read: limit, ..Limits::default() }).await
    }

    async fn with_limits(&self, limits: Limits) -> Self {
        let db = Db::open(&self.location, limits).await.expect("the test's database opens");
        Self { cx: Cx { db, ..self.cx.clone() }, ..self.clone() }
    }

    /// Makes the database reject an `operation` (INSERT, UPDATE or DELETE) on rows of `table` whose `column` is 'poison'.
    ///
    /// # Panics
    /// If the trigger can't be created.
    pub async fn poison(&self, operation: &str, table: &str, column: &str) {
        let row = if operation == "DELETE" { "OLD" } else { "NEW" };
        let trigger = format!(
            "CREATE TRIGGER poison BEFORE {operation} ON {table} FOR EACH ROW WHEN ({row}.{column} = 'poison')"
        );
        match self.backend {
            Backend::Sqlite => self.execute_raw(&format!("{trigger} BEGIN SELECT RAISE(ABORT, 'poisoned'); END")).await,
            Backend::Postgres => {
                let reject = "BEGIN RAISE EXCEPTION ''poisoned''; END";
                self.execute_raw(&format!("CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS '{reject}'"))
                    .await;
                self.execute_raw(&format!("{trigger} EXECUTE FUNCTION poison()")).await;
            }
        }
    }

    /// Removes the trigger of [`TestApp::poison`].
    ///
    /// # Panics
    /// If there is none.
    pub async fn remove_poison(&self, table: &str) {
        match self.backend {
            Backend::Sqlite => self.execute_raw("DROP TRIGGER poison").await,
            Backend::Postgres => self.execute_raw(&format!("DROP TRIGGER poison ON {table}")).await,
        }
    }

    /// Makes PostgreSQL wait so many seconds before it commits a transaction that inserted into `table`, so that other transactions run in
    /// between. Does nothing on SQLite, which runs one write at a time.
    ///
    /// # Panics
    /// If the trigger can't be created.
    pub async fn delay_commit(&self, table: &str, seconds: f64) {
        if self.backend == Backend::Sqlite {
            return;
        }
        let wait = format!("BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END");
        self.execute_raw(&format!("CREATE FUNCTION delay_commit() RETURNS trigger LANGUAGE plpgsql AS '{wait}'")).await;
        let trigger =
            format!("CREATE CONSTRAINT TRIGGER delay_commit AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED");
        self.execute_raw(&format!("{trigger} FOR EACH ROW EXECUTE FUNCTION delay_commit()")).await;
    }

    /// Runs a statement on a connection of its own, without the use cases.
    ///
    /// # Panics
    /// If the database rejects it.
    pub async fn execute_raw(&self, statement: &str) {
        let mut connection = RawConnection::open(&self.location).await.expect("the test's database opens");
        connection.touched(statement, &[], Vec::new()).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// Subscribes to the changes of one person.
    #[must_use]
    pub fn changes_of(&self, person: UserId) -> Subscriber {
        let mut changes = self.cx.changes().subscribe();
        changes.add(Channel::Person(person));
        changes
    }

    /// Moves the clock forward.
    pub fn advance(&self, seconds: f64) {
        self.cx.clock.advance(Span::from_seconds(seconds));
    }
}

/// Runs a test on a new database, which is removed even if the test fails.
///
/// # Panics
/// If the test panics.
pub fn run<T, F>(backend: Backend, test: T)
where
    T: FnOnce(TestApp) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        let database = TestDb::create(backend).await;
        let app = TestApp::open(backend, database.location().clone()).await;
        let outcome = tokio::spawn(test(app)).await;
        database.remove().await;
        if let Err(failure) = outcome {
            resume_unwind(failure.into_panic());
        }
    });
}

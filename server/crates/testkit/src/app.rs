//! What a test gets: the server's use cases over a database of the test's own.

use std::{future::Future, panic::resume_unwind, sync::Arc, time::Duration};

use control::{Cx, bus::Bus, clock::Clock, ids::Ids, settings::Settings};
use identity::{Cost, Hasher, SignInLimits, SignInThrottle};
use model::time::{Span, Timestamp};
use store::{
    Db,
    db::{Limits, Location},
    migrate::migrate,
    probe::Probe,
};

use crate::database::{Backend, TestDb};

/// The server in one process. Clones share everything.
#[derive(Clone)]
pub struct Kit {
    /// What use cases are given. Its clock stands until it is moved; its ids come from a seed.
    pub cx: Cx,
    /// Which database this is.
    pub backend: Backend,
    /// Where it lies.
    pub location: Location,
}

/// When every test begins: 25 November 2026, ten o'clock.
#[must_use]
pub fn start() -> Timestamp {
    Timestamp::from_micros(1_795_600_800_000_000)
}

/// Password hashes that cost next to nothing.
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

impl Kit {
    async fn open(backend: Backend, location: Location) -> Self {
        let db = Db::open(&location, Limits::default()).await.expect("the test's database opens");
        migrate(&db, start()).await.expect("an empty database can be migrated");
        let cx = Cx {
            db,
            clock: Clock::set(start()),
            ids: Ids::seeded(1),
            bus: Bus::default(),
            settings: Arc::new(Settings::default()),
            hasher: Arc::new(Hasher::new(CHEAP).expect("argon2 takes these figures")),
            throttle: Arc::new(SignInThrottle::new(SignInLimits::default())),
        };
        Self { cx, backend, location }
    }

    /// The same server with other settings.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::clone(&self.cx.settings);
        change(&mut settings);
        Self { cx: Cx { settings: Arc::new(settings), ..self.cx.clone() }, ..self.clone() }
    }

    /// The same server, by connections of its own that give each write this long. Without any time each is given up.
    ///
    /// # Panics
    /// If the test's database does not open.
    pub async fn with_write_time(&self, time: Duration) -> Self {
        let limits = Limits { sqlite_write: time, postgres_write: time, ..Limits::default() };
        let db = Db::open(&self.location, limits).await.expect("the test's database opens");
        Self { cx: Cx { db, ..self.cx.clone() }, ..self.clone() }
    }

    /// Makes the database refuse to `act` (INSERT, UPDATE or DELETE) on rows of `table` where `column` holds 'poison'.
    ///
    /// # Panics
    /// If it can't be made to.
    pub async fn poison(&self, act: &str, table: &str, column: &str) {
        let row = if act == "DELETE" { "OLD" } else { "NEW" };
        let trigger =
            format!("CREATE TRIGGER poison BEFORE {act} ON {table} FOR EACH ROW WHEN ({row}.{column} = 'poison')");
        match self.backend {
            Backend::Sqlite => self.meddle(&format!("{trigger} BEGIN SELECT RAISE(ABORT, 'poisoned'); END")).await,
            Backend::Postgres => {
                let refuse = "BEGIN RAISE EXCEPTION ''poisoned''; END";
                self.meddle(&format!("CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS '{refuse}'")).await;
                self.meddle(&format!("{trigger} EXECUTE FUNCTION poison()")).await;
            }
        }
    }

    /// Takes the effect of [`Kit::poison`] away.
    ///
    /// # Panics
    /// If there was none.
    pub async fn cure(&self, table: &str) {
        match self.backend {
            Backend::Sqlite => self.meddle("DROP TRIGGER poison").await,
            Backend::Postgres => self.meddle(&format!("DROP TRIGGER poison ON {table}")).await,
        }
    }

    /// Makes PostgreSQL take so many seconds for the COMMIT of what was inserted into `table`, so that others come between where they can.
    /// On SQLite nobody can.
    ///
    /// # Panics
    /// If it can't be made to.
    pub async fn linger(&self, table: &str, seconds: f64) {
        if self.backend == Backend::Sqlite {
            return;
        }
        let wait = format!("BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END");
        self.meddle(&format!("CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS '{wait}'")).await;
        let trigger = format!("CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED");
        self.meddle(&format!("{trigger} FOR EACH ROW EXECUTE FUNCTION linger()")).await;
    }

    /// Does something to the database behind the server's back.
    ///
    /// # Panics
    /// If the database refuses.
    pub async fn meddle(&self, statement: &str) {
        let mut probe = Probe::open(&self.location).await.expect("the test's database opens");
        probe.touched(statement, &[], Vec::new()).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// Moves the clock on.
    pub fn advance(&self, seconds: f64) {
        self.cx.clock.advance(Span::from_seconds(seconds));
    }
}

/// Runs one test on a database of its own, which is removed whether the test passes or not.
///
/// # Panics
/// If the test does.
pub fn run<T, F>(backend: Backend, test: T)
where
    T: FnOnce(Kit) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        let database = TestDb::make(backend).await;
        let kit = Kit::open(backend, database.location().clone()).await;
        let outcome = tokio::spawn(test(kit)).await;
        database.remove().await;
        if let Err(failure) = outcome {
            resume_unwind(failure.into_panic());
        }
    });
}

//! What one write may do to its neighbours: nothing. Each case runs amid thirty others.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::Duration,
};

use model::time::Timestamp;
use store::{
    Db, Error, Result, Tx, Write,
    db::{Limits, Location},
};
use testkit::Backend;

store::statements! {
    /// Makes an account: any table will do, this one refers to nothing.
    open INSERT: (uuid::Uuid, String) => () =
        "INSERT INTO account (id, handle, name, kind, created, updated) VALUES ($1, $2, $2, 'personal', 0, 0)";
    /// How many accounts there are.
    open COUNT: () => (i64,) = "SELECT COUNT(*) FROM account";
    /// Works for so long that only an interrupt ends it.
    open ENDLESS: (i64,) => () = sqlite
        "UPDATE account SET created = created WHERE 0 < (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT COUNT(*) FROM n)"
        postgres "UPDATE account SET created = created WHERE CAST($1 AS BIGINT) = 0 OR pg_sleep(10) IS NULL";
    /// Lets what refers to nothing pass until the COMMIT.
    open DEFER: () => () = sqlite "PRAGMA defer_foreign_keys = ON" postgres "SET CONSTRAINTS ALL DEFERRED";
    /// Refers to an account and a person that are not there.
    open DANGLING: (uuid::Uuid,) => () =
        "INSERT INTO account_member (account_id, person_id, role, created) VALUES ($1, $1, 'owner', 0)";
}

/// Makes an account, and then does something else.
struct Make {
    handle: String,
    then: Then,
    runs: Arc<AtomicU32>,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Keep,
    /// Violates a key.
    Fail,
    /// Violates a key and goes on as if nothing had happened.
    Swallow,
    Panic,
    /// Asks to run again, for ever.
    Again,
    /// Awaits something other than its transaction.
    Elsewhere,
    /// Takes longer than a write may.
    Stall,
}

impl Write for Make {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        tx.exactly_one(&INSERT, (id(&self.handle), self.handle.as_str())).await?;
        match self.then {
            Then::Keep => Ok(()),
            Then::Fail => tx.exactly_one(&INSERT, (id("twice"), self.handle.as_str())).await,
            Then::Swallow => {
                let _swallowed = tx.exactly_one(&INSERT, (id("twice"), self.handle.as_str())).await;
                Ok(())
            }
            Then::Panic => panic!("a write that panics"),
            Then::Again => tx.again(),
            Then::Elsewhere => {
                tokio::task::yield_now().await;
                Ok(())
            }
            Then::Stall => tx.run(&ENDLESS, (i64::MAX,)).await.map(drop),
        }
    }
}

fn id(handle: &str) -> uuid::Uuid {
    let mut bytes = [0; 16];
    handle
        .bytes()
        .enumerate()
        .for_each(|(at, byte)| bytes[at % 16] ^= byte.rotate_left(u32::try_from(at / 16).unwrap()));
    uuid::Uuid::from_bytes(bytes)
}

fn make(handle: impl Into<String>, then: Then) -> Make {
    Make { handle: handle.into(), then, runs: Arc::default() }
}

async fn accounts(db: &Db) -> i64 {
    db.optional(&COUNT, ()).await.unwrap().unwrap().0
}

/// Runs a write amid thirty others, all of which must succeed; what became of the one.
async fn amid_thirty(db: &Db, culprit: Make) -> Result<()> {
    let others: Vec<_> = (0..30)
        .map(|n| {
            let (db, other) = (db.clone(), make(format!("other-{n}"), Then::Keep));
            tokio::spawn(async move { db.write(other).await })
        })
        .collect();
    let outcome = db.write(culprit).await;
    for other in others {
        assert_eq!(other.await.unwrap(), Ok(()));
    }
    assert_eq!(accounts(db).await, 30 + i64::from(outcome.is_ok()));
    outcome
}

testkit::on_both! {
    async fn a_write_that_fails_fails_alone(kit: Kit) {
        let outcome = amid_thirty(&kit.cx.db, make("culprit", Then::Fail)).await;
        assert!(outcome.unwrap_err().is_duplicate());
    }

    async fn a_write_that_swallows_a_failure_is_not_kept_half(kit: Kit) {
        let outcome = amid_thirty(&kit.cx.db, make("culprit", Then::Swallow)).await;
        assert!(outcome.unwrap_err().is_duplicate());
    }

    async fn a_write_that_panics_fails_alone(kit: Kit) {
        let outcome = amid_thirty(&kit.cx.db, make("culprit", Then::Panic)).await;
        assert!(matches!(outcome, Err(Error::Panicked(_))), "{outcome:?}");
    }

    async fn a_write_whose_facts_keep_changing_runs_six_times_and_gives_up(kit: Kit) {
        let culprit = make("culprit", Then::Again);
        let runs = Arc::clone(&culprit.runs);
        assert!(amid_thirty(&kit.cx.db, culprit).await.is_err());
        assert_eq!(runs.load(Ordering::Relaxed), 6);
    }

    async fn a_slow_write_is_ended(kit: Kit) {
        let outcome = amid_thirty(&kit.cx.db, make("culprit", Then::Stall)).await;
        assert!(matches!(outcome, Err(Error::TooSlow(_))), "{outcome:?}");
    }

    async fn a_caller_that_goes_away_changes_nothing(kit: Kit) {
        let db = kit.cx.db.clone();
        for n in 0..40 {
            // Handed in, then dropped at once: the write is whole or not at all, and the queue goes on.
            let gone = tokio::time::timeout(Duration::ZERO, db.write(make(format!("gone-{n}"), Then::Keep)));
            let _gone = gone.await;
        }
        db.write(make("last", Then::Keep)).await.unwrap();
        let count = accounts(&db).await;
        assert!((1..=41).contains(&count), "{count}");
    }

    async fn a_read_can_not_write(kit: Kit) {
        let outcome = kit.cx.db.all(&INSERT, (id("a"), "a")).await;
        assert!(outcome.is_err(), "{outcome:?}");
        assert_eq!(accounts(&kit.cx.db).await, 0);
    }

    async fn a_full_queue_says_so_at_once(kit: Kit) {
        let limits = Limits { queue: 1, ..Limits::default() };
        let db = Db::open(&kit.location, limits).await.unwrap();
        let writes: Vec<_> = (0..400)
            .map(|n| {
                let db = db.clone();
                tokio::spawn(async move { db.write(make(format!("busy-{n}"), Then::Keep)).await })
            })
            .collect();
        let mut acknowledged = 0;
        for write in writes {
            match write.await.unwrap() {
                Ok(()) => acknowledged += 1,
                Err(error) => assert_eq!(error, Error::Overloaded),
            }
        }
        assert_eq!(accounts(&db).await, acknowledged);
    }

    async fn migrating_twice_changes_nothing(kit: Kit) {
        assert!(store::migrate::migrate(&kit.cx.db, Timestamp::from_micros(0)).await.unwrap().is_empty());
    }
}

#[test]
fn a_write_that_awaits_something_else_is_refused_by_sqlite() {
    testkit::kit::run(Backend::Sqlite, |kit| async move {
        let outcome = amid_thirty(&kit.cx.db, make("culprit", Then::Elsewhere)).await;
        assert!(matches!(outcome, Err(Error::Misuse(_))), "{outcome:?}");
    });
}

/// Two hundred writes of another process, as administration commands make them, beside thirty-two writers.
#[test]
fn administration_commands_write_beside_a_running_server() {
    testkit::kit::run(Backend::Sqlite, |kit| async move {
        let Location::File(_) = &kit.location else { panic!("an embedded database is a file") };
        let beside = Db::open(&kit.location, Limits::default()).await.unwrap();
        let writers: Vec<_> = (0..32)
            .map(|writer| {
                let db = kit.cx.db.clone();
                tokio::spawn(async move {
                    for n in 0..40 {
                        db.write(make(format!("server-{writer}-{n}"), Then::Keep)).await.unwrap();
                    }
                })
            })
            .collect();
        for n in 0..200 {
            beside.write(make(format!("admin-{n}"), Then::Keep)).await.unwrap();
        }
        for writer in writers {
            writer.await.unwrap();
        }
        assert_eq!(accounts(&kit.cx.db).await, 32 * 40 + 200);
    });
}

/// A write that cannot be committed: its mistake shows at the COMMIT alone, when all thirty of the batch hang on it.
struct Uncommittable {
    /// Told when the other twenty-nine are queued.
    queued: Mutex<mpsc::Receiver<()>>,
}

impl Write for Uncommittable {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        // The writer's thread waits here, so that the others come into the same batch.
        self.queued.lock().unwrap().recv().unwrap();
        tx.run(&DEFER, ()).await?;
        tx.exactly_one(&INSERT, (id("culprit"), "culprit")).await?;
        tx.exactly_one(&DANGLING, (id("nowhere"),)).await
    }
}

#[test]
fn a_commit_that_fails_fails_for_all_and_keeps_nothing() {
    testkit::kit::run(Backend::Sqlite, |kit| async move {
        let limits = Limits { batch_time: Duration::from_secs(60), ..Limits::default() };
        let db = Db::open(&kit.location, limits).await.unwrap();
        let (tell, queued) = mpsc::channel();
        let mut writes: Vec<std::pin::Pin<Box<dyn Future<Output = Result<()>> + Send>>> = Vec::new();
        writes.push(Box::pin(db.write(Uncommittable { queued: Mutex::new(queued) })));
        for n in 0..29 {
            writes.push(Box::pin(db.write(make(format!("innocent-{n}"), Then::Keep))));
        }
        // Polled once, a write is queued.
        for write in &mut writes {
            assert!(futures::poll!(write).is_pending());
        }
        tell.send(()).unwrap();
        let outcomes = futures::future::join_all(writes).await;
        assert_eq!(outcomes.len(), 30);
        for outcome in outcomes {
            assert!(matches!(outcome, Err(Error::Constraint { .. })), "{outcome:?}");
        }
        assert_eq!(accounts(&db).await, 0);
        db.write(make("next", Then::Keep)).await.unwrap();
        assert_eq!(accounts(&db).await, 1);
    });
}

//! A faulty write does not affect others. Each case runs between thirty other writes, on SQLite in one batch with them.

use std::sync::{Arc, atomic::Ordering};

use store::{Db, Error, Result, Tx, Write, db::Limits};
use testkit::{Backend, TestApp};

use super::{Action, Blocked, InsertTwo, Pending, assert_stored, id, insert_two, one_batch, queue};

store::statements! {
    /// Defers the checks of foreign keys to the COMMIT.
    unscoped DEFER: () => () = sqlite "PRAGMA defer_foreign_keys = ON" postgres "SET CONSTRAINTS ALL DEFERRED";
    /// Refers to an account and a person that do not exist.
    unscoped DANGLING: (uuid::Uuid,) => () =
        "INSERT INTO account_member (account_id, person_id, role, created) VALUES ($1, $1, 'owner', 0)";
}

fn other(n: usize) -> String {
    format!("other-{n}")
}

async fn queue_others(db: &Db, numbers: std::ops::Range<usize>) -> Vec<Pending<'_>> {
    let mut pending = Vec::new();
    for n in numbers {
        pending.push(queue(db, insert_two(other(n), Action::None)).await);
    }
    pending
}

/// Runs a write named `culprit` between thirty others and returns its outcome. The others must succeed, as must the next write.
async fn run_amid_thirty(app: &TestApp, culprit: InsertTwo) -> Result<()> {
    let db = Db::open(&app.location, one_batch()).await.unwrap();
    let blocked = Blocked::writer(&db).await;
    let before = queue_others(&db, 0..15).await;
    let culprit = queue(&db, culprit).await;
    let after = queue_others(&db, 15..30).await;
    blocked.release().await.unwrap();
    for other in before.into_iter().chain(after) {
        assert_eq!(other.await, Ok(()));
    }
    let outcome = culprit.await;
    db.write(insert_two("next", Action::None)).await.unwrap();
    let kept = outcome.is_ok().then(|| "culprit".to_owned());
    assert_stored(&db, (0..30).map(other).chain(kept).chain(["next".to_owned()])).await;
    outcome
}

testkit::on_both! {
    async fn correct_write_is_committed(app: TestApp) {
        assert_eq!(run_amid_thirty(&app, insert_two("culprit", Action::None)).await, Ok(()));
    }

    async fn failing_write_fails_alone(app: TestApp) {
        let outcome = run_amid_thirty(&app, insert_two("culprit", Action::Fail)).await;
        assert!(outcome.unwrap_err().is_duplicate());
    }

    async fn write_that_ignores_a_failure_is_rolled_back(app: TestApp) {
        let outcome = run_amid_thirty(&app, insert_two("culprit", Action::Swallow)).await;
        assert!(outcome.unwrap_err().is_duplicate());
    }

    async fn panicking_write_fails_alone(app: TestApp) {
        let outcome = run_amid_thirty(&app, insert_two("culprit", Action::Panic)).await;
        assert!(matches!(outcome, Err(Error::Panicked(_))), "{outcome:?}");
    }

    async fn conflicting_write_fails_after_six_runs(app: TestApp) {
        let culprit = insert_two("culprit", Action::Conflict);
        let runs = Arc::clone(&culprit.runs);
        assert!(run_amid_thirty(&app, culprit).await.is_err());
        assert_eq!(runs.load(Ordering::Relaxed), 6);
    }

    async fn slow_write_is_interrupted(app: TestApp) {
        let outcome = run_amid_thirty(&app, insert_two("culprit", Action::Stall)).await;
        assert!(matches!(outcome, Err(Error::TooSlow(_))), "{outcome:?}");
    }

    async fn queued_write_runs_although_its_caller_is_dropped(app: TestApp) {
        // One writer, so that PostgreSQL queues all of them too.
        let limits = Limits { postgres_writers: std::num::NonZeroUsize::MIN, ..one_batch() };
        let db = Db::open(&app.location, limits).await.unwrap();
        let blocked = Blocked::writer(&db).await;
        let mut waiting = Vec::new();
        for (n, pending) in queue_others(&db, 0..40).await.into_iter().enumerate() {
            // Every other caller is dropped; their writes are queued, so they must be committed all the same.
            if n % 2 == 0 {
                waiting.push(pending);
            }
        }
        blocked.release().await.unwrap();
        for pending in waiting {
            assert_eq!(pending.await, Ok(()));
        }
        db.write(insert_two("last", Action::None)).await.unwrap();
        assert_stored(&db, (0..40).map(other).chain(["last".to_owned()])).await;
    }
}

#[test]
fn write_that_awaits_something_else_is_rejected_by_sqlite() {
    testkit::app::run(Backend::Sqlite, |app| async move {
        let outcome = run_amid_thirty(&app, insert_two("culprit", Action::AwaitElsewhere)).await;
        assert!(matches!(outcome, Err(Error::Misuse(_))), "{outcome:?}");
    });
}

/// Without its savepoint the write can be neither kept nor rolled back alone, so the state of the open transaction is unknown.
#[test]
fn write_that_destroys_its_savepoint_fails_alone() {
    testkit::app::run(Backend::Sqlite, |app| async move {
        let outcome = run_amid_thirty(&app, insert_two("culprit", Action::Release)).await;
        assert!(matches!(outcome, Err(Error::Database(_))), "{outcome:?}");
    });
}

/// A write that fails only at the COMMIT of the whole batch.
struct Uncommittable;

impl Write for Uncommittable {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(&DEFER, ()).await?;
        tx.exactly_one(&DANGLING, (id("nowhere"),)).await
    }
}

#[test]
fn failed_commit_fails_the_whole_batch() {
    testkit::app::run(Backend::Sqlite, |app| async move {
        let db = Db::open(&app.location, one_batch()).await.unwrap();
        let blocked = Blocked::writer(&db).await;
        let mut pending = queue_others(&db, 0..15).await;
        let mut culprit: Pending<'_> = Box::pin(db.write(Uncommittable));
        assert!(futures::poll!(&mut culprit).is_pending());
        pending.push(culprit);
        pending.extend(queue_others(&db, 15..30).await);
        let mut outcomes = vec![blocked.release().await];
        outcomes.extend(futures::future::join_all(pending).await);
        assert_eq!(outcomes.len(), 32);
        for outcome in outcomes {
            assert!(matches!(outcome, Err(Error::Constraint { .. })), "{outcome:?}");
        }
        db.write(insert_two("next", Action::None)).await.unwrap();
        assert_stored(&db, ["next".to_owned()]).await;
    });
}

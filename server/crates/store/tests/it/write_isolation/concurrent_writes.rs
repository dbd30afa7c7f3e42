//! What one write may do to its neighbours. Each case stands in the middle of thirty others, on SQLite in one batch with them.

use std::sync::{Arc, atomic::Ordering};

use store::{Db, Error, Result, Tx, Write, db::Limits};
use testkit::{Backend, Kit};

use super::{Asked, Held, Make, Then, ask, assert_stored, id, make, one_batch};

store::statements! {
    /// Lets what refers to nothing pass until the COMMIT.
    open DEFER: () => () = sqlite "PRAGMA defer_foreign_keys = ON" postgres "SET CONSTRAINTS ALL DEFERRED";
    /// Refers to an account and a person that are not there.
    open DANGLING: (uuid::Uuid,) => () =
        "INSERT INTO account_member (account_id, person_id, role, created) VALUES ($1, $1, 'owner', 0)";
}

fn other(n: usize) -> String {
    format!("other-{n}")
}

async fn ask_others(db: &Db, numbers: std::ops::Range<usize>) -> Vec<Asked<'_>> {
    let mut asked = Vec::new();
    for n in numbers {
        asked.push(ask(db, make(other(n), Then::Keep)).await);
    }
    asked
}

/// Runs a write called `culprit` between thirty others, all of which must succeed, as must the next; what became of the one.
async fn amid_thirty(kit: &Kit, culprit: Make) -> Result<()> {
    let db = Db::open(&kit.location, one_batch()).await.unwrap();
    let held = Held::writer(&db).await;
    let before = ask_others(&db, 0..15).await;
    let culprit = ask(&db, culprit).await;
    let after = ask_others(&db, 15..30).await;
    held.let_go().await.unwrap();
    for other in before.into_iter().chain(after) {
        assert_eq!(other.await, Ok(()));
    }
    let outcome = culprit.await;
    db.write(make("next", Then::Keep)).await.unwrap();
    let kept = outcome.is_ok().then(|| "culprit".to_owned());
    assert_stored(&db, (0..30).map(other).chain(kept).chain(["next".to_owned()])).await;
    outcome
}

testkit::on_both! {
    async fn a_write_that_does_nothing_wrong_is_kept(kit: Kit) {
        assert_eq!(amid_thirty(&kit, make("culprit", Then::Keep)).await, Ok(()));
    }

    async fn a_write_that_fails_fails_alone(kit: Kit) {
        let outcome = amid_thirty(&kit, make("culprit", Then::Fail)).await;
        assert!(outcome.unwrap_err().is_duplicate());
    }

    async fn a_write_that_swallows_a_failure_is_not_kept_half(kit: Kit) {
        let outcome = amid_thirty(&kit, make("culprit", Then::Swallow)).await;
        assert!(outcome.unwrap_err().is_duplicate());
    }

    async fn a_write_that_panics_fails_alone(kit: Kit) {
        let outcome = amid_thirty(&kit, make("culprit", Then::Panic)).await;
        assert!(matches!(outcome, Err(Error::Panicked(_))), "{outcome:?}");
    }

    async fn a_write_whose_facts_keep_changing_runs_six_times_and_gives_up(kit: Kit) {
        let culprit = make("culprit", Then::Again);
        let runs = Arc::clone(&culprit.runs);
        assert!(amid_thirty(&kit, culprit).await.is_err());
        assert_eq!(runs.load(Ordering::Relaxed), 6);
    }

    async fn a_slow_write_is_ended(kit: Kit) {
        let outcome = amid_thirty(&kit, make("culprit", Then::Stall)).await;
        assert!(matches!(outcome, Err(Error::TooSlow(_))), "{outcome:?}");
    }

    async fn a_caller_that_goes_away_changes_nothing(kit: Kit) {
        // One lane, so that PostgreSQL holds all of them too.
        let limits = Limits { lanes: std::num::NonZeroUsize::MIN, ..one_batch() };
        let db = Db::open(&kit.location, limits).await.unwrap();
        let held = Held::writer(&db).await;
        let mut stay = Vec::new();
        for (n, asked) in ask_others(&db, 0..40).await.into_iter().enumerate() {
            // Every other one is dropped: it was handed in, so it runs, whole, whoever waits for it.
            if n % 2 == 0 {
                stay.push(asked);
            }
        }
        held.let_go().await.unwrap();
        for asked in stay {
            assert_eq!(asked.await, Ok(()));
        }
        db.write(make("last", Then::Keep)).await.unwrap();
        assert_stored(&db, (0..40).map(other).chain(["last".to_owned()])).await;
    }
}

#[test]
fn a_write_that_awaits_something_else_is_refused_by_sqlite() {
    testkit::kit::run(Backend::Sqlite, |kit| async move {
        let outcome = amid_thirty(&kit, make("culprit", Then::Elsewhere)).await;
        assert!(matches!(outcome, Err(Error::Misuse(_))), "{outcome:?}");
    });
}

/// The seam can neither keep nor undo it; nobody knows then what the transaction holds, but it is still open.
#[test]
fn a_write_that_spoils_the_transaction_is_run_apart_from_the_others() {
    testkit::kit::run(Backend::Sqlite, |kit| async move {
        let outcome = amid_thirty(&kit, make("culprit", Then::Release)).await;
        assert!(matches!(outcome, Err(Error::Database(_))), "{outcome:?}");
    });
}

/// A write that cannot be committed: its mistake shows at the COMMIT alone, when all of the batch hang on it.
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
fn a_commit_that_fails_fails_for_all_and_keeps_nothing() {
    testkit::kit::run(Backend::Sqlite, |kit| async move {
        let db = Db::open(&kit.location, one_batch()).await.unwrap();
        let held = Held::writer(&db).await;
        let mut asked = ask_others(&db, 0..15).await;
        let mut culprit: Asked<'_> = Box::pin(db.write(Uncommittable));
        assert!(futures::poll!(&mut culprit).is_pending());
        asked.push(culprit);
        asked.extend(ask_others(&db, 15..30).await);
        let mut outcomes = vec![held.let_go().await];
        outcomes.extend(futures::future::join_all(asked).await);
        assert_eq!(outcomes.len(), 32);
        for outcome in outcomes {
            assert!(matches!(outcome, Err(Error::Constraint { .. })), "{outcome:?}");
        }
        db.write(make("next", Then::Keep)).await.unwrap();
        assert_stored(&db, ["next".to_owned()]).await;
    });
}

//! What a read or a write may take: no more than its time, its place in the queue, and the right it has.

use std::{
    num::NonZeroUsize,
    sync::{Arc, atomic::Ordering},
};

use store::{Db, Error, db::Limits};

use super::{HANDLES, Held, INSERT, LIMIT, Then, ask, assert_stored, id, make};

/// One that waits, and one that works.
fn narrow() -> Limits {
    let one = NonZeroUsize::MIN;
    Limits { queue: 1, lanes: one, sqlite_readers: one, postgres_readers: one, ..Limits::default() }
}

testkit::on_both! {
    async fn all_runs_of_a_write_have_one_limit(kit: Kit) {
        let limits = Limits { sqlite_write: LIMIT, postgres_write: LIMIT, ..Limits::default() };
        let db = Db::open(&kit.location, limits).await.unwrap();
        let write = make("slow", Then::AgainSlowly);
        let runs = Arc::clone(&write.runs);
        let outcome = db.write(write).await;
        assert!(matches!(outcome, Err(Error::TooSlow(_))), "{outcome:?}");
        assert!(runs.load(Ordering::Relaxed) < 6, "{runs:?}");
        assert_stored(&db, []).await;
    }

    async fn a_full_queue_of_writes_says_so_at_once(kit: Kit) {
        let db = Db::open(&kit.location, narrow()).await.unwrap();
        let held = Held::writer(&db).await;
        let waiting = ask(&db, make("waiting", Then::Keep)).await;
        for n in 0..9 {
            assert_eq!(db.write(make(format!("more-{n}"), Then::Keep)).await, Err(Error::Overloaded));
        }
        held.let_go().await.unwrap();
        assert_eq!(waiting.await, Ok(()));
        db.write(make("later", Then::Keep)).await.unwrap();
        assert_stored(&db, ["waiting", "later"].map(str::to_owned)).await;
    }

    async fn a_full_queue_of_reads_says_so_at_once(kit: Kit) {
        let db = Db::open(&kit.location, narrow()).await.unwrap();
        let held = Held::reader(&db).await;
        let mut waiting = Box::pin(db.all(&HANDLES, ()));
        assert!(futures::poll!(&mut waiting).is_pending());
        for _ in 0..9 {
            assert_eq!(db.all(&HANDLES, ()).await, Err(Error::Overloaded));
        }
        held.let_go().await.unwrap();
        assert_eq!(waiting.await, Ok(Vec::new()));
        assert_stored(&db, []).await;
    }

    async fn a_read_can_not_write(kit: Kit) {
        let outcome = kit.cx.db.all(&INSERT, (id("a"), "a")).await;
        assert!(outcome.is_err(), "{outcome:?}");
        assert_stored(&kit.cx.db, []).await;
    }
}

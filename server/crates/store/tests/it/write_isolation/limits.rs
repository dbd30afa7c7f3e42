//! What a read or a write may take: no more than its time, its place in the queue, and the right it has.

use std::{
    num::NonZeroUsize,
    os::unix::fs::PermissionsExt as _,
    sync::{Arc, atomic::Ordering},
};

use model::permission::WriteRuns;
use sea_query::{Expr, Query};
use store::{
    Db, Error,
    db::{Limits, Location},
};

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

    async fn selects_that_take_long_leave_a_reader_to_others(kit: Kit) {
        let two = NonZeroUsize::new(2).unwrap();
        let limits = Limits {
            sqlite_readers: two,
            postgres_readers: two,
            read: LIMIT,
            reader_wait: LIMIT / 8,
            ..Limits::default()
        };
        let db = Db::open(&kit.location, limits).await.unwrap();
        let ann = kit.person("ann").await;
        let address = kit.workspace(&ann, "prod").await;
        let at = kit.enter::<WriteRuns>(&ann, address).await;
        // Without a row there is nothing to select.
        let flow = serde_json::from_value(serde_json::json!({"name": "Testing"})).unwrap();
        control::flow::create(&kit.cx, at, flow).await.unwrap();
        let forever = "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n)";
        let select = || Query::select().expr(Expr::cust(forever)).from("flow").to_owned();
        let of = db.of(at.tenant());
        let mut slow = Box::pin(of.select::<(i64,)>("flow", select()));
        assert!(futures::poll!(&mut slow).is_pending());
        assert_eq!(of.select::<(i64,)>("flow", select()).await, Err(Error::Overloaded));
        assert!(db.all(&HANDLES, ()).await.is_ok());
        assert!(matches!(slow.await, Err(Error::TooSlow(_))));
    }

    async fn the_files_of_an_embedded_database_are_their_owners_alone(kit: Kit) {
        let Location::File(path) = &kit.location else { return };
        let files: Vec<_> = path.parent().unwrap().read_dir().unwrap().map(|file| file.unwrap()).collect();
        assert!(files.len() > 1, "{files:?}");
        for file in files {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{file:?}");
        }
    }

    async fn a_read_can_not_write(kit: Kit) {
        let outcome = kit.cx.db.all(&INSERT, (id("a"), "a")).await;
        assert!(outcome.is_err(), "{outcome:?}");
        assert_stored(&kit.cx.db, []).await;
    }
}

//! Limits of reads and writes: of time, of the queue's length, and of access.

use std::{
    num::NonZeroUsize,
    os::unix::fs::PermissionsExt as _,
    sync::{Arc, atomic::Ordering},
};

use model::{flow::Flow, page::Page, permission::WriteRuns};
use sea_query::{Cond, Expr};
use store::{
    Db, Error,
    db::{Limits, Location},
    filter::{Access, Conditions, List, Selection, SortBy},
};

use super::{Action, Blocked, HANDLES, INSERT, LIMIT, assert_stored, id, insert_two, queue};

/// Limits for one running and one queued read or write.
fn one_at_a_time() -> Limits {
    let one = NonZeroUsize::MIN;
    Limits { queue: 1, postgres_writers: one, sqlite_readers: one, postgres_readers: one, ..Limits::default() }
}

/// A list whose condition is never decided.
#[derive(Clone)]
struct EndlessList;

impl Conditions for EndlessList {
    fn condition(&self, _: bool) -> Option<Cond> {
        let forever = "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n) > 0";
        Some(Cond::all().add(Expr::cust(forever)))
    }

    fn access(&self, _: bool) -> Access {
        Access::scan()
    }
}

impl List for EndlessList {
    type Row = Flow;
    const TABLE: &'static str = "flow";
    const NARROWED_BY: &'static str = "flows.id";

    fn selection(&self) -> Selection<'_> {
        Selection::new("flow", Some(self))
    }

    fn order(&self) -> SortBy {
        SortBy::asc("id")
    }
}

testkit::on_both! {
    async fn all_runs_of_a_write_have_one_limit(app: TestApp) {
        let limits = Limits { sqlite_write: LIMIT, postgres_write: LIMIT, ..Limits::default() };
        let db = Db::open(&app.location, limits).await.unwrap();
        let write = insert_two("slow", Action::SlowConflict);
        let runs = Arc::clone(&write.runs);
        let outcome = db.write(write).await;
        assert!(matches!(outcome, Err(Error::TooSlow(_))), "{outcome:?}");
        assert!(runs.load(Ordering::Relaxed) < 6, "{runs:?}");
        assert_stored(&db, []).await;
    }

    async fn full_queue_of_writes_rejects_at_once(app: TestApp) {
        let db = Db::open(&app.location, one_at_a_time()).await.unwrap();
        let blocked = Blocked::writer(&db).await;
        let waiting = queue(&db, insert_two("waiting", Action::None)).await;
        for n in 0..9 {
            assert_eq!(db.write(insert_two(format!("more-{n}"), Action::None)).await, Err(Error::Overloaded));
        }
        blocked.release().await.unwrap();
        assert_eq!(waiting.await, Ok(()));
        db.write(insert_two("later", Action::None)).await.unwrap();
        assert_stored(&db, ["waiting", "later"].map(str::to_owned)).await;
    }

    async fn full_queue_of_reads_rejects_at_once(app: TestApp) {
        let db = Db::open(&app.location, one_at_a_time()).await.unwrap();
        let blocked = Blocked::reader(&db).await;
        let mut waiting = Box::pin(db.all(&HANDLES, ()));
        assert!(futures::poll!(&mut waiting).is_pending());
        for _ in 0..9 {
            assert_eq!(db.all(&HANDLES, ()).await, Err(Error::Overloaded));
        }
        blocked.release().await.unwrap();
        assert_eq!(waiting.await, Ok(Vec::new()));
        assert_stored(&db, []).await;
    }

    async fn slow_selects_leave_a_reader_to_others(app: TestApp) {
        let two = NonZeroUsize::new(2).unwrap();
        let limits = Limits {
            sqlite_readers: two,
            postgres_readers: two,
            read: LIMIT,
            reader_wait: LIMIT / 8,
            ..Limits::default()
        };
        let db = Db::open(&app.location, limits).await.unwrap();
        let ann = app.person("ann").await;
        let address = app.workspace(&ann, "prod").await;
        let access = app.authorize::<WriteRuns>(&ann, address).await;
        // Without a row the select ends at once.
        let flow = serde_json::from_value(serde_json::json!({"name": "Testing"})).unwrap();
        control::flow::create(&app.cx, access, flow).await.unwrap();
        let scope = db.of(access.tenant());
        let mut slow = Box::pin(scope.list(&EndlessList, Page::default()));
        assert!(futures::poll!(&mut slow).is_pending());
        assert_eq!(scope.list(&EndlessList, Page::default()).await, Err(Error::Overloaded));
        assert!(db.all(&HANDLES, ()).await.is_ok());
        assert_eq!(slow.await, Err(Error::TooBroad { narrowed_by: "flows.id" }));
    }

    async fn database_files_are_private_to_their_owner(app: TestApp) {
        let Location::File(path) = &app.location else { return };
        let files: Vec<_> = path.parent().unwrap().read_dir().unwrap().map(|file| file.unwrap()).collect();
        assert!(files.len() > 1, "{files:?}");
        for file in files {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{file:?}");
        }
    }

    async fn read_can_not_write(app: TestApp) {
        let outcome = app.cx.db.all(&INSERT, (id("a"), "a")).await;
        assert!(outcome.is_err(), "{outcome:?}");
        assert_stored(&app.cx.db, []).await;
    }
}

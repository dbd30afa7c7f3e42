//! How tables come about.

use std::time::Duration;

use store::{
    Db, Result,
    db::Limits,
    migrate::{MIGRATIONS, Migration, migrate, migrate_by},
};
use testkit::{Backend, database::TestDb, kit::start};
use tokio::task::JoinSet;

/// Programs that start at once.
const PROGRAMS: usize = 8;

testkit::on_both! {
    async fn migrating_twice_changes_nothing(kit: Kit) {
        assert!(migrate(&kit.cx.db, start()).await.unwrap().is_empty());
    }

    async fn a_database_of_a_newer_program_is_refused(kit: Kit) {
        let (last, older) = MIGRATIONS.split_last().unwrap();
        let refused = migrate_by(older, &kit.cx.db, start()).await.unwrap_err().to_string();
        assert!(refused.contains("newer program") && refused.contains(last.name), "{refused}");
    }

    async fn a_database_made_by_another_text_is_refused(kit: Kit) {
        let mut changed = MIGRATIONS.to_vec();
        changed[1] = Migration { text: "CREATE TABLE other (id UUID NOT NULL)", ..changed[1] };
        let refused = migrate_by(&changed, &kit.cx.db, start()).await.unwrap_err().to_string();
        assert!(refused.contains("another text") && refused.contains(changed[1].name), "{refused}");
    }
}

/// What each of the programs has run, on an empty database.
async fn at_once(backend: Backend, limits: Limits) -> Vec<Result<Vec<&'static str>>> {
    let database = TestDb::make(backend).await;
    let mut starting = JoinSet::new();
    for _ in 0..PROGRAMS {
        let location = database.location().clone();
        starting.spawn(async move { migrate(&Db::open(&location, limits).await?, start()).await });
    }
    let outcomes = starting.join_all().await;
    database.remove().await;
    outcomes
}

/// Each step is taken by one of them; with no time for a write, since steps are none.
async fn each_step_runs_once(backend: Backend) {
    let limits = Limits { sqlite_write: Duration::ZERO, postgres_write: Duration::ZERO, ..Limits::default() };
    let outcomes = at_once(backend, limits).await;
    let mut ran: Vec<_> = outcomes.into_iter().flat_map(|outcome| outcome.unwrap()).collect();
    ran.sort_unstable();
    assert_eq!(ran, MIGRATIONS.iter().map(|migration| migration.name).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_start_at_once_on_an_empty_file_migrate_it_once() {
    each_step_runs_once(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_on_an_empty_database_migrate_it_once() {
    each_step_runs_once(Backend::Postgres).await;
}

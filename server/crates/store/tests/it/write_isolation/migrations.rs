//! Migrations on new databases, on newer ones, and by several programs at once.

use std::time::Duration;

use store::{
    Db, Result,
    db::{Limits, Location},
    migrate::{MIGRATIONS, Migration, migrate, migrate_by},
    testing::RawConnection,
};
use testkit::{Backend, app::start, database::TestDb};
use tokio::task::JoinSet;

/// How many programs start at once.
const PROGRAMS: usize = 8;

testkit::on_both! {
    async fn migrating_twice_changes_nothing(app: TestApp) {
        assert!(migrate(&app.cx.db, start()).await.unwrap().is_empty());
    }

    async fn database_of_a_newer_program_is_rejected(app: TestApp) {
        let (last, older) = MIGRATIONS.split_last().unwrap();
        let error = migrate_by(older, &app.cx.db, start()).await.unwrap_err().to_string();
        assert!(error.contains("newer program") && error.contains(last.name), "{error}");
    }

    async fn database_made_by_another_text_is_rejected(app: TestApp) {
        let mut changed = MIGRATIONS.to_vec();
        changed[1] = Migration::new(changed[1].name, "CREATE TABLE other (id UUID NOT NULL)");
        let error = migrate_by(&changed, &app.cx.db, start()).await.unwrap_err().to_string();
        assert!(error.contains("another text") && error.contains(changed[1].name), "{error}");
    }
}

/// Starts all programs on an empty database; returns the migrations that each has applied.
async fn at_once(backend: Backend, limits: Limits) -> Vec<Result<Vec<&'static str>>> {
    let database = TestDb::create(backend).await;
    let mut starting = JoinSet::new();
    for _ in 0..PROGRAMS {
        let location = database.location().clone();
        starting.spawn(async move { migrate(&Db::open(&location, limits).await?, start()).await });
    }
    let outcomes = starting.join_all().await;
    database.remove().await;
    outcomes
}

/// Asserts that each migration is applied by one program. Writes have no time at all, which must not limit migrations.
async fn each_migration_runs_once(backend: Backend) {
    let limits = Limits { sqlite_write: Duration::ZERO, postgres_write: Duration::ZERO, ..Limits::default() };
    let outcomes = at_once(backend, limits).await;
    let mut ran: Vec<_> = outcomes.into_iter().flat_map(|outcome| outcome.unwrap()).collect();
    ran.sort_unstable();
    assert_eq!(ran, MIGRATIONS.iter().map(|migration| migration.name).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_start_at_once_migrate_a_file_once() {
    each_migration_runs_once(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_migrate_a_database_once() {
    each_migration_runs_once(Backend::Postgres).await;
}

/// A program whose role has no right to create extensions can't start before an administrator has created it.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_extension_is_named_with_the_line_to_type() {
    let database = TestDb::create(Backend::Postgres).await;
    let Location::Postgres(url) = database.location().clone() else { panic!("not PostgreSQL") };
    let name = url.rsplit('/').next().and_then(|rest| rest.split('?').next()).unwrap();
    let role = format!("r_{name}");
    let mut administrator = RawConnection::open(database.location()).await.unwrap();
    for right in [format!("CREATE ROLE {role}"), format!("GRANT ALL ON SCHEMA public TO {role}")] {
        administrator.touched(&right, &[], Vec::new()).await.unwrap();
    }
    let with = if url.contains('?') { '&' } else { '?' };
    let limited = Location::Postgres(format!("{url}{with}options[role]={role}"));
    let db = Db::open(&limited, Limits::default()).await.unwrap();
    let error = migrate(&db, start()).await.unwrap_err().to_string();
    assert!(error.contains("permission denied") && error.contains("type: CREATE EXTENSION pg_trgm;"), "{error}");
    administrator.touched("CREATE EXTENSION pg_trgm", &[], Vec::new()).await.unwrap();
    let ran = migrate(&db, start()).await.unwrap();
    assert_eq!(ran.first(), Some(&"0012_names"), "the migrations before it have stayed");
    drop(db);
    for text in [format!("DROP OWNED BY {role}"), format!("DROP ROLE {role}")] {
        administrator.touched(&text, &[], Vec::new()).await.unwrap();
    }
    drop(administrator);
    database.remove().await;
}

//! What a write publishes: after its commit, once, and to the subscribers of every process on the database.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use model::id::UserId;
use store::{
    Change, Db, Error, Result, Tx, Write,
    changes::{Channel, Subscriber},
    db::Limits,
    testing::RawConnection,
    value::{Kind, Type, Value},
};
use testkit::{Backend, TestApp};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

/// Publishes the same change in every run, and ends as it is told.
struct PublishAndEnd {
    change: Change,
    end: End,
    runs: AtomicU32,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Commit,
    Fail,
    Panic,
    /// Conflicts in its first run.
    ConflictOnce,
    /// Inserts a row with a missing parent, which SQLite rejects at the COMMIT.
    Dangle,
    /// Inserts a row with this number.
    Insert(u128),
}

impl PublishAndEnd {
    fn new(person: UserId, end: End) -> Self {
        Self { change: called(person), end, runs: AtomicU32::new(0) }
    }
}

impl Write for PublishAndEnd {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.publish(self.change.clone());
        match self.end {
            End::Commit => Ok(()),
            End::Fail => Err(Error::Overloaded),
            End::Panic => panic!("a write that panics"),
            End::ConflictOnce if self.runs.fetch_add(1, Ordering::Relaxed) == 0 => tx.conflict(),
            End::ConflictOnce => Ok(()),
            End::Dangle => {
                tx.run(&DEFER, ()).await?;
                tx.exactly_one(&DANGLING, (Uuid::nil(),)).await
            }
            End::Insert(number) => tx.exactly_one(&INSERT, (Uuid::from_u128(number), number.to_string())).await,
        }
    }
}

store::statements! {
    /// Checks foreign keys at the COMMIT.
    unscoped DEFER: () => () = sqlite "PRAGMA defer_foreign_keys = ON" postgres "SET CONSTRAINTS ALL DEFERRED";
    /// Adds an identity of nobody.
    unscoped DANGLING: (Uuid,) => () =
        "INSERT INTO identity (id, person_id, provider, subject, created, updated) VALUES ($1, $1, 'test', 'test', 0, 0)";
    /// Adds an account, a table without foreign keys.
    unscoped INSERT: (Uuid, String) => () =
        "INSERT INTO account (id, handle, name, kind, created, updated) VALUES ($1, $2, $2, 'personal', 0, 0)";
}

fn person(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

fn called(person: UserId) -> Change {
    Change::ClientCalled { person }
}

/// The changes until the one that is waited for, which must arrive within a second.
async fn until(changes: &mut Subscriber, last: &Change) -> Vec<Change> {
    let mut received = Vec::new();
    let waiting = async {
        while !received.contains(last) {
            received.extend(changes.recv().await.unwrap());
        }
    };
    timeout(Duration::from_secs(1), waiting).await.unwrap_or_else(|_| panic!("{last:?} did not arrive"));
    received
}

/// Another process on the same database, that follows the others.
async fn other_process(app: &TestApp) -> (Db, Subscriber) {
    let db = Db::open(&app.location, Limits::default()).await.unwrap();
    let mut changes = db.changes().subscribe();
    changes.add(Channel::Person(person(1)));
    db.follow_other_processes();
    if app.backend == Backend::Postgres {
        // Published when the process begins to receive.
        until(&mut changes, &Change::Unknown).await;
    }
    (db, changes)
}

testkit::on_both! {
    async fn only_a_commit_publishes_and_only_once(app: TestApp) {
        let mut changes = app.changes_of(person(1));
        for end in [End::Fail, End::Panic] {
            assert!(app.cx.db.write(PublishAndEnd::new(person(1), end)).await.is_err());
            assert_eq!(changes.try_recv(), Ok(Vec::new()));
        }
        for end in [End::Commit, End::ConflictOnce] {
            app.cx.db.write(PublishAndEnd::new(person(1), end)).await.unwrap();
            assert_eq!(changes.try_recv(), Ok(vec![called(person(1))]));
        }
        app.cx.db.write(PublishAndEnd::new(person(2), End::Commit)).await.unwrap();
        assert_eq!(changes.try_recv(), Ok(Vec::new()), "another person's change");
    }

    async fn a_failed_commit_publishes_nothing(app: TestApp) {
        let end = if app.backend == Backend::Postgres {
            let raise = "BEGIN RAISE EXCEPTION ''rejected''; END";
            app.execute_raw(&format!("CREATE FUNCTION reject() RETURNS trigger LANGUAGE plpgsql AS '{raise}'")).await;
            let trigger = "CREATE CONSTRAINT TRIGGER reject AFTER INSERT ON account DEFERRABLE INITIALLY DEFERRED";
            app.execute_raw(&format!("{trigger} FOR EACH ROW EXECUTE FUNCTION reject()")).await;
            End::Insert(1)
        } else {
            End::Dangle
        };
        let mut changes = app.changes_of(person(1));
        assert!(app.cx.db.write(PublishAndEnd::new(person(1), end)).await.is_err());
        assert_eq!(changes.try_recv(), Ok(Vec::new()));
    }

    async fn a_write_of_another_process_arrives_within_a_second(app: TestApp) {
        let (_db, mut changes) = other_process(&app).await;
        if app.backend == Backend::Sqlite {
            // The first look may still be due, and a write before it is not a change.
            let mut writes = 0;
            while changes.try_recv() == Ok(Vec::new()) {
                app.cx.db.write(PublishAndEnd::new(person(1), End::Insert(writes))).await.unwrap();
                writes += 1;
                tokio::task::yield_now().await;
            }
        } else {
            app.cx.db.write(PublishAndEnd::new(person(1), End::Commit)).await.unwrap();
            assert_eq!(until(&mut changes, &called(person(1))).await, [called(person(1))]);
        }
    }
}

/// How many messages the only replica has saved; it does so some seconds after the first.
async fn messages(app: &TestApp) -> i64 {
    let mut connection = RawConnection::open(&app.location).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let query = "SELECT CAST(COALESCE(SUM(messages), 0) AS BIGINT) FROM replica";
        let rows = connection.rows(query, &[], &[Kind::of(Type::Big)], Vec::new()).await.unwrap();
        match rows[0][0] {
            Value::Big(0) if Instant::now() < deadline => tokio::time::sleep(Duration::from_millis(50)).await,
            Value::Big(messages) => return messages,
            ref other => panic!("{other:?}"),
        }
    }
}

/// Only servers on PostgreSQL have replicas.
mod postgres {
    use testkit::{Backend, app::run};

    #[test]
    fn a_process_does_not_receive_its_own_messages() {
        run(Backend::Postgres, super::a_process_does_not_receive_its_own_messages);
    }

    #[test]
    fn many_changes_become_few_messages() {
        run(Backend::Postgres, super::many_changes_become_few_messages);
    }

    #[test]
    fn a_replica_saves_how_many_messages_it_has_sent() {
        run(Backend::Postgres, super::a_replica_saves_how_many_messages_it_has_sent);
    }

    #[test]
    fn a_lost_message_is_noticed() {
        run(Backend::Postgres, super::a_lost_message_is_noticed);
    }
}

async fn a_process_does_not_receive_its_own_messages(app: TestApp) {
    let (db, mut changes) = other_process(&app).await;
    db.write(PublishAndEnd::new(person(1), End::Commit)).await.unwrap();
    db.changes().flush().await;
    // Sent after the first message, so it arrives after the echo of that, if there is one.
    let last = Change::SessionsEnded { person: person(1) };
    let write = PublishAndEnd { change: last.clone(), ..PublishAndEnd::new(person(1), End::Commit) };
    app.cx.db.write(write).await.unwrap();
    assert_eq!(until(&mut changes, &last).await, [called(person(1)), last]);
}

async fn many_changes_become_few_messages(app: TestApp) {
    let (_db, mut changes) = other_process(&app).await;
    let writes = (0..500).map(|number| app.cx.db.write(PublishAndEnd::new(person(number % 50), End::Commit)));
    futures::future::try_join_all(writes).await.unwrap();
    app.cx.changes().flush().await;
    until(&mut changes, &called(person(1))).await;
    assert!(messages(&app).await < 100, "500 writes were sent in {} messages", messages(&app).await);
}

async fn a_replica_saves_how_many_messages_it_has_sent(app: TestApp) {
    app.cx.db.write(PublishAndEnd::new(person(1), End::Commit)).await.unwrap();
    assert_eq!(messages(&app).await, 1);
}

async fn a_lost_message_is_noticed(app: TestApp) {
    app.execute_raw("INSERT INTO replica (id, messages) VALUES (77, 5)").await;
    let (_db, mut changes) = other_process(&app).await;
    // Saved by a replica whose notification never arrived.
    app.execute_raw("UPDATE replica SET messages = 6 WHERE id = 77").await;
    let received = timeout(Duration::from_secs(10), changes.recv()).await.expect("the loss is noticed");
    assert_eq!(received, Ok(vec![Change::Unknown]));
}

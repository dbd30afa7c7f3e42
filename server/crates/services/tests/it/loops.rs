//! A tick of each service does what is due, nothing else, and nothing twice.

use control::{
    access::Workspace,
    concurrency::{lease, limit},
    session, workspace,
};
use model::{
    id::{FlowId, UserId, WorkspaceId},
    permission::{DeleteWorkspace, ReadLimits, WriteLimits, WriteRuns},
    state::StateType,
    time::Timestamp,
};
use services::{CounterFolder, LeaseReaper, Report, Service, SessionReaper, WorkspaceReaper};
use store::{
    Error, Read, Tx, Write,
    counter::{self, CounterCell, CounterDelta, DAY, HOUR, RunKind, TOTALS, bucket},
    fold::{FOLD_HOURS, FOLD_TOTALS, WorkspaceHour, WorkspaceTotal},
    system::ServiceName,
    workspace::RUN_DAYS_OF_MEMBER,
};
use testkit::{TestApp, on_both};
use tokio::task::JoinSet;
use uuid::Uuid;

async fn tick(app: &TestApp, service: impl Service) -> Report {
    service.tick(&app.cx).await.unwrap()
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

/// Inserts counter rows in several slots, as the write connections to PostgreSQL do.
struct InsertCounts {
    workspace: WorkspaceId,
    hour: i64,
    day: i64,
}

impl InsertCounts {
    const KIND: RunKind = RunKind::FlowRun;

    fn total(&self, slot: i64, runs: i64) -> WorkspaceTotal {
        WorkspaceTotal {
            workspace_id: self.workspace,
            kind: Self::KIND,
            flow_id: Uuid::from_u128(1),
            deployment_id: Uuid::nil(),
            state_type: StateType::Running,
            state_name: "Running".to_owned(),
            slot,
            runs,
        }
    }

    fn of_grain(&self, grain: i64, bucket: i64, slot: i64, runs: i64) -> WorkspaceHour {
        WorkspaceHour {
            workspace_id: self.workspace,
            kind: Self::KIND,
            grain,
            bucket,
            flow_id: Uuid::nil(),
            deployment_id: Uuid::nil(),
            state_type: StateType::Running,
            state_name: "Running".to_owned(),
            slot,
            runs,
        }
    }
}

impl Write for InsertCounts {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let mut tx = tx.system(ServiceName::CounterFolder);
        let totals: Vec<WorkspaceTotal> = [(0, 2), (3, 5), (7, -4)].map(|(slot, runs)| self.total(slot, runs)).into();
        tx.insert(&FOLD_TOTALS, &totals).await?;
        let slots = [(0, 2), (3, 5), (7, -4)];
        let old = slots.map(|(slot, runs)| self.of_grain(HOUR, self.hour - 50, slot, runs));
        let recent = slots.map(|(slot, runs)| self.of_grain(HOUR, self.hour, slot, runs));
        let days = slots.map(|(slot, runs)| self.of_grain(DAY, self.day - 5, slot, runs));
        tx.insert(&FOLD_HOURS, &[old, recent, days].concat()).await?;
        Ok(())
    }
}

/// Counts one more run, as every write on runs does.
struct CountRun {
    tenant: store::Tenant,
    flow: u128,
    at: Timestamp,
}

impl Write for CountRun {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let delta = |flow: u128| CounterDelta {
            kind: InsertCounts::KIND,
            flow_id: FlowId(Uuid::from_u128(flow)),
            deployment_id: None,
            from: None,
            to: Some(CounterCell {
                state_type: StateType::Running,
                state_name: "Running".to_owned(),
                sort_time: self.at,
            }),
        };
        counter::apply(&mut tx.of(&self.tenant), &[delta(self.flow), delta(self.flow + 1)]).await
    }
}

/// Reads the sums that pages show.
struct Sums(store::Tenant, UserId);

impl Read for Sums {
    type Out = (Vec<(StateType, String, i64)>, Vec<(i64, StateType, i64)>);
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out, Error> {
        let totals = tx.of(&self.0).all(&TOTALS, (InsertCounts::KIND,)).await?;
        let days = tx.all(&RUN_DAYS_OF_MEMBER, (self.1, InsertCounts::KIND, 0)).await?;
        Ok((totals, days.into_iter().map(|(_, day, state, runs)| (day, state, runs)).collect()))
    }
}

on_both! {
    async fn an_expired_lease_frees_its_slots(app: TestApp) {
        let ann = app.person("ann").await;
        let workspace_ref = app.workspace(&ann, "lab").await;
        let (write, runs): (Workspace<WriteLimits>, Workspace<WriteRuns>) =
            (app.authorize(&ann, workspace_ref).await, app.authorize(&ann, workspace_ref).await);
        let read: Workspace<ReadLimits> = app.authorize(&ann, workspace_ref).await;
        limit::create(&app.cx, write, json(r#"{"name": "gcl", "limit": 2}"#)).await.unwrap();
        lease::acquire(&app.cx, runs, json(r#"{"names": ["gcl"], "slots": 1, "lease_duration": 60}"#)).await.unwrap();
        lease::acquire(&app.cx, runs, json(r#"{"names": ["gcl"], "slots": 1, "lease_duration": 90}"#)).await.unwrap();
        assert_eq!(tick(&app, LeaseReaper).await, Report { done: 0, more: false });
        app.advance(61.0);
        assert_eq!(tick(&app, LeaseReaper).await, Report { done: 1, more: false });
        assert_eq!(tick(&app, LeaseReaper).await, Report { done: 0, more: false });
        assert_eq!(limit::read(&app.cx, read, "gcl").await.unwrap().active_slots, 1);
    }

    async fn expired_sessions_are_deleted(app: TestApp) {
        let ann = app.person("ann").await;
        assert_eq!(tick(&app, SessionReaper).await.done, 0);
        app.advance(app.cx.settings.session_idle.seconds());
        assert_eq!(tick(&app, SessionReaper).await, Report { done: 1, more: false });
        assert_eq!(tick(&app, SessionReaper).await.done, 0);
        let again = app.same_browser(&ann.session);
        assert!(session::sign_out(&app.cx, &again, testkit::fixture::client_info()).await.is_err());
    }

    async fn deleted_workspaces_are_emptied_in_batches(app: TestApp) {
        let ann = app.person("ann").await;
        let (deleted, kept) = (app.workspace(&ann, "deleted").await, app.workspace(&ann, "kept").await);
        for workspace_ref in [deleted, kept] {
            let write: Workspace<WriteLimits> = app.authorize(&ann, workspace_ref).await;
            for number in 0..250 {
                let body = format!(r#"{{"name": "limit {number}", "limit": 2}}"#);
                limit::create(&app.cx, write, json(&body)).await.unwrap();
            }
        }
        let ws: Workspace<DeleteWorkspace> = app.authorize(&ann, deleted).await;
        workspace::delete(&app.cx, ws, "deleted", testkit::fixture::client_info()).await.unwrap();
        app.advance(120.0);
        let mut removed = 0;
        loop {
            let report = tick(&app, WorkspaceReaper).await;
            assert!(report.done <= 200, "a tick is bounded");
            removed += report.done;
            if !report.more {
                break;
            }
        }
        assert!(removed > 250, "{removed}");
        let read: Workspace<ReadLimits> = app.authorize(&ann, kept).await;
        limit::read(&app.cx, read, "limit 249").await.unwrap();
    }

    async fn a_workspace_that_cannot_be_emptied_does_not_block_others(app: TestApp) {
        let ann = app.person("ann").await;
        for (name, limit_name) in [("stuck", "poison"), ("other", "gcl")] {
            let workspace_ref = app.workspace(&ann, name).await;
            let body = format!(r#"{{"name": "{limit_name}", "limit": 2}}"#);
            limit::create(&app.cx, app.authorize(&ann, workspace_ref).await, json(&body)).await.unwrap();
            workspace::delete(&app.cx, app.authorize(&ann, workspace_ref).await, name, testkit::fixture::client_info()).await.unwrap();
            app.advance(1.0);
        }
        app.poison("DELETE", "concurrency_limit", "name").await;
        app.advance(120.0);
        let reapable = async || workspace::reapable(&app.cx, 9).await.unwrap().len();
        assert_eq!(reapable().await, 2);
        assert!(tick(&app, WorkspaceReaper).await.done > 0);
        assert_eq!(reapable().await, 1);
        assert!(WorkspaceReaper.tick(&app.cx).await.is_err(), "a tick in which all workspaces fail returns the error");
    }

    async fn folding_counters_changes_no_sum(app: TestApp) {
        let ann = app.person("ann").await;
        let workspace_ref = app.workspace(&ann, "lab").await;
        let read: Workspace<ReadLimits> = app.authorize(&ann, workspace_ref).await;
        let now = app.cx.clock.now();
        let insert = InsertCounts { workspace: workspace_ref.workspace, hour: bucket(now, HOUR), day: bucket(now, DAY) };
        app.cx.db.write(insert).await.unwrap();
        let before = app.cx.db.read(Sums(*read.tenant(), ann.person.id)).await.unwrap();
        assert_eq!(before.0, [(StateType::Running, "Running".to_owned(), 3)]);
        assert_eq!(before.1, [(bucket(now, DAY) - 5, StateType::Running, 3)]);
        // Two slots each of the totals, the old hour and the old day; the recent hour is not merged.
        assert_eq!(tick(&app, CounterFolder).await, Report { done: 6, more: false });
        assert_eq!(tick(&app, CounterFolder).await, Report { done: 0, more: false });
        assert_eq!(app.cx.db.read(Sums(*read.tenant(), ann.person.id)).await.unwrap(), before);
        app.advance(3.0 * 3600.0);
        assert_eq!(tick(&app, CounterFolder).await.done, 2, "the hour is old enough now");
    }

    async fn concurrent_counting_and_folding_keep_all_sums(app: TestApp) {
        let ann = app.person("ann").await;
        let workspace_ref = app.workspace(&ann, "lab").await;
        let read: Workspace<ReadLimits> = app.authorize(&ann, workspace_ref).await;
        let at = app.cx.clock.now();
        app.advance(5.0 * 86_400.0);
        let mut writers = JoinSet::new();
        for number in 0..200_u128 {
            let (cx, tenant) = (app.cx.clone(), *read.tenant());
            writers.spawn(async move { cx.db.write(CountRun { tenant, flow: number % 3, at }).await.unwrap() });
        }
        let folding = async {
            for _ in 0..20 {
                tick(&app, CounterFolder).await;
            }
        };
        tokio::join!(writers.join_all(), folding);
        tick(&app, CounterFolder).await;
        let (totals, days) = app.cx.db.read(Sums(*read.tenant(), ann.person.id)).await.unwrap();
        assert_eq!(totals, [(StateType::Running, "Running".to_owned(), 400)]);
        assert_eq!(days, [(bucket(at, DAY), StateType::Running, 400)]);
        assert_eq!(tick(&app, CounterFolder).await.done, 0);
    }
}

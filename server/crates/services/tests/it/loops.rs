//! What a tick of each loop does: what is due and nothing else, and nothing twice.

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
    counter::{DAY, HOUR, Move, Place, RunKind, TOTALS, bucket, count},
    fold::{FOLD_HOURS, FOLD_TOTALS, Hour, Total},
    system::ServiceName,
    workspace::RUN_DAYS_OF_MEMBER,
};
use testkit::{Kit, on_both};
use tokio::task::JoinSet;
use uuid::Uuid;

async fn tick(kit: &Kit, service: impl Service) -> Report {
    service.tick(&kit.cx).await.unwrap()
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

/// Counts as the lanes of PostgreSQL leave them: in several slots.
struct Counted {
    workspace: WorkspaceId,
    hour: i64,
    day: i64,
}

impl Counted {
    const KIND: RunKind = RunKind::FlowRun;

    fn total(&self, slot: i64, runs: i64) -> Total {
        Total {
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

    fn of_grain(&self, grain: i64, bucket: i64, slot: i64, runs: i64) -> Hour {
        Hour {
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

impl Write for Counted {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let mut tx = tx.system(ServiceName::CounterFolder);
        let totals: Vec<Total> = [(0, 2), (3, 5), (7, -4)].map(|(slot, runs)| self.total(slot, runs)).into();
        tx.insert(&FOLD_TOTALS, &totals).await?;
        let slots = [(0, 2), (3, 5), (7, -4)];
        let old = slots.map(|(slot, runs)| self.of_grain(HOUR, self.hour - 50, slot, runs));
        let young = slots.map(|(slot, runs)| self.of_grain(HOUR, self.hour, slot, runs));
        let days = slots.map(|(slot, runs)| self.of_grain(DAY, self.day - 5, slot, runs));
        tx.insert(&FOLD_HOURS, &[old, young, days].concat()).await?;
        Ok(())
    }
}

/// One more run, counted as every write on runs does it.
struct OneMore {
    tenant: store::Tenant,
    flow: u128,
    at: Timestamp,
}

impl Write for OneMore {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let moved = |flow: u128| Move {
            kind: Counted::KIND,
            flow_id: FlowId(Uuid::from_u128(flow)),
            deployment_id: None,
            from: None,
            to: Some(Place { state_type: StateType::Running, state_name: "Running".to_owned(), sort_time: self.at }),
        };
        count(tx, &self.tenant, &[moved(self.flow), moved(self.flow + 1)]).await
    }
}

/// The sums that pages show.
struct Sums(store::Tenant, UserId);

impl Read for Sums {
    type Out = (Vec<(StateType, String, i64)>, Vec<(i64, StateType, i64)>);
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out, Error> {
        let totals = tx.of(&self.0).all(&TOTALS, (Counted::KIND,)).await?;
        let days = tx.all(&RUN_DAYS_OF_MEMBER, (self.1, Counted::KIND, 0)).await?;
        Ok((totals, days.into_iter().map(|(_, day, state, runs)| (day, state, runs)).collect()))
    }
}

on_both! {
    async fn leases_that_nobody_renewed_are_freed(kit: Kit) {
        let ann = kit.person("ann").await;
        let address = kit.workspace(&ann, "lab").await;
        let (write, runs): (Workspace<WriteLimits>, Workspace<WriteRuns>) =
            (kit.enter(&ann, address).await, kit.enter(&ann, address).await);
        let read: Workspace<ReadLimits> = kit.enter(&ann, address).await;
        limit::create(&kit.cx, write, json(r#"{"name": "gcl", "limit": 2}"#)).await.unwrap();
        lease::take(&kit.cx, runs, json(r#"{"names": ["gcl"], "slots": 1, "lease_duration": 60}"#)).await.unwrap();
        lease::take(&kit.cx, runs, json(r#"{"names": ["gcl"], "slots": 1, "lease_duration": 90}"#)).await.unwrap();
        assert_eq!(tick(&kit, LeaseReaper).await, Report { done: 0, more: false });
        kit.advance(61.0);
        assert_eq!(tick(&kit, LeaseReaper).await, Report { done: 1, more: false });
        assert_eq!(tick(&kit, LeaseReaper).await, Report { done: 0, more: false });
        assert_eq!(limit::read(&kit.cx, read, "gcl").await.unwrap().active_slots, 1);
    }

    async fn sessions_go_when_their_life_is_over(kit: Kit) {
        let ann = kit.person("ann").await;
        assert_eq!(tick(&kit, SessionReaper).await.done, 0);
        kit.advance(kit.cx.settings.session_idle.seconds());
        assert_eq!(tick(&kit, SessionReaper).await, Report { done: 1, more: false });
        assert_eq!(tick(&kit, SessionReaper).await.done, 0);
        let again = kit.same_browser(&ann.session);
        assert!(session::sign_out(&kit.cx, &again, testkit::fixture::origin()).await.is_err());
    }

    async fn deleted_workspaces_are_emptied_batch_by_batch(kit: Kit) {
        let ann = kit.person("ann").await;
        let (gone, kept) = (kit.workspace(&ann, "gone").await, kit.workspace(&ann, "kept").await);
        for address in [gone, kept] {
            let write: Workspace<WriteLimits> = kit.enter(&ann, address).await;
            for number in 0..250 {
                let body = format!(r#"{{"name": "limit {number}", "limit": 2}}"#);
                limit::create(&kit.cx, write, json(&body)).await.unwrap();
            }
        }
        let ws: Workspace<DeleteWorkspace> = kit.enter(&ann, gone).await;
        workspace::delete(&kit.cx, ws, "gone", testkit::fixture::origin()).await.unwrap();
        kit.advance(120.0);
        let mut removed = 0;
        loop {
            let report = tick(&kit, WorkspaceReaper).await;
            assert!(report.done <= 200, "a tick is bounded");
            removed += report.done;
            if !report.more {
                break;
            }
        }
        assert!(removed > 250, "{removed}");
        let read: Workspace<ReadLimits> = kit.enter(&ann, kept).await;
        limit::read(&kit.cx, read, "limit 249").await.unwrap();
    }

    async fn a_workspace_that_can_not_be_emptied_does_not_keep_the_others_from_it(kit: Kit) {
        let ann = kit.person("ann").await;
        for (name, limit_name) in [("stuck", "poison"), ("other", "gcl")] {
            let address = kit.workspace(&ann, name).await;
            let body = format!(r#"{{"name": "{limit_name}", "limit": 2}}"#);
            limit::create(&kit.cx, kit.enter(&ann, address).await, json(&body)).await.unwrap();
            workspace::delete(&kit.cx, kit.enter(&ann, address).await, name, testkit::fixture::origin()).await.unwrap();
            kit.advance(1.0);
        }
        kit.poison("DELETE", "concurrency_limit", "name").await;
        kit.advance(120.0);
        let reapable = async || workspace::reapable(&kit.cx, 9).await.unwrap().len();
        assert_eq!(reapable().await, 2);
        assert!(tick(&kit, WorkspaceReaper).await.done > 0);
        assert_eq!(reapable().await, 1);
        assert!(WorkspaceReaper.tick(&kit.cx).await.is_err(), "a tick that could do nothing says so");
    }

    async fn folding_counters_changes_no_sum(kit: Kit) {
        let ann = kit.person("ann").await;
        let address = kit.workspace(&ann, "lab").await;
        let read: Workspace<ReadLimits> = kit.enter(&ann, address).await;
        let now = kit.cx.clock.now();
        let counted = Counted { workspace: address.workspace, hour: bucket(now, HOUR), day: bucket(now, DAY) };
        kit.cx.db.write(counted).await.unwrap();
        let before = kit.cx.db.read(Sums(*read.tenant(), ann.person.id)).await.unwrap();
        assert_eq!(before.0, [(StateType::Running, "Running".to_owned(), 3)]);
        assert_eq!(before.1, [(bucket(now, DAY) - 5, StateType::Running, 3)]);
        // Two slots each of the totals, the old hour and the old day; the young hour is left.
        assert_eq!(tick(&kit, CounterFolder).await, Report { done: 6, more: false });
        assert_eq!(tick(&kit, CounterFolder).await, Report { done: 0, more: false });
        assert_eq!(kit.cx.db.read(Sums(*read.tenant(), ann.person.id)).await.unwrap(), before);
        kit.advance(3.0 * 3600.0);
        assert_eq!(tick(&kit, CounterFolder).await.done, 2, "the hour has grown old");
    }

    async fn counting_and_folding_do_not_disturb_each_other(kit: Kit) {
        let ann = kit.person("ann").await;
        let address = kit.workspace(&ann, "lab").await;
        let read: Workspace<ReadLimits> = kit.enter(&ann, address).await;
        let at = kit.cx.clock.now();
        kit.advance(5.0 * 86_400.0);
        let mut writers = JoinSet::new();
        for number in 0..200_u128 {
            let (cx, tenant) = (kit.cx.clone(), *read.tenant());
            writers.spawn(async move { cx.db.write(OneMore { tenant, flow: number % 3, at }).await.unwrap() });
        }
        let folding = async {
            for _ in 0..20 {
                tick(&kit, CounterFolder).await;
            }
        };
        tokio::join!(writers.join_all(), folding);
        tick(&kit, CounterFolder).await;
        let (totals, days) = kit.cx.db.read(Sums(*read.tenant(), ann.person.id)).await.unwrap();
        assert_eq!(totals, [(StateType::Running, "Running".to_owned(), 400)]);
        assert_eq!(days, [(bucket(at, DAY), StateType::Running, 400)]);
        assert_eq!(tick(&kit, CounterFolder).await.done, 0);
    }
}

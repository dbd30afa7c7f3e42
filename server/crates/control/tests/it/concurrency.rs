//! Concurrency limits and leases: callers never acquire more slots than there are, and released slots are free again.

use control::{
    Error,
    access::Workspace,
    concurrency::{lease, limit, reap::reap},
};
use model::{
    concurrency::{ConcurrencyLimit, LeaseGranted, RenewLease, ReturnSlots, TakeSlots},
    id::LeaseId,
    permission::{ReadLimits, WriteLimits, WriteRuns},
};
use serde_json::json;
use testkit::{TestApp, on_both};
use tokio::task::JoinSet;

#[derive(Clone)]
struct LimitFixture {
    app: TestApp,
    read: Workspace<ReadLimits>,
    write: Workspace<WriteLimits>,
    runs: Workspace<WriteRuns>,
}

impl LimitFixture {
    async fn new(app: &TestApp, person: &str) -> Self {
        let owner = app.person(person).await;
        let workspace_ref = app.workspace(&owner, "lab").await;
        Self {
            read: app.authorize(&owner, workspace_ref).await,
            write: app.authorize(&owner, workspace_ref).await,
            runs: app.authorize(&owner, workspace_ref).await,
            app: app.clone(),
        }
    }

    async fn limit(&self, name: &str, slots: i64) -> ConcurrencyLimit {
        self.limit_with(json!({"name": name, "limit": slots})).await.unwrap()
    }

    async fn limit_with(&self, body: serde_json::Value) -> Result<ConcurrencyLimit, Error> {
        limit::create(&self.app.cx, self.write, serde_json::from_value(body).unwrap()).await
    }

    async fn acquire(&self, names: &[&str], slots: i64) -> Result<LeaseGranted, Error> {
        self.acquire_with(json!({"names": names, "slots": slots, "lease_duration": 60})).await
    }

    async fn acquire_with(&self, body: serde_json::Value) -> Result<LeaseGranted, Error> {
        let request: TakeSlots = serde_json::from_value(body).unwrap();
        lease::acquire(&self.app.cx, self.runs, request).await
    }

    async fn release(&self, lease_id: LeaseId) {
        lease::release(&self.app.cx, self.runs, ReturnSlots { lease_id }).await.unwrap();
    }

    async fn renew(&self, lease_id: LeaseId, seconds: f64) -> Result<(), Error> {
        let renew: RenewLease = serde_json::from_value(json!({"lease_duration": seconds})).unwrap();
        lease::renew(&self.app.cx, self.runs, lease_id, &renew).await
    }

    async fn used_slots(&self, name: &str) -> i64 {
        limit::read(&self.app.cx, self.read, name).await.unwrap().active_slots
    }
}

fn is_locked(outcome: &Result<LeaseGranted, Error>) -> bool {
    matches!(outcome, Err(Error::NoFreeSlot { retry_after }) if *retry_after > 0.0)
}

on_both! {
    async fn a_limit_is_created_read_and_deleted(app: TestApp) {
        let fixture = LimitFixture::new(&app, "ann").await;
        let created = fixture.limit("gcl", 1).await;
        assert_eq!((created.limit, created.active, created.active_slots, created.avg_slot_occupancy_seconds), (1, true, 0, 2.0));
        let twice = fixture.limit_with(json!({"name": "gcl", "limit": 2})).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        let by_name = limit::read(&app.cx, fixture.read, "gcl").await.unwrap();
        let by_id = limit::read(&app.cx, fixture.read, &created.id.to_string()).await.unwrap();
        assert_eq!((by_name.id, by_id.id), (created.id, created.id));
        limit::delete(&app.cx, fixture.write, "gcl").await.unwrap();
        for (gone, id) in [("gcl".to_owned(), None), (created.id.to_string(), Some(created.id.into()))] {
            let missing = Error::NotFound { noun: "Concurrency Limit".into(), id };
            assert_eq!(limit::read(&app.cx, fixture.read, &gone).await, Err(missing.clone()));
            assert_eq!(limit::delete(&app.cx, fixture.write, &gone).await, Err(missing));
        }
    }

    async fn slots_are_acquired_renewed_and_released(app: TestApp) {
        let fixture = LimitFixture::new(&app, "ann").await;
        let created = fixture.limit("gcl", 1).await;
        let granted = fixture.acquire(&["gcl", "missing"], 1).await.unwrap();
        assert_eq!(granted.limits.len(), 1);
        assert_eq!((granted.limits[0].id, granted.limits[0].limit), (created.id, 1));
        assert!(is_locked(&fixture.acquire(&["gcl"], 1).await));
        fixture.renew(granted.lease_id, 60.0).await.unwrap();
        app.advance(10.0);
        fixture.release(granted.lease_id).await;
        assert_eq!(fixture.used_slots("gcl").await, 0);
        fixture.release(granted.lease_id).await;
        assert_eq!(fixture.renew(granted.lease_id, 60.0).await, Err(Error::Gone("The lease is over: its slots were given back")));
        fixture.acquire(&["gcl"], 1).await.unwrap();
    }

    async fn a_lease_without_limits_can_be_renewed_and_released(app: TestApp) {
        let fixture = LimitFixture::new(&app, "ann").await;
        let granted = fixture.acquire(&["tag:none"], 1).await.unwrap();
        assert!(granted.limits.is_empty());
        fixture.renew(granted.lease_id, 60.0).await.unwrap();
        fixture.release(granted.lease_id).await;
        assert!(fixture.renew(granted.lease_id, 60.0).await.is_err());
    }

    async fn slots_are_acquired_from_all_limits_or_none(app: TestApp) {
        let fixture = LimitFixture::new(&app, "ann").await;
        fixture.limit("wide", 5).await;
        fixture.limit("narrow", 1).await;
        fixture.limit_with(json!({"name": "off", "limit": 1, "active": false})).await.unwrap();
        let first = fixture.acquire(&["wide", "narrow", "off"], 1).await.unwrap();
        assert_eq!(first.limits.len(), 3);
        assert!(is_locked(&fixture.acquire(&["wide", "narrow"], 1).await));
        assert_eq!((fixture.used_slots("wide").await, fixture.used_slots("narrow").await, fixture.used_slots("off").await), (1, 1, 0));
        let refused = fixture.acquire(&["wide", "narrow"], 2).await;
        assert!(matches!(&refused, Err(Error::Invalid(invalid)) if invalid[0].loc == ["slots"]), "{refused:?}");
        let refused = fixture.acquire_with(json!({"names": ["wide"], "slots": 1, "mode": "rate_limit"})).await;
        assert!(matches!(&refused, Err(Error::Invalid(invalid)) if invalid[0].loc == ["mode"]), "{refused:?}");
        fixture.release(first.lease_id).await;
        assert_eq!((fixture.used_slots("wide").await, fixture.used_slots("narrow").await), (0, 0));
    }

    async fn slots_of_a_rate_limit_decay(app: TestApp) {
        let fixture = LimitFixture::new(&app, "ann").await;
        fixture.limit_with(json!({"name": "rate", "limit": 2, "slot_decay_per_second": 0.5})).await.unwrap();
        fixture.acquire_with(json!({"names": ["rate"], "slots": 2, "mode": "rate_limit"})).await.unwrap();
        assert!(is_locked(&fixture.acquire(&["rate"], 1).await));
        app.advance(2.0);
        assert_eq!(fixture.used_slots("rate").await, 1);
        fixture.acquire(&["rate"], 1).await.unwrap();
    }

    async fn sixty_four_callers_for_five_slots_acquire_five(app: TestApp) {
        let fixture = LimitFixture::new(&app, "ann").await;
        fixture.limit("five", 5).await;
        let mut callers = JoinSet::new();
        for _ in 0..64 {
            let fixture = fixture.clone();
            callers.spawn(async move { fixture.acquire(&["five"], 1).await });
        }
        let outcomes = callers.join_all().await;
        let granted: Vec<LeaseId> = outcomes.iter().flatten().map(|granted| granted.lease_id).collect();
        assert_eq!(granted.len(), 5);
        assert_eq!(outcomes.iter().filter(|outcome| is_locked(outcome)).count(), 59);
        assert_eq!(fixture.used_slots("five").await, 5);
        let mut releases = JoinSet::new();
        for lease in granted.into_iter().cycle().take(20) {
            let fixture = fixture.clone();
            releases.spawn(async move { fixture.release(lease).await });
        }
        releases.join_all().await;
        assert_eq!(fixture.used_slots("five").await, 0, "releasing a lease twice frees its slots once");
    }

    async fn callers_naming_limits_in_any_order_do_not_deadlock(app: TestApp) {
        let fixture = LimitFixture::new(&app, "ann").await;
        for name in ["a", "b", "c"] {
            fixture.limit(name, 1000).await;
        }
        let mut callers = JoinSet::new();
        for index in 0..60_usize {
            let fixture = fixture.clone();
            callers.spawn(async move {
                let mut names = ["a", "b", "c"];
                names.rotate_left(index % 3);
                let granted = fixture.acquire(&names, 1).await.unwrap();
                if index % 2 == 0 {
                    fixture.release(granted.lease_id).await;
                }
            });
        }
        callers.join_all().await;
        for name in ["a", "b", "c"] {
            assert_eq!(fixture.used_slots(name).await, 30);
        }
    }

    async fn an_expired_lease_frees_its_slots(app: TestApp) {
        let fixture = LimitFixture::new(&app, "ann").await;
        fixture.limit("gcl", 3).await;
        let expired = fixture.acquire(&["gcl"], 1).await.unwrap();
        let kept = fixture.acquire(&["gcl"], 1).await.unwrap();
        app.advance(59.0);
        fixture.renew(kept.lease_id, 60.0).await.unwrap();
        assert_eq!(reap(&app.cx, 10).await, Ok(0));
        app.advance(1.0);
        assert_eq!(reap(&app.cx, 10).await, Ok(1));
        assert_eq!(fixture.used_slots("gcl").await, 1);
        assert!(matches!(fixture.renew(expired.lease_id, 60.0).await, Err(Error::Gone(_))));
        assert_eq!(reap(&app.cx, 10).await, Ok(0), "a lease is released once");
    }

    async fn a_lease_that_fails_to_release_does_not_stop_others(app: TestApp) {
        let fixture = LimitFixture::new(&app, "ann").await;
        for name in ["poison", "gcl"] {
            fixture.limit(name, 1).await;
            // The first lease expires first, so the reaper tries it first.
            fixture.acquire(&[name], 1).await.unwrap();
            app.advance(1.0);
        }
        app.poison("UPDATE", "concurrency_limit", "name").await;
        app.advance(60.0);
        assert!(reap(&app.cx, 10).await.is_err());
        assert_eq!((fixture.used_slots("poison").await, fixture.used_slots("gcl").await), (1, 0));
    }

    async fn leases_of_a_deleted_limit_keep_their_other_limits(app: TestApp) {
        let fixture = LimitFixture::new(&app, "ann").await;
        fixture.limit("stays", 1).await;
        fixture.limit("goes", 1).await;
        let granted = fixture.acquire(&["stays", "goes"], 1).await.unwrap();
        limit::delete(&app.cx, fixture.write, "goes").await.unwrap();
        fixture.release(granted.lease_id).await;
        assert_eq!(fixture.used_slots("stays").await, 0);
    }

    async fn limits_and_leases_of_another_workspace_are_invisible(app: TestApp) {
        let (ann, bob) = (LimitFixture::new(&app, "ann").await, LimitFixture::new(&app, "bob").await);
        let created = ann.limit("gcl", 1).await;
        let granted = ann.acquire(&["gcl"], 1).await.unwrap();
        assert!(bob.acquire(&["gcl"], 1).await.unwrap().limits.is_empty());
        bob.release(granted.lease_id).await;
        assert!(matches!(bob.renew(granted.lease_id, 60.0).await, Err(Error::Gone(_))));
        let id = created.id.to_string();
        let missing = Error::not_found("Concurrency Limit", created.id);
        assert_eq!(limit::read(&app.cx, bob.read, &id).await, Err(missing.clone()));
        assert_eq!(limit::delete(&app.cx, bob.write, &id).await, Err(missing));
        assert_eq!(ann.used_slots("gcl").await, 1);
    }
}

//! Concurrency limits and leases: nobody gets more than there is, and what is given back is free again.

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
use testkit::{Kit, on_both};
use tokio::task::JoinSet;

#[derive(Clone)]
struct Gate {
    kit: Kit,
    read: Workspace<ReadLimits>,
    write: Workspace<WriteLimits>,
    runs: Workspace<WriteRuns>,
}

impl Gate {
    async fn of(kit: &Kit, person: &str) -> Self {
        let owner = kit.person(person).await;
        let address = kit.workspace(&owner, "lab").await;
        Self {
            read: kit.enter(&owner, address).await,
            write: kit.enter(&owner, address).await,
            runs: kit.enter(&owner, address).await,
            kit: kit.clone(),
        }
    }

    async fn limit(&self, name: &str, slots: i64) -> ConcurrencyLimit {
        self.limit_with(json!({"name": name, "limit": slots})).await.unwrap()
    }

    async fn limit_with(&self, body: serde_json::Value) -> Result<ConcurrencyLimit, Error> {
        limit::create(&self.kit.cx, self.write, serde_json::from_value(body).unwrap()).await
    }

    async fn take(&self, names: &[&str], slots: i64) -> Result<LeaseGranted, Error> {
        self.take_with(json!({"names": names, "slots": slots, "lease_duration": 60})).await
    }

    async fn take_with(&self, body: serde_json::Value) -> Result<LeaseGranted, Error> {
        let wanted: TakeSlots = serde_json::from_value(body).unwrap();
        lease::take(&self.kit.cx, self.runs, wanted).await
    }

    async fn give_back(&self, lease_id: LeaseId) {
        lease::give_back(&self.kit.cx, self.runs, ReturnSlots { lease_id }).await.unwrap();
    }

    async fn renew(&self, lease_id: LeaseId, seconds: f64) -> Result<(), Error> {
        let renew: RenewLease = serde_json::from_value(json!({"lease_duration": seconds})).unwrap();
        lease::renew(&self.kit.cx, self.runs, lease_id, &renew).await
    }

    async fn taken(&self, name: &str) -> i64 {
        limit::read(&self.kit.cx, self.read, name).await.unwrap().active_slots
    }
}

fn is_locked(outcome: &Result<LeaseGranted, Error>) -> bool {
    matches!(outcome, Err(Error::Locked { retry_after }) if *retry_after > 0.0)
}

on_both! {
    async fn a_limit_is_made_found_and_deleted(kit: Kit) {
        let gate = Gate::of(&kit, "ann").await;
        let made = gate.limit("gcl", 1).await;
        assert_eq!((made.limit, made.active, made.active_slots, made.avg_slot_occupancy_seconds), (1, true, 0, 2.0));
        let twice = gate.limit_with(json!({"name": "gcl", "limit": 2})).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        let by_name = limit::read(&kit.cx, gate.read, "gcl").await.unwrap();
        let by_id = limit::read(&kit.cx, gate.read, &made.id.to_string()).await.unwrap();
        assert_eq!((by_name.id, by_id.id), (made.id, made.id));
        limit::delete(&kit.cx, gate.write, "gcl").await.unwrap();
        for gone in ["gcl".to_owned(), made.id.to_string()] {
            assert_eq!(limit::read(&kit.cx, gate.read, &gone).await, Err(Error::NotFound("Concurrency Limit")));
            assert_eq!(limit::delete(&kit.cx, gate.write, &gone).await, Err(Error::NotFound("Concurrency Limit")));
        }
    }

    async fn slots_are_taken_kept_and_given_back(kit: Kit) {
        let gate = Gate::of(&kit, "ann").await;
        let made = gate.limit("gcl", 1).await;
        let granted = gate.take(&["gcl", "missing"], 1).await.unwrap();
        assert_eq!(granted.limits.len(), 1);
        assert_eq!((granted.limits[0].id, granted.limits[0].limit), (made.id, 1));
        assert!(is_locked(&gate.take(&["gcl"], 1).await));
        gate.renew(granted.lease_id, 60.0).await.unwrap();
        kit.advance(10.0);
        gate.give_back(granted.lease_id).await;
        assert_eq!(gate.taken("gcl").await, 0);
        gate.give_back(granted.lease_id).await;
        assert_eq!(gate.renew(granted.lease_id, 60.0).await, Err(Error::Gone("The lease is over: its slots were given back")));
        gate.take(&["gcl"], 1).await.unwrap();
    }

    async fn a_lease_on_no_limit_is_a_lease(kit: Kit) {
        let gate = Gate::of(&kit, "ann").await;
        let granted = gate.take(&["tag:none"], 1).await.unwrap();
        assert!(granted.limits.is_empty());
        gate.renew(granted.lease_id, 60.0).await.unwrap();
        gate.give_back(granted.lease_id).await;
        assert!(gate.renew(granted.lease_id, 60.0).await.is_err());
    }

    async fn all_limits_give_or_none_does(kit: Kit) {
        let gate = Gate::of(&kit, "ann").await;
        gate.limit("wide", 5).await;
        gate.limit("narrow", 1).await;
        gate.limit_with(json!({"name": "off", "limit": 1, "active": false})).await.unwrap();
        let first = gate.take(&["wide", "narrow", "off"], 1).await.unwrap();
        assert_eq!(first.limits.len(), 3);
        assert!(is_locked(&gate.take(&["wide", "narrow"], 1).await));
        assert_eq!((gate.taken("wide").await, gate.taken("narrow").await, gate.taken("off").await), (1, 1, 0));
        let refused = gate.take(&["wide", "narrow"], 2).await;
        assert!(matches!(&refused, Err(Error::Invalid(invalid)) if invalid[0].loc == ["slots"]), "{refused:?}");
        let refused = gate.take_with(json!({"names": ["wide"], "slots": 1, "mode": "rate_limit"})).await;
        assert!(matches!(&refused, Err(Error::Invalid(invalid)) if invalid[0].loc == ["mode"]), "{refused:?}");
        gate.give_back(first.lease_id).await;
        assert_eq!((gate.taken("wide").await, gate.taken("narrow").await), (0, 0));
    }

    async fn slots_of_a_rate_come_back_by_themselves(kit: Kit) {
        let gate = Gate::of(&kit, "ann").await;
        gate.limit_with(json!({"name": "rate", "limit": 2, "slot_decay_per_second": 0.5})).await.unwrap();
        gate.take_with(json!({"names": ["rate"], "slots": 2, "mode": "rate_limit"})).await.unwrap();
        assert!(is_locked(&gate.take(&["rate"], 1).await));
        kit.advance(2.0);
        assert_eq!(gate.taken("rate").await, 1);
        gate.take(&["rate"], 1).await.unwrap();
    }

    async fn sixty_four_takers_of_five_slots_hold_five(kit: Kit) {
        let gate = Gate::of(&kit, "ann").await;
        gate.limit("five", 5).await;
        let mut takers = JoinSet::new();
        for _ in 0..64 {
            let gate = gate.clone();
            takers.spawn(async move { gate.take(&["five"], 1).await });
        }
        let outcomes = takers.join_all().await;
        let granted: Vec<LeaseId> = outcomes.iter().flatten().map(|granted| granted.lease_id).collect();
        assert_eq!(granted.len(), 5);
        assert_eq!(outcomes.iter().filter(|outcome| is_locked(outcome)).count(), 59);
        assert_eq!(gate.taken("five").await, 5);
        let mut givers = JoinSet::new();
        for lease in granted.into_iter().cycle().take(20) {
            let gate = gate.clone();
            givers.spawn(async move { gate.give_back(lease).await });
        }
        givers.join_all().await;
        assert_eq!(gate.taken("five").await, 0, "what is given back twice counts once");
    }

    async fn takers_of_several_limits_in_any_order_all_get_an_answer(kit: Kit) {
        let gate = Gate::of(&kit, "ann").await;
        for name in ["a", "b", "c"] {
            gate.limit(name, 1000).await;
        }
        let mut takers = JoinSet::new();
        for at in 0..60_usize {
            let gate = gate.clone();
            takers.spawn(async move {
                let mut names = ["a", "b", "c"];
                names.rotate_left(at % 3);
                let granted = gate.take(&names, 1).await.unwrap();
                if at % 2 == 0 {
                    gate.give_back(granted.lease_id).await;
                }
            });
        }
        takers.join_all().await;
        for name in ["a", "b", "c"] {
            assert_eq!(gate.taken(name).await, 30);
        }
    }

    async fn what_nobody_renews_is_given_back(kit: Kit) {
        let gate = Gate::of(&kit, "ann").await;
        gate.limit("gcl", 3).await;
        let forgotten = gate.take(&["gcl"], 1).await.unwrap();
        let kept = gate.take(&["gcl"], 1).await.unwrap();
        kit.advance(59.0);
        gate.renew(kept.lease_id, 60.0).await.unwrap();
        assert_eq!(reap(&kit.cx, 10).await, Ok(0));
        kit.advance(1.0);
        assert_eq!(reap(&kit.cx, 10).await, Ok(1));
        assert_eq!(gate.taken("gcl").await, 1);
        assert!(matches!(gate.renew(forgotten.lease_id, 60.0).await, Err(Error::Gone(_))));
        assert_eq!(reap(&kit.cx, 10).await, Ok(0), "once is enough");
    }

    async fn a_lease_that_cannot_be_freed_keeps_no_other_from_it(kit: Kit) {
        let gate = Gate::of(&kit, "ann").await;
        for name in ["poison", "gcl"] {
            gate.limit(name, 1).await;
            // The first one is over for longer, so it is tried first.
            gate.take(&[name], 1).await.unwrap();
            kit.advance(1.0);
        }
        kit.poison("UPDATE", "concurrency_limit", "name").await;
        kit.advance(60.0);
        assert!(reap(&kit.cx, 10).await.is_err());
        assert_eq!((gate.taken("poison").await, gate.taken("gcl").await), (1, 0));
    }

    async fn a_deleted_limit_leaves_its_leases_to_the_others(kit: Kit) {
        let gate = Gate::of(&kit, "ann").await;
        gate.limit("stays", 1).await;
        gate.limit("goes", 1).await;
        let granted = gate.take(&["stays", "goes"], 1).await.unwrap();
        limit::delete(&kit.cx, gate.write, "goes").await.unwrap();
        gate.give_back(granted.lease_id).await;
        assert_eq!(gate.taken("stays").await, 0);
    }

    async fn nothing_of_another_workspace_is_taken_or_freed(kit: Kit) {
        let (ann, bob) = (Gate::of(&kit, "ann").await, Gate::of(&kit, "bob").await);
        let made = ann.limit("gcl", 1).await;
        let granted = ann.take(&["gcl"], 1).await.unwrap();
        assert!(bob.take(&["gcl"], 1).await.unwrap().limits.is_empty());
        bob.give_back(granted.lease_id).await;
        assert!(matches!(bob.renew(granted.lease_id, 60.0).await, Err(Error::Gone(_))));
        let id = made.id.to_string();
        assert_eq!(limit::read(&kit.cx, bob.read, &id).await, Err(Error::NotFound("Concurrency Limit")));
        assert_eq!(limit::delete(&kit.cx, bob.write, &id).await, Err(Error::NotFound("Concurrency Limit")));
        assert_eq!(ann.taken("gcl").await, 1);
    }
}

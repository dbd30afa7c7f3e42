//! Concurrency limits, and leases on their slots.
//!
//! - [`limit`]: create, read and delete limits;
//! - [`lease`]: acquire slots of limits, renew the lease, release them;
//! - [`reap`]: release the slots of expired leases.
//!
//! `engine` computes the slots. Every write locks a lease first, then limits in the order of their ids, so that no two writes deadlock.

pub mod lease;
pub mod limit;
pub mod reap;

use engine::concurrency::{DecayingCount, Limit};
use model::time::Timestamp;
use store::concurrency::{LimitRow, LimitUsage};

/// The limit in the engine's form.
fn engine_limit(row: &LimitRow) -> Limit {
    Limit {
        slots: row.slot_limit,
        active: DecayingCount { count: row.active_slots, since: row.active_since },
        denied: DecayingCount { count: row.denied_slots, since: row.denied_since },
        decay_per_second: row.slot_decay_per_second,
        occupancy_seconds: row.avg_slot_occupancy_seconds,
    }
}

/// The columns to write after the engine has changed a limit.
fn limit_usage(row: &LimitRow, limit: &Limit, now: Timestamp) -> LimitUsage {
    LimitUsage {
        id: row.id,
        active_slots: limit.active.count,
        active_since: limit.active.since,
        denied_slots: limit.denied.count,
        denied_since: limit.denied.since,
        avg_slot_occupancy_seconds: limit.occupancy_seconds,
        updated: now,
    }
}

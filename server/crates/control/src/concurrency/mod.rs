//! Concurrency limits, and leases on their slots.
//!
//! - [`limit`]: make, see and delete limits;
//! - [`lease`]: take slots of limits, keep them, give them back;
//! - [`reap`]: give back what was taken and forgotten.
//!
//! How slots are counted is `engine`'s. Every write locks a lease first, then limits in the order of their ids.

pub mod lease;
pub mod limit;
pub mod reap;

use engine::concurrency::{Draining, Limit};
use model::time::Timestamp;
use store::concurrency::{LimitRow, LimitUse};

/// The limit as it is judged.
fn judged(row: &LimitRow) -> Limit {
    Limit {
        slots: row.slot_limit,
        active: Draining { count: row.active_slots, since: row.active_since },
        denied: Draining { count: row.denied_slots, since: row.denied_since },
        decay_per_second: row.slot_decay_per_second,
        occupancy_seconds: row.avg_slot_occupancy_seconds,
    }
}

/// What is written of a limit after it was judged.
fn used(row: &LimitRow, limit: &Limit, now: Timestamp) -> LimitUse {
    LimitUse {
        id: row.id,
        active_slots: limit.active.count,
        active_since: limit.active.since,
        denied_slots: limit.denied.count,
        denied_since: limit.denied.since,
        avg_slot_occupancy_seconds: limit.occupancy_seconds,
        updated: now,
    }
}

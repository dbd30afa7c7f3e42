//! Concurrency limits, and leases on their slots.

use serde_json::json;

use super::Noun;

pub const NOUN: Noun = Noun {
    values: &[
        ("increment-with-lease.names", |fixture| json!([fixture.name])),
        ("decrement-with-lease.lease_id", |fixture| json!(fixture.id("other_lease"))),
        ("lease_duration", |_| json!(60.0)),
        ("ConcurrencyLeaseHolder.id", |fixture| json!(fixture.id("flow_run"))),
    ],
    created_with: &[("ConcurrencyLimitV2Create.limit", |_| json!(1000))],
    // Two, so that one remains when a test releases the other.
    made_by: &[
        ("lease", "/v2/concurrency_limits/increment-with-lease", "lease_id"),
        ("other_lease", "/v2/concurrency_limits/increment-with-lease", "lease_id"),
    ],
    // An unknown limit does not limit, and releasing an unknown lease changes nothing.
    unchecked: &["ConcurrencyLeaseHolder", "increment-with-lease.names", "decrement-with-lease.lease_id"],
    limited: &["lease_duration"],
    huge: &[("ConcurrencyLimitV2Create.slot_decay_per_second", &["1e300"])],
    ..Noun::PLAIN
};

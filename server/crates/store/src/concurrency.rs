//! Concurrency limits, and the leases on their slots.
//!
//! The lock order is the same everywhere, so that writes can't deadlock: a lease first, then limits by id.

use model::{
    concurrency::{ConcurrencyLimit, ConcurrencyLimitId, LeaseHolderKind},
    id::{LeaseId, WorkspaceId},
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    column::{Json, id_columns},
    error::{Error, Result},
    record, statements,
    value::{Column, Kind, Type, Value},
};

id_columns!(ConcurrencyLimitId);

impl Column for LeaseHolderKind {
    const KIND: Kind = Kind::of(Type::Text);
    fn to_value(&self) -> Value {
        Value::Text(
            match self {
                Self::FlowRun => "flow_run",
                Self::TaskRun => "task_run",
                Self::Deployment => "deployment",
            }
            .to_owned(),
        )
    }
    fn from_value(value: Value) -> Result<Self> {
        match String::from_value(value)?.as_str() {
            "flow_run" => Ok(Self::FlowRun),
            "task_run" => Ok(Self::TaskRun),
            "deployment" => Ok(Self::Deployment),
            _ => Err(Error::Corrupt("kind of lease holder")),
        }
    }
}

record! {
    /// A row of `concurrency_limit`.
    pub struct LimitRow {
        pub id: ConcurrencyLimitId,
        pub name: String,
        pub active: bool,
        pub slot_limit: i64,
        pub active_slots: i64,
        pub active_since: Timestamp,
        pub denied_slots: i64,
        pub denied_since: Timestamp,
        pub slot_decay_per_second: f64,
        pub avg_slot_occupancy_seconds: f64,
        pub created: Timestamp,
        pub updated: Timestamp,
    }
}

impl From<LimitRow> for ConcurrencyLimit {
    fn from(row: LimitRow) -> Self {
        Self {
            id: row.id,
            created: row.created,
            updated: row.updated,
            active: row.active,
            name: row.name,
            limit: row.slot_limit,
            active_slots: row.active_slots,
            denied_slots: row.denied_slots,
            slot_decay_per_second: row.slot_decay_per_second,
            avg_slot_occupancy_seconds: row.avg_slot_occupancy_seconds,
        }
    }
}

record! {
    /// The columns of a limit that acquiring and releasing slots changes.
    pub struct LimitUsage {
        pub id: ConcurrencyLimitId,
        pub active_slots: i64,
        pub active_since: Timestamp,
        pub denied_slots: i64,
        pub denied_since: Timestamp,
        pub avg_slot_occupancy_seconds: f64,
        pub updated: Timestamp,
    }
}

record! {
    /// A row of `lease`.
    pub struct LeaseRow {
        pub id: LeaseId,
        pub slots: i64,
        pub holder_type: Option<LeaseHolderKind>,
        pub holder_id: Option<Uuid>,
        pub created: Timestamp,
        pub expires: Timestamp,
    }
}

record! {
    /// A limit that a lease counts against.
    pub struct LeaseLimitRow {
        pub lease_id: LeaseId,
        pub limit_id: ConcurrencyLimitId,
    }
}

record! {
    /// An expired lease and its workspace.
    pub struct ExpiredLease {
        pub workspace_id: WorkspaceId,
        pub id: LeaseId,
    }
}

statements! {
    /// Adds a limit; a duplicate name is a constraint violation.
    scoped bulk INSERT_LIMIT: LimitRow => "concurrency_limit" "";
    /// The limit of this id.
    scoped LIMIT: (ConcurrencyLimitId,) => LimitRow = select
        "FROM concurrency_limit WHERE workspace_id = $1 AND id = $2";
    /// The limit of this name.
    scoped LIMIT_BY_NAME: (String,) => LimitRow = select
        "FROM concurrency_limit WHERE workspace_id = $1 AND name = $2";
    /// Deletes the limit of this id.
    scoped DELETE_LIMIT: (ConcurrencyLimitId,) => () = "DELETE FROM concurrency_limit WHERE workspace_id = $1 AND id = $2";
    /// Deletes the limit of this name.
    scoped DELETE_LIMIT_BY_NAME: (String,) => () = "DELETE FROM concurrency_limit WHERE workspace_id = $1 AND name = $2";
    /// The limits of these names, locked in the order of their ids.
    scoped LOCK_LIMITS_NAMED: (Json<Vec<String>>,) => LimitRow =
        sqlite "SELECT id, name, active, slot_limit, active_slots, active_since, denied_slots, denied_since, slot_decay_per_second,
            avg_slot_occupancy_seconds, created, updated
         FROM concurrency_limit WHERE workspace_id = $1 AND name IN (SELECT value FROM json_each($2)) ORDER BY id"
        postgres "SELECT id, name, active, slot_limit, active_slots, active_since, denied_slots, denied_since, slot_decay_per_second,
            avg_slot_occupancy_seconds, created, updated
         FROM concurrency_limit
         WHERE workspace_id = $1 AND name IN (SELECT json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)))
         ORDER BY id FOR UPDATE";
    /// The limits that a lease counts against, locked in the order of their ids.
    scoped LOCK_LIMITS_OF_LEASE: (LeaseId,) => LimitRow = select for update
        "FROM concurrency_limit
         WHERE workspace_id = $1 AND id IN (SELECT limit_id FROM lease_limit WHERE workspace_id = $1 AND lease_id = $2)
         ORDER BY id";
    /// Updates the usage of a locked limit.
    scoped update UPDATE_LIMIT_USAGE: LimitUsage => "concurrency_limit";
    /// Adds a lease.
    scoped bulk INSERT_LEASE: LeaseRow => "lease" "";
    /// Adds the limits of a lease.
    scoped bulk INSERT_LEASE_LIMITS: LeaseLimitRow => "lease_limit" "";
    /// Locks a lease until the write ends.
    scoped LOCK_LEASE: (LeaseId,) => LeaseRow = select for update
        "FROM lease WHERE workspace_id = $1 AND id = $2";
    /// Sets a new expiry of a lease.
    scoped RENEW_LEASE: (LeaseId, Timestamp) => () = "UPDATE lease SET expires = $3 WHERE workspace_id = $1 AND id = $2";
    /// Deletes a lease, and by cascade its rows in `lease_limit`.
    scoped DELETE_LEASE: (LeaseId,) => () = "DELETE FROM lease WHERE workspace_id = $1 AND id = $2";
    /// Expired leases, the earliest expiry first.
    system EXPIRED_LEASES: (Timestamp, i64) => ExpiredLease = select
        "FROM lease WHERE expires <= $1 ORDER BY expires LIMIT $2";
}

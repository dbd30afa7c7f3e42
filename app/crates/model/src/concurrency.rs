//! Concurrency limits, and leases on their slots.

use serde::{Deserialize, Deserializer, Serialize, de};
use uuid::Uuid;

use crate::{
    id::{LeaseId, ids},
    name::Name,
    time::{Span, Timestamp},
    wire,
};

ids! {
    /// A concurrency limit.
    ConcurrencyLimitId;
}

/// The average slot occupancy of a limit until one has been measured.
pub const DEFAULT_OCCUPANCY_SECONDS: f64 = 2.0;
/// The shortest and the longest duration of a lease.
pub const LEASE_SECONDS: std::ops::RangeInclusive<f64> = 60.0..=86_400.0;
/// The most limits in one request for slots.
pub const MAX_NAMES: usize = 250;

/// A concurrency limit with all its fields.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ConcurrencyLimit {
    pub id: ConcurrencyLimitId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub active: bool,
    pub name: String,
    pub limit: i64,
    pub active_slots: i64,
    pub denied_slots: i64,
    pub slot_decay_per_second: f64,
    pub avg_slot_occupancy_seconds: f64,
}

/// A concurrency limit as reads return it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ConcurrencyLimitSummary {
    pub id: ConcurrencyLimitId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub active: bool,
    pub name: String,
    pub limit: i64,
    pub active_slots: i64,
    pub slot_decay_per_second: f64,
}

impl From<ConcurrencyLimit> for ConcurrencyLimitSummary {
    fn from(limit: ConcurrencyLimit) -> Self {
        Self {
            id: limit.id,
            created: limit.created,
            updated: limit.updated,
            active: limit.active,
            name: limit.name,
            limit: limit.limit,
            active_slots: limit.active_slots,
            slot_decay_per_second: limit.slot_decay_per_second,
        }
    }
}

/// The body that creates a concurrency limit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConcurrencyLimitCreate {
    pub name: Name,
    #[serde(deserialize_with = "slots")]
    pub limit: i64,
    #[serde(default = "default_true", deserialize_with = "null_is_true")]
    pub active: bool,
    #[serde(default, deserialize_with = "slots_or_zero")]
    pub active_slots: i64,
    #[serde(default, deserialize_with = "slots_or_zero")]
    pub denied_slots: i64,
    #[serde(default, deserialize_with = "decay")]
    pub slot_decay_per_second: f64,
}

/// How long slots are occupied: until they are released, or until they have decayed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotMode {
    #[default]
    Concurrency,
    RateLimit,
}

/// The holder of a lease.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaseHolder {
    #[serde(rename = "type")]
    pub kind: LeaseHolderKind,
    pub id: Uuid,
}

/// The kind of object that holds a lease.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaseHolderKind {
    FlowRun,
    TaskRun,
    Deployment,
}

/// The body that acquires `slots` slots of each named limit under one lease.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TakeSlots {
    #[serde(deserialize_with = "names")]
    pub names: Vec<String>,
    #[serde(deserialize_with = "at_least_one")]
    pub slots: i64,
    #[serde(default, deserialize_with = "wire::or_default")]
    pub mode: SlotMode,
    #[serde(default = "default_lease", deserialize_with = "lease")]
    pub lease_duration: Span,
    #[serde(default)]
    pub holder: Option<LeaseHolder>,
}

/// The body that releases the slots of a lease.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReturnSlots {
    pub lease_id: LeaseId,
}

/// The body that extends a lease.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RenewLease {
    #[serde(default = "default_lease", deserialize_with = "lease")]
    pub lease_duration: Span,
}

/// The response to [`TakeSlots`]: the new lease and its limits, which are empty if none of the names has a limit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LeaseGranted {
    pub lease_id: LeaseId,
    pub limits: Vec<HeldLimit>,
}

/// A limit of a lease.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct HeldLimit {
    pub id: ConcurrencyLimitId,
    pub name: String,
    pub limit: i64,
}

fn default_true() -> bool {
    true
}

fn null_is_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(true))
}

fn default_lease() -> Span {
    Span::from_seconds(300.0)
}

fn slots<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    checked_slots(wire::integer(deserializer)?)
}

fn slots_or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    checked_slots(wire::integer_or_zero(deserializer)?)
}

fn checked_slots<E: de::Error>(slots: i64) -> Result<i64, E> {
    if (0..=i64::from(i32::MAX)).contains(&slots) {
        return Ok(slots);
    }
    Err(E::custom(format_args!("must be from 0 to {}", i32::MAX)))
}

fn at_least_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let slots = slots(deserializer)?;
    if slots == 0 { Err(de::Error::custom("must be greater than 0")) } else { Ok(slots) }
}

fn decay<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let decay = Option::<f64>::deserialize(deserializer)?.unwrap_or_default();
    if decay.is_finite() && decay >= 0.0 {
        return Ok(decay);
    }
    Err(de::Error::custom("must be greater than or equal to 0"))
}

fn lease<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
    let Some(seconds) = Option::<f64>::deserialize(deserializer)? else { return Ok(default_lease()) };
    if LEASE_SECONDS.contains(&seconds) {
        return Ok(Span::from_seconds(seconds));
    }
    Err(de::Error::custom(format_args!("must be from {} to {} seconds", LEASE_SECONDS.start(), LEASE_SECONDS.end())))
}

fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let names: Vec<String> = wire::text(deserializer)?;
    if names.len() > MAX_NAMES {
        return Err(de::Error::custom(format_args!("at most {MAX_NAMES} names are allowed, got {}", names.len())));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::{ConcurrencyLimitCreate, LeaseHolderKind, RenewLease, SlotMode, TakeSlots};

    #[test]
    fn a_request_of_a_tagged_task_is_parsed() {
        let take: TakeSlots = serde_json::from_value(serde_json::json!({
            "names": ["tag:t1"], "slots": 1, "mode": "concurrency", "lease_duration": 60.0,
            "holder": {"type": "task_run", "id": "01a20bc2-0710-7e1c-9497-408fb5b68b20"},
        }))
        .unwrap();
        assert_eq!(take.mode, SlotMode::Concurrency);
        assert_eq!(take.lease_duration.seconds(), 60.0);
        assert_eq!(take.holder.unwrap().kind, LeaseHolderKind::TaskRun);
    }

    #[test]
    fn missing_fields_get_their_defaults() {
        let take: TakeSlots = serde_json::from_str(r#"{"names": [], "slots": 2}"#).unwrap();
        assert_eq!((take.lease_duration.seconds(), take.mode), (300.0, SlotMode::Concurrency));
        let limit: ConcurrencyLimitCreate = serde_json::from_str(r#"{"name": "gcl", "limit": 1.0}"#).unwrap();
        assert!(limit.active && limit.limit == 1 && limit.slot_decay_per_second == 0.0);
    }

    #[test]
    fn values_out_of_bounds_are_rejected() {
        for (body, expected) in [
            (r#"{"names": [], "slots": 0}"#, "greater than 0"),
            (r#"{"names": [], "slots": 1, "lease_duration": 59.9}"#, "from 60 to 86400 seconds"),
            (r#"{"names": [], "slots": 1, "lease_duration": 86401}"#, "from 60 to 86400 seconds"),
            (r#"{"names": [], "slots": 1, "mode": "fast"}"#, "unknown variant `fast`"),
        ] {
            let error = serde_json::from_str::<TakeSlots>(body).unwrap_err().to_string();
            assert!(error.contains(expected), "{body}: {error}");
        }
        assert!(serde_json::from_str::<RenewLease>(r#"{"lease_duration": 0}"#).is_err());
        for body in [r#"{"name": "a", "limit": -1}"#, r#"{"name": "a", "limit": 1, "slot_decay_per_second": -1}"#] {
            assert!(serde_json::from_str::<ConcurrencyLimitCreate>(body).is_err(), "{body}");
        }
    }
}

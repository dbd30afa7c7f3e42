//! How many runs are in which state, kept in the write that moves a run, so that no page ever counts runs.
//!
//! `run_total` counts by flow and state, `run_hour` the same by the hour of the run's sort time, and once more by the day for the whole
//! workspace. Names of states are free, so they are counted under a bounded set of names. Written last in a write, in key order, in the
//! connection's own slot: no two open transactions of a process share a row.

use std::collections::BTreeMap;

use model::{
    id::{DeploymentId, FlowId},
    state::StateType,
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    record, statements,
    tenant::Tenant,
    tx::Tx,
    value::{Column, Kind, Type, Value},
};

/// Which kind of run is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RunKind {
    FlowRun,
    TaskRun,
}

impl RunKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::FlowRun => "flow_run",
            Self::TaskRun => "task_run",
        }
    }
}

impl Column for RunKind {
    const KIND: Kind = Kind::of(Type::Text);
    fn put(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn take(value: Value) -> Result<Self> {
        match String::take(value)?.as_str() {
            "flow_run" => Ok(Self::FlowRun),
            "task_run" => Ok(Self::TaskRun),
            _ => Err(Error::Corrupt("kind of run")),
        }
    }
}

/// Seconds of the two grains of history.
pub const HOUR: i64 = 3_600;
/// See [`HOUR`].
pub const DAY: i64 = 86_400;

/// Where a run is counted: its state and its place in time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    pub state_type: StateType,
    /// The state's own name; it is counted under one of a bounded set.
    pub state_name: String,
    pub sort_time: Timestamp,
}

/// Names under which states are counted besides the default name of their type.
const COUNTED_NAMES: [&str; 8] =
    ["AwaitingConcurrencySlot", "AwaitingRetry", "Cached", "Late", "Resuming", "Retrying", "RolledBack", "Suspended"];

/// The name under which a state is counted.
#[must_use]
pub fn counted_name(state_type: StateType, name: &str) -> &'static str {
    COUNTED_NAMES.into_iter().find(|counted| *counted == name).unwrap_or(state_type.default_name())
}

/// Whether the runs in states of this name, and no others, are counted under it.
#[must_use]
pub fn is_counted(name: &str) -> bool {
    COUNTED_NAMES.contains(&name)
}

/// One run's way from one place to another; none before it is made and after it is deleted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Move {
    pub kind: RunKind,
    pub flow_id: FlowId,
    pub deployment_id: Option<DeploymentId>,
    pub from: Option<Place>,
    pub to: Option<Place>,
}

record! {
    /// A change of a total.
    pub struct TotalRow {
        kind: RunKind,
        flow_id: Uuid,
        deployment_id: Uuid,
        state_type: StateType,
        state_name: String,
        slot: i64,
        runs: i64,
    }
}

record! {
    /// A change of an hour or a day.
    pub struct HourRow {
        kind: RunKind,
        grain: i64,
        bucket: i64,
        flow_id: Uuid,
        deployment_id: Uuid,
        state_type: StateType,
        state_name: String,
        slot: i64,
        runs: i64,
    }
}

statements! {
    /// Adds to totals.
    scoped bulk ADD_TOTALS: TotalRow => "run_total"
        "ON CONFLICT (workspace_id, kind, flow_id, deployment_id, state_type, state_name, slot)
         DO UPDATE SET runs = run_total.runs + excluded.runs";
    /// Adds to hours and days.
    scoped bulk ADD_HOURS: HourRow => "run_hour"
        "ON CONFLICT (workspace_id, kind, grain, bucket, flow_id, deployment_id, state_type, state_name, slot)
         DO UPDATE SET runs = run_hour.runs + excluded.runs";
    /// The number of runs of a kind by state, over the whole workspace.
    scoped TOTALS: (RunKind,) => (StateType, String, i64) =
        "SELECT state_type, state_name, CAST(SUM(runs) AS BIGINT) FROM run_total
         WHERE workspace_id = $1 AND kind = $2 GROUP BY state_type, state_name ORDER BY state_type, state_name";
}

type TotalKey = (RunKind, Uuid, Uuid, StateType, &'static str);
type HourKey = (RunKind, i64, i64, Uuid, Uuid, StateType, &'static str);

/// Counts these moves.
///
/// # Errors
/// Only those of the database.
pub async fn count(tx: &mut Tx<'_>, tenant: &Tenant, moves: &[Move]) -> Result<()> {
    let slot = tx.slot();
    let (mut totals, mut hours) = (BTreeMap::new(), BTreeMap::new());
    for step in moves {
        for (place, runs) in [(&step.from, -1), (&step.to, 1)] {
            if let Some(place) = place {
                add(&mut totals, &mut hours, step, place, runs);
            }
        }
    }
    let totals: Vec<TotalRow> =
        totals.into_iter().filter(|(_, runs)| *runs != 0).map(|entry| total_row(entry, slot)).collect();
    let hours: Vec<HourRow> =
        hours.into_iter().filter(|(_, runs)| *runs != 0).map(|entry| hour_row(entry, slot)).collect();
    tx.of(tenant).insert(&ADD_TOTALS, &totals).await?;
    tx.of(tenant).insert(&ADD_HOURS, &hours).await?;
    Ok(())
}

fn add(
    totals: &mut BTreeMap<TotalKey, i64>,
    hours: &mut BTreeMap<HourKey, i64>,
    step: &Move,
    place: &Place,
    runs: i64,
) {
    let (flow, deployment) = (step.flow_id.0, step.deployment_id.map_or(Uuid::nil(), Uuid::from));
    let (state_type, name) = (place.state_type, counted_name(place.state_type, &place.state_name));
    *totals.entry((step.kind, flow, deployment, state_type, name)).or_default() += runs;
    let (hour, day) = (bucket(place.sort_time, HOUR), bucket(place.sort_time, DAY));
    *hours.entry((step.kind, HOUR, hour, flow, deployment, state_type, name)).or_default() += runs;
    *hours.entry((step.kind, DAY, day, Uuid::nil(), Uuid::nil(), state_type, name)).or_default() += runs;
}

/// The number of the hour or day that a time lies in.
#[must_use]
pub fn bucket(time: Timestamp, grain: i64) -> i64 {
    time.micros().div_euclid(grain * 1_000_000)
}

fn total_row((key, runs): (TotalKey, i64), slot: i64) -> TotalRow {
    let (kind, flow_id, deployment_id, state_type, name) = key;
    TotalRow { kind, flow_id, deployment_id, state_type, state_name: name.to_owned(), slot, runs }
}

fn hour_row((key, runs): (HourKey, i64), slot: i64) -> HourRow {
    let (kind, grain, bucket, flow_id, deployment_id, state_type, name) = key;
    HourRow { kind, grain, bucket, flow_id, deployment_id, state_type, state_name: name.to_owned(), slot, runs }
}

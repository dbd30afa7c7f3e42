//! Counters of runs by state, updated in the transaction that changes a run's state, so that pages need not count runs.
//!
//! `run_total` counts by flow and state, `run_hour` does the same by the hour of the run's sort time, and once more by the day for the whole
//! workspace. Clients may name states freely, so states are counted under a bounded set of names. A write updates counters last, in key
//! order and in the slot of its connection, so no two open transactions of a process wait for the same counter row.

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
    tx::ScopedTx,
    value::{Column, Kind, Type, Value},
};

/// The kind of run that is counted.
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
    fn to_value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn from_value(value: Value) -> Result<Self> {
        match String::from_value(value)?.as_str() {
            "flow_run" => Ok(Self::FlowRun),
            "task_run" => Ok(Self::TaskRun),
            _ => Err(Error::Corrupt("kind of run")),
        }
    }
}

/// The grain of hourly counters, in seconds.
pub const HOUR: i64 = 3_600;
/// The grain of daily counters, in seconds.
pub const DAY: i64 = 86_400;

/// The state and sort time under which a run is counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CounterCell {
    pub state_type: StateType,
    /// The state's own name; see [`counted_name`] for the name that the counters use.
    pub state_name: String,
    pub sort_time: Timestamp,
}

/// Names that are counted separately. All other names count as the default name of their type.
const COUNTED_NAMES: [&str; 8] =
    ["AwaitingConcurrencySlot", "AwaitingRetry", "Cached", "Late", "Resuming", "Retrying", "RolledBack", "Suspended"];

/// The name under which a state is counted.
#[must_use]
pub fn counted_name(state_type: StateType, name: &str) -> &'static str {
    COUNTED_NAMES.into_iter().find(|counted| *counted == name).unwrap_or(state_type.default_name())
}

/// Whether a counter exists that counts exactly the runs in states of this name.
#[must_use]
pub fn is_counted_name(name: &str) -> bool {
    COUNTED_NAMES.contains(&name)
}

/// One run's change from one counter cell to another. `from` is none for a new run, `to` for a deleted one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CounterDelta {
    pub kind: RunKind,
    pub flow_id: FlowId,
    pub deployment_id: Option<DeploymentId>,
    pub from: Option<CounterCell>,
    pub to: Option<CounterCell>,
}

record! {
    /// An increment of a total.
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
    /// An increment of an hour or a day.
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
    /// Increments totals.
    scoped bulk ADD_TOTALS: TotalRow => "run_total"
        "ON CONFLICT (workspace_id, kind, flow_id, deployment_id, state_type, state_name, slot)
         DO UPDATE SET runs = run_total.runs + excluded.runs";
    /// Increments hours and days.
    scoped bulk ADD_HOURS: HourRow => "run_hour"
        "ON CONFLICT (workspace_id, kind, grain, bucket, flow_id, deployment_id, state_type, state_name, slot)
         DO UPDATE SET runs = run_hour.runs + excluded.runs";
    /// The number of runs of a kind by state, in the whole workspace.
    scoped TOTALS: (RunKind,) => (StateType, String, i64) =
        "SELECT state_type, state_name, CAST(SUM(runs) AS BIGINT) FROM run_total
         WHERE workspace_id = $1 AND kind = $2 GROUP BY state_type, state_name ORDER BY state_type, state_name";
}

type TotalKey = (RunKind, Uuid, Uuid, StateType, &'static str);
type HourKey = (RunKind, i64, i64, Uuid, Uuid, StateType, &'static str);

/// Applies these deltas to the counters.
///
/// # Errors
/// Only those of the database.
pub async fn apply(tx: &mut ScopedTx<'_>, deltas: &[CounterDelta]) -> Result<()> {
    let slot = tx.slot();
    let (mut totals, mut hours) = (BTreeMap::new(), BTreeMap::new());
    for delta in deltas {
        for (cell, runs) in [(&delta.from, -1), (&delta.to, 1)] {
            if let Some(cell) = cell {
                add(&mut totals, &mut hours, delta, cell, runs);
            }
        }
    }
    let totals: Vec<TotalRow> =
        totals.into_iter().filter(|(_, runs)| *runs != 0).map(|entry| total_row(entry, slot)).collect();
    let hours: Vec<HourRow> =
        hours.into_iter().filter(|(_, runs)| *runs != 0).map(|entry| hour_row(entry, slot)).collect();
    tx.insert(&ADD_TOTALS, &totals).await?;
    tx.insert(&ADD_HOURS, &hours).await?;
    Ok(())
}

fn add(
    totals: &mut BTreeMap<TotalKey, i64>,
    hours: &mut BTreeMap<HourKey, i64>,
    delta: &CounterDelta,
    cell: &CounterCell,
    runs: i64,
) {
    let (flow, deployment) = (delta.flow_id.0, delta.deployment_id.map_or(Uuid::nil(), Uuid::from));
    let (state_type, name) = (cell.state_type, counted_name(cell.state_type, &cell.state_name));
    *totals.entry((delta.kind, flow, deployment, state_type, name)).or_default() += runs;
    let (hour, day) = (bucket(cell.sort_time, HOUR), bucket(cell.sort_time, DAY));
    *hours.entry((delta.kind, HOUR, hour, flow, deployment, state_type, name)).or_default() += runs;
    *hours.entry((delta.kind, DAY, day, Uuid::nil(), Uuid::nil(), state_type, name)).or_default() += runs;
}

/// The number of the hour or day (by `grain`) that contains a time, since the Unix epoch.
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

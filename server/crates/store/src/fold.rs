//! Folds counters: moves what the writers counted in their own slots into slot 0, so that sums read few rows.
//!
//! Readers use only the sum over slots, so folding changes no result. Rows that a writer has locked are left for the next time. The sums are
//! written in key order, as by every write that counts.

use model::{id::WorkspaceId, state::StateType};
use uuid::Uuid;

use crate::{Tx, counter::RunKind, error::Result, record, statements, system::ServiceName};

record! {
    /// A row of `run_total` with its workspace.
    pub struct WorkspaceTotal {
        pub workspace_id: WorkspaceId,
        pub kind: RunKind,
        pub flow_id: Uuid,
        pub deployment_id: Uuid,
        pub state_type: StateType,
        pub state_name: String,
        pub slot: i64,
        pub runs: i64,
    }
}

record! {
    /// A row of `run_hour` with its workspace.
    pub struct WorkspaceHour {
        pub workspace_id: WorkspaceId,
        pub kind: RunKind,
        pub grain: i64,
        pub bucket: i64,
        pub flow_id: Uuid,
        pub deployment_id: Uuid,
        pub state_type: StateType,
        pub state_name: String,
        pub slot: i64,
        pub runs: i64,
    }
}

statements! {
    /// Deletes and returns totals of the writers' slots. Those of deleted workspaces are left to the reaper.
    system TAKE_TOTALS: (i64,) => WorkspaceTotal =
        sqlite "DELETE FROM run_total WHERE rowid IN
            (SELECT c.rowid FROM run_total c WHERE c.slot <> 0
             AND EXISTS (SELECT 1 FROM workspace w WHERE w.id = c.workspace_id AND w.deleted IS NULL) LIMIT $1)
         RETURNING workspace_id, kind, flow_id, deployment_id, state_type, state_name, slot, runs"
        postgres "DELETE FROM run_total WHERE ctid = ANY (ARRAY
            (SELECT c.ctid FROM run_total c WHERE c.slot <> 0
             AND EXISTS (SELECT 1 FROM workspace w WHERE w.id = c.workspace_id AND w.deleted IS NULL) LIMIT $1 FOR UPDATE SKIP LOCKED))
         RETURNING workspace_id, kind, flow_id, deployment_id, state_type, state_name, slot, runs";
    /// Deletes and returns rows of one grain before a bucket from the writers' slots.
    system TAKE_HOURS: (i64, i64, i64) => WorkspaceHour =
        sqlite "DELETE FROM run_hour WHERE rowid IN
            (SELECT c.rowid FROM run_hour c WHERE c.slot <> 0 AND c.grain = $1 AND c.bucket < $2
             AND EXISTS (SELECT 1 FROM workspace w WHERE w.id = c.workspace_id AND w.deleted IS NULL) LIMIT $3)
         RETURNING workspace_id, kind, grain, bucket, flow_id, deployment_id, state_type, state_name, slot, runs"
        postgres "DELETE FROM run_hour WHERE ctid = ANY (ARRAY
            (SELECT c.ctid FROM run_hour c WHERE c.slot <> 0 AND c.grain = $1 AND c.bucket < $2
             AND EXISTS (SELECT 1 FROM workspace w WHERE w.id = c.workspace_id AND w.deleted IS NULL) LIMIT $3 FOR UPDATE SKIP LOCKED))
         RETURNING workspace_id, kind, grain, bucket, flow_id, deployment_id, state_type, state_name, slot, runs";
    /// Adds rows to slot 0.
    system bulk FOLD_TOTALS: WorkspaceTotal => "run_total"
        "ON CONFLICT (workspace_id, kind, flow_id, deployment_id, state_type, state_name, slot)
         DO UPDATE SET runs = run_total.runs + excluded.runs";
    /// Adds rows to slot 0.
    system bulk FOLD_HOURS: WorkspaceHour => "run_hour"
        "ON CONFLICT (workspace_id, kind, grain, bucket, flow_id, deployment_id, state_type, state_name, slot)
         DO UPDATE SET runs = run_hour.runs + excluded.runs";
}

/// Folds at limit `limit` totals, and returns how many were found.
///
/// # Errors
/// Only those of the database.
pub async fn totals(tx: &mut Tx<'_>, limit: i64) -> Result<u64> {
    let mut tx = tx.system(ServiceName::CounterFolder);
    let mut rows = tx.all(&TAKE_TOTALS, (limit,)).await?;
    let found = rows.len() as u64;
    let key = |row: &WorkspaceTotal| {
        (row.workspace_id, row.kind, row.flow_id, row.deployment_id, row.state_type, row.state_name.clone())
    };
    rows.sort_by_cached_key(key);
    rows.dedup_by(|row, sum| key(row) == key(sum) && add(row.runs, &mut sum.runs));
    rows.iter_mut().for_each(|row| row.slot = 0);
    tx.insert(&FOLD_TOTALS, &rows).await?;
    Ok(found)
}

/// Adds a number to a sum; always true, so that the added row is dropped.
fn add(runs: i64, sum: &mut i64) -> bool {
    *sum += runs;
    true
}

/// Folds at limit `limit` rows of one grain before `bucket`, and returns how many were found.
///
/// # Errors
/// Only those of the database.
pub async fn hours(tx: &mut Tx<'_>, grain: i64, bucket: i64, limit: i64) -> Result<u64> {
    let mut tx = tx.system(ServiceName::CounterFolder);
    let mut rows = tx.all(&TAKE_HOURS, (grain, bucket, limit)).await?;
    let found = rows.len() as u64;
    let key = |row: &WorkspaceHour| {
        let period = (row.workspace_id, row.kind, row.grain, row.bucket);
        (period, row.flow_id, row.deployment_id, row.state_type, row.state_name.clone())
    };
    rows.sort_by_cached_key(key);
    rows.dedup_by(|row, sum| key(row) == key(sum) && add(row.runs, &mut sum.runs));
    rows.iter_mut().for_each(|row| row.slot = 0);
    tx.insert(&FOLD_HOURS, &rows).await?;
    Ok(found)
}

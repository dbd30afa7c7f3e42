//! Folding counters: what the lanes wrote into their own slots is added up into slot 0, so that sums stay short.
//!
//! Only the sum over slots counts, so folding changes no figure. Rows that a lane holds are left for the next time. Added up again in key
//! order, as every write that counts does it.

use std::collections::BTreeMap;

use model::{id::WorkspaceId, state::StateType};
use uuid::Uuid;

use crate::{Tx, counter::RunKind, error::Result, record, statements, system::ServiceName};

record! {
    /// A total with its workspace.
    pub struct Total {
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
    /// An hour or a day with its workspace.
    pub struct Hour {
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
    /// Takes totals out of the lanes' slots. What is left of deleted workspaces is the reaper's alone.
    system TAKE_TOTALS: (i64,) => Total =
        sqlite "DELETE FROM run_total WHERE rowid IN
            (SELECT c.rowid FROM run_total c WHERE c.slot <> 0
             AND EXISTS (SELECT 1 FROM workspace w WHERE w.id = c.workspace_id AND w.deleted IS NULL) LIMIT $1)
         RETURNING workspace_id, kind, flow_id, deployment_id, state_type, state_name, slot, runs"
        postgres "DELETE FROM run_total WHERE ctid = ANY (ARRAY
            (SELECT c.ctid FROM run_total c WHERE c.slot <> 0
             AND EXISTS (SELECT 1 FROM workspace w WHERE w.id = c.workspace_id AND w.deleted IS NULL) LIMIT $1 FOR UPDATE SKIP LOCKED))
         RETURNING workspace_id, kind, flow_id, deployment_id, state_type, state_name, slot, runs";
    /// Takes one grain of history before a bucket out of the lanes' slots.
    system TAKE_HOURS: (i64, i64, i64) => Hour =
        sqlite "DELETE FROM run_hour WHERE rowid IN
            (SELECT c.rowid FROM run_hour c WHERE c.slot <> 0 AND c.grain = $1 AND c.bucket < $2
             AND EXISTS (SELECT 1 FROM workspace w WHERE w.id = c.workspace_id AND w.deleted IS NULL) LIMIT $3)
         RETURNING workspace_id, kind, grain, bucket, flow_id, deployment_id, state_type, state_name, slot, runs"
        postgres "DELETE FROM run_hour WHERE ctid = ANY (ARRAY
            (SELECT c.ctid FROM run_hour c WHERE c.slot <> 0 AND c.grain = $1 AND c.bucket < $2
             AND EXISTS (SELECT 1 FROM workspace w WHERE w.id = c.workspace_id AND w.deleted IS NULL) LIMIT $3 FOR UPDATE SKIP LOCKED))
         RETURNING workspace_id, kind, grain, bucket, flow_id, deployment_id, state_type, state_name, slot, runs";
    /// Adds them to slot 0.
    system bulk FOLD_TOTALS: Total => "run_total"
        "ON CONFLICT (workspace_id, kind, flow_id, deployment_id, state_type, state_name, slot)
         DO UPDATE SET runs = run_total.runs + excluded.runs";
    /// Adds them to slot 0.
    system bulk FOLD_HOURS: Hour => "run_hour"
        "ON CONFLICT (workspace_id, kind, grain, bucket, flow_id, deployment_id, state_type, state_name, slot)
         DO UPDATE SET runs = run_hour.runs + excluded.runs";
}

/// Folds at most `most` totals; how many were found.
///
/// # Errors
/// Only those of the database.
pub async fn totals(tx: &mut Tx<'_>, most: i64) -> Result<u64> {
    let mut tx = tx.system(ServiceName::CounterFolder);
    let taken = tx.all(&TAKE_TOTALS, (most,)).await?;
    let found = taken.len() as u64;
    let mut sums = BTreeMap::new();
    for row in taken {
        let key = (row.workspace_id, row.kind, row.flow_id, row.deployment_id, row.state_type, row.state_name);
        *sums.entry(key).or_insert(0) += row.runs;
    }
    let rows: Vec<Total> = sums
        .into_iter()
        .map(|((workspace_id, kind, flow_id, deployment_id, state_type, state_name), runs)| Total {
            workspace_id,
            kind,
            flow_id,
            deployment_id,
            state_type,
            state_name,
            slot: 0,
            runs,
        })
        .collect();
    tx.insert(&FOLD_TOTALS, &rows).await?;
    Ok(found)
}

/// Folds at most `most` rows of one grain of history before `bucket`; how many were found.
///
/// # Errors
/// Only those of the database.
pub async fn hours(tx: &mut Tx<'_>, grain: i64, bucket: i64, most: i64) -> Result<u64> {
    let mut tx = tx.system(ServiceName::CounterFolder);
    let taken = tx.all(&TAKE_HOURS, (grain, bucket, most)).await?;
    let found = taken.len() as u64;
    let mut sums = BTreeMap::new();
    for row in taken {
        let place = (row.workspace_id, row.kind, row.grain, row.bucket);
        let key = (place, row.flow_id, row.deployment_id, row.state_type, row.state_name);
        *sums.entry(key).or_insert(0) += row.runs;
    }
    let rows: Vec<Hour> = sums
        .into_iter()
        .map(|(((workspace_id, kind, grain, bucket), flow_id, deployment_id, state_type, state_name), runs)| Hour {
            workspace_id,
            kind,
            grain,
            bucket,
            flow_id,
            deployment_id,
            state_type,
            state_name,
            slot: 0,
            runs,
        })
        .collect();
    tx.insert(&FOLD_HOURS, &rows).await?;
    Ok(found)
}

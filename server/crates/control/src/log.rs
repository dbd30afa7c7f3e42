//! Log lines: taken as they come, read by run.

use std::{collections::BTreeMap, ops::RangeInclusive};

use model::{
    filter::log::LogQuery,
    id::{FlowRunId, LogId},
    log::{Log, LogCreate},
    page::Page,
    permission::{ReadRuns, WriteRuns},
};
use store::{
    Tenant, Tx, Write,
    filter::select_logs,
    log::{INSERT_LOGS, LogRow},
};

use crate::{Cx, Result, access::Workspace, bus::Change};

/// The most lines of one write; a longer batch is written in several.
const LINES_A_WRITE: usize = 2_000;

/// Keeps log lines. Runs that are not known are no hindrance: lines may come before their run, and after it.
///
/// # Errors
/// Only those of the database.
pub async fn write(cx: &Cx, ws: Workspace<WriteRuns>, lines: Vec<LogCreate>) -> Result<()> {
    let now = cx.clock.now();
    let mut rows: Vec<LogRow> = lines
        .into_iter()
        .map(|line| LogRow {
            id: cx.ids.make(now),
            flow_run_id: line.flow_run_id,
            task_run_id: line.task_run_id,
            name: line.name,
            level: line.level.into(),
            message: line.message,
            timestamp: line.timestamp,
            created: now,
        })
        .collect();
    let arrived = by_flow_run(&rows);
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(LINES_A_WRITE));
        cx.db.write(WriteLogs { tenant: *ws.tenant(), rows }).await?;
        rows = rest;
    }
    for (flow_run, lines) in arrived {
        cx.bus.tell(Change::Logs { workspace: ws.id(), flow_run, lines });
    }
    Ok(())
}

/// The least and the greatest id among the lines of each flow run.
fn by_flow_run(rows: &[LogRow]) -> BTreeMap<FlowRunId, RangeInclusive<LogId>> {
    let mut arrived: BTreeMap<FlowRunId, RangeInclusive<LogId>> = BTreeMap::new();
    for row in rows {
        let Some(flow_run) = row.flow_run_id else { continue };
        let lines = arrived.entry(flow_run).or_insert(row.id..=row.id);
        *lines = row.id.min(*lines.start())..=row.id.max(*lines.end());
    }
    arrived
}

struct WriteLogs {
    tenant: Tenant,
    rows: Vec<LogRow>,
}

impl Write for WriteLogs {
    type Out = ();
    type Error = store::Error;
    async fn run(&self, tx: &mut Tx<'_>) -> store::Result<()> {
        tx.of(&self.tenant).insert(&INSERT_LOGS, &self.rows).await.map(drop)
    }
}

/// The lines that match.
///
/// # Errors
/// Only those of the database.
pub async fn list(cx: &Cx, ws: Workspace<ReadRuns>, query: &LogQuery, page: Page) -> Result<Vec<Log>> {
    let rows: Vec<LogRow> = cx.db.of(ws.tenant()).select("log", select_logs(query, page)).await?;
    Ok(rows.into_iter().map(Log::from).collect())
}

//! The screen of the list of flow runs.

mod filtered;
mod topic;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    filter::{IdFilter, query::FlowRunQuery},
    flow_run::FlowRunFilter,
    id::FlowRunId,
    page::Page,
    permission::ReadRuns,
    screen::{MAX_COUNT, RUNS_PER_PAGE, RunCursor, RunFilter, RunList, RunListUpdate, RunRow, StateCounts},
    time::Timestamp,
};
use store::{
    Read, Tenant, Tx,
    column::Json,
    counter::{RunKind, TOTALS},
    filter::Window,
    row::Joined,
    screen::{COUNT_TASK_RUNS, ListedRun, ListedRuns},
};
pub use topic::RunListTopic;

use self::filtered::FilteredRuns;
pub(super) use self::filtered::listed;
use crate::{Cx, Error, Result, access::Workspace};

/// A page of the runs that match, newest first, with the number of all that match.
///
/// # Errors
/// [`Error::Invalid`] for a filter that exceeds a limit, and those of the database.
pub async fn run_list(cx: &Cx, ws: Workspace<ReadRuns>, filter: RunFilter, cursor: RunCursor) -> Result<RunList> {
    check(&filter)?;
    let position = cx.changes().position();
    let now = cx.clock.now();
    let page = cx.db.read(ReadList { tenant: *ws.tenant(), filter, cursor, now }).await?;
    Ok(RunList { position, ..page })
}

/// The rows of changed runs: those that match the filter, and the ids of those that don't.
///
/// # Errors
/// As [`run_list`].
pub async fn run_list_update(
    cx: &Cx,
    ws: Workspace<ReadRuns>,
    filter: RunFilter,
    changed: BTreeSet<FlowRunId>,
) -> Result<RunListUpdate> {
    check(&filter)?;
    cx.db.read(ReadListUpdate { tenant: *ws.tenant(), filter, changed, now: cx.clock.now() }).await
}

fn check(filter: &RunFilter) -> Result<()> {
    filter
        .is_valid()
        .then_some(())
        .ok_or_else(|| Error::invalid("state", "there are too many state names, or one is too long"))
}

struct ReadList {
    tenant: Tenant,
    filter: RunFilter,
    cursor: RunCursor,
    now: Timestamp,
}

impl Read for ReadList {
    type Out = RunList;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<RunList> {
        let list = FilteredRuns::new(&self.filter, self.now);
        let counts = totals(tx, &self.tenant).await?;
        let counted = list.count(tx, &self.tenant, &counts).await?;
        // One more than the page shows, to know whether there is a next page.
        let window = (self.cursor, RUNS_PER_PAGE + 1);
        let mut rows = list.rows(tx, &self.tenant, window, counted.planned).await?;
        let has_more = rows.len() > RUNS_PER_PAGE;
        rows.truncate(RUNS_PER_PAGE);
        let (newer, older) = match self.cursor {
            RunCursor::Newest => (false, has_more),
            RunCursor::After(_) => (true, has_more),
            RunCursor::Before(_) => {
                rows.reverse();
                (has_more, true)
            }
        };
        let rows = with_tasks(tx, &self.tenant, rows).await?;
        let planned = list.planned(tx, &self.tenant, counted.planned).await?;
        let position = model::live::StreamPosition::default();
        Ok(RunList { rows, newer, older, total: counted.total, planned, counts, position })
    }
}

struct ReadListUpdate {
    tenant: Tenant,
    filter: RunFilter,
    changed: BTreeSet<FlowRunId>,
    now: Timestamp,
}

impl Read for ReadListUpdate {
    type Out = RunListUpdate;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<RunListUpdate> {
        let list = FilteredRuns::new(&self.filter, self.now);
        let ids = IdFilter { any_: Some(self.changed.iter().copied().collect()), ..IdFilter::default() };
        let mut changed = list.all.clone();
        changed.0.flow_runs.get_or_insert_default().id = Some(ids);
        let mut rows = tx.of(&self.tenant).list(&changed, Window::Page(Page::default())).await?;
        rows.retain(|Joined(run, _)| !list.shows_apart(run));
        let rows = with_tasks(tx, &self.tenant, rows).await?;
        let listed: BTreeSet<_> = rows.iter().map(|row| row.id).collect();
        let gone = self.changed.difference(&listed).copied().collect();
        let counts = totals(tx, &self.tenant).await?;
        let counted = list.count(tx, &self.tenant, &counts).await?;
        let planned = list.planned(tx, &self.tenant, counted.planned).await?;
        Ok(RunListUpdate { rows, gone, total: counted.total, planned, counts })
    }
}

async fn with_tasks(tx: &mut Tx<'_>, tenant: &Tenant, listed: Vec<ListedRun>) -> Result<Vec<RunRow>> {
    let ids: Vec<FlowRunId> = listed.iter().map(|Joined(run, _)| run.id).collect();
    let counts = tx.of(tenant).all(&COUNT_TASK_RUNS, (Json(ids), MAX_COUNT)).await?;
    let counts: BTreeMap<FlowRunId, u64> = counts.into_iter().map(|(id, runs)| (id, runs.unsigned_abs())).collect();
    let with_count = |run: ListedRun| {
        let task_runs = counts.get(&run.0.id).copied().unwrap_or_default();
        row(run, task_runs)
    };
    Ok(listed.into_iter().map(with_count).collect())
}

/// The row of a run.
pub(super) async fn run_row(tx: &mut Tx<'_>, tenant: &Tenant, run: FlowRunId) -> Result<Option<RunRow>> {
    let id = Some(IdFilter { any_: Some(vec![run]), ..IdFilter::default() });
    let flow_runs = Some(FlowRunFilter { id, ..FlowRunFilter::default() });
    let query = ListedRuns(FlowRunQuery { flow_runs, ..FlowRunQuery::default() });
    let rows = tx.of(tenant).list(&query, Window::Page(Page::default())).await?;
    Ok(with_tasks(tx, tenant, rows).await?.pop())
}

fn row(Joined(run, flow): ListedRun, task_runs: u64) -> RunRow {
    RunRow {
        id: run.id,
        flow: flow.name,
        name: run.name,
        state: run.state_type.zip(run.state_name),
        tags: run.tags,
        task_runs,
        expected: run.expected_start_time,
        started: run.start_time,
        ended: run.end_time,
        sort_time: run.sort_time,
    }
}

/// All flow runs by state.
pub(super) async fn totals(tx: &mut Tx<'_>, tenant: &Tenant) -> Result<StateCounts> {
    let totals = tx.of(tenant).all(&TOTALS, (RunKind::FlowRun,)).await?;
    let count = |runs: i64| u64::try_from(runs).unwrap_or_default();
    Ok(totals.into_iter().map(|(state_type, name, runs)| (state_type, name, count(runs))).collect())
}

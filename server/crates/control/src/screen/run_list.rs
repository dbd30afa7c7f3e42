//! The screen of the list of flow runs.

mod topic;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    filter::{IdFilter, Operator, OptionalTimeFilter, StateFilter, StateTypeFilter, TextFilter, query::FlowRunQuery},
    flow_run::{FlowRunFilter, FlowRunSort},
    id::FlowRunId,
    page::Page,
    permission::ReadRuns,
    screen::{MAX_COUNT, RUNS_PER_PAGE, RunCursor, RunFilter, RunList, RunListUpdate, RunRow, Since, StateCounts},
    state::StateType,
    time::Timestamp,
};
use store::{
    Read, Tenant, Tx,
    column::Json,
    counter::{RunKind, TOTALS, is_counted_name},
    filter::Window,
    row::Joined,
    screen::{COUNT_TASK_RUNS, ListedRun, ListedRuns},
};
pub use topic::RunListTopic;

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
    filter.is_valid().then_some(()).ok_or_else(|| Error::invalid("state", "too many or too long names of states"))
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
        // One more than the page shows, to know whether there is a next page.
        let query = query(&self.filter, self.now);
        let window = Window::Cursor(self.cursor, RUNS_PER_PAGE as u64 + 1);
        let mut rows = tx.of(&self.tenant).list(&query, window).await?;
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
        let (total, counts) = count(tx, &self.tenant, &self.filter, &query).await?;
        Ok(RunList { rows, newer, older, total, counts, position: model::live::StreamPosition::default() })
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
        let query = query(&self.filter, self.now);
        let ids = IdFilter { any_: Some(self.changed.iter().copied().collect()), ..IdFilter::default() };
        let mut changed = query.clone();
        changed.0.flow_runs.get_or_insert_default().id = Some(ids);
        let rows = tx.of(&self.tenant).list(&changed, Window::Page(Page::default())).await?;
        let rows = with_tasks(tx, &self.tenant, rows).await?;
        let listed: BTreeSet<_> = rows.iter().map(|row| row.id).collect();
        let gone = self.changed.difference(&listed).copied().collect();
        let (total, counts) = count(tx, &self.tenant, &self.filter, &query).await?;
        Ok(RunListUpdate { rows, gone, total, counts })
    }
}

/// The list of the runs that match, newest first.
fn query(filter: &RunFilter, now: Timestamp) -> ListedRuns {
    let state = StateFilter {
        operator: Operator::Or,
        state_type: Some(StateTypeFilter { any_: Some(filter.types.clone()), not_any_: None }),
        name: Some(TextFilter { any_: Some(filter.names.clone()), not_any_: None }),
    };
    let state = Some(state).filter(|_| !filter.types.is_empty() || !filter.names.is_empty());
    let (after_, before_) = filter.since.bounds(now);
    let start_time = OptionalTimeFilter { after_, before_, is_null_: None };
    let start_time = Some(start_time).filter(|_| filter.since != Since::Ever);
    let flow_runs = Some(FlowRunFilter { state, start_time, ..FlowRunFilter::default() });
    ListedRuns(FlowRunQuery { flow_runs, sort: FlowRunSort::StartTimeDesc, ..FlowRunQuery::default() })
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

/// The newest run of a workspace.
pub(super) async fn newest(tx: &mut Tx<'_>, tenant: &Tenant, now: Timestamp) -> Result<Option<RunRow>> {
    let newest = Window::Cursor(RunCursor::Newest, 1);
    let rows = tx.of(tenant).list(&query(&RunFilter::default(), now), newest).await?;
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

/// How many runs match, and all runs by state. If the counters don't have the answer, it is at most [`MAX_COUNT`].
async fn count(tx: &mut Tx<'_>, tenant: &Tenant, filter: &RunFilter, query: &ListedRuns) -> Result<(u64, StateCounts)> {
    let counts = totals(tx, tenant).await?;
    let total = match count_by_counters(&counts, filter) {
        Some(total) => total,
        None => tx.of(tenant).count(query, Some(MAX_COUNT.unsigned_abs())).await?,
    };
    Ok((total, counts))
}

/// All flow runs by state.
pub(super) async fn totals(tx: &mut Tx<'_>, tenant: &Tenant) -> Result<StateCounts> {
    let totals = tx.of(tenant).all(&TOTALS, (RunKind::FlowRun,)).await?;
    let count = |runs: i64| u64::try_from(runs).unwrap_or_default();
    Ok(totals.into_iter().map(|(state_type, name, runs)| (state_type, name, count(runs))).collect())
}

/// How many runs match, if the counters have the answer.
fn count_by_counters(counts: &[(StateType, String, u64)], filter: &RunFilter) -> Option<u64> {
    if filter.since != Since::Ever || !filter.names.iter().all(|name| is_counted_name(name)) {
        return None;
    }
    let any = filter.types.is_empty() && filter.names.is_empty();
    let matches = |state_type, name: &String| any || filter.types.contains(state_type) || filter.names.contains(name);
    Some(counts.iter().filter(|(state_type, name, _)| matches(state_type, name)).map(|(_, _, runs)| runs).sum())
}

#[cfg(test)]
mod tests {
    use model::{
        screen::{RunFilter, Since},
        state::StateType,
    };

    use super::count_by_counters;

    #[test]
    fn counters_answer_filters_by_state_alone() {
        let counts = [
            (StateType::Completed, "Completed".to_owned(), 5),
            (StateType::Completed, "Cached".to_owned(), 2),
            (StateType::Scheduled, "Late".to_owned(), 3),
            (StateType::Scheduled, "Scheduled".to_owned(), 1),
        ];
        let filter = |types: &[StateType], names: &[&str]| RunFilter {
            types: types.to_vec(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            since: Since::Ever,
        };
        assert_eq!(count_by_counters(&counts, &RunFilter::default()), Some(11));
        assert_eq!(count_by_counters(&counts, &filter(&[StateType::Completed], &[])), Some(7));
        assert_eq!(count_by_counters(&counts, &filter(&[], &["Late"])), Some(3));
        assert_eq!(count_by_counters(&counts, &filter(&[StateType::Scheduled], &["Late", "Cached"])), Some(6));
        assert_eq!(
            count_by_counters(&counts, &filter(&[], &["Completed"])),
            None,
            "the counter of the type contains other names too"
        );
        assert_eq!(count_by_counters(&counts, &RunFilter { since: Since::Last(60), ..RunFilter::default() }), None);
    }
}

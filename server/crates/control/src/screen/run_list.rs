//! The list of flow runs.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    id::FlowRunId,
    live::RunsNews,
    permission::ReadRuns,
    screen::{MOST_COUNTED, RUNS_A_PAGE, RunCursor, RunFilter, RunList, RunPlace, RunRow, Since, StateCounts},
    state::StateType,
    time::Timestamp,
};
use store::{
    Read, Tenant, Tx,
    column::Json,
    counter::{RunKind, TOTALS, is_counted},
    filter::{ListedRun, match_run_list, select_listed, select_run_list},
    row::Beside,
    screen::COUNT_TASK_RUNS,
};

use crate::{Cx, Error, Result, access::Workspace};

const TABLE: &str = "flow_run";

/// A page of the runs that match, newest first, with how many there are.
///
/// # Errors
/// [`Error::Invalid`] for a filter out of bounds, and those of the database.
pub async fn run_list(cx: &Cx, at: Workspace<ReadRuns>, filter: RunFilter, cursor: RunCursor) -> Result<RunList> {
    check(&filter)?;
    let mark = cx.bus.mark();
    let now = cx.clock.now();
    let page = cx.db.read(ReadList { tenant: *at.tenant(), filter, cursor, now }).await?;
    Ok(RunList { mark, ..page })
}

/// What became of these runs in the list of those that match.
///
/// # Errors
/// As [`run_list`].
pub async fn run_list_news(
    cx: &Cx,
    at: Workspace<ReadRuns>,
    filter: RunFilter,
    changed: BTreeSet<FlowRunId>,
) -> Result<RunsNews> {
    check(&filter)?;
    cx.db.read(ReadListNews { tenant: *at.tenant(), filter, changed, now: cx.clock.now() }).await
}

fn check(filter: &RunFilter) -> Result<()> {
    filter.is_sound().then_some(()).ok_or_else(|| Error::invalid("state", "too many or too long names of states"))
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
        // One more than is shown tells whether the list goes on.
        let mut rows = listed(tx, &self.tenant, &self.filter, self.now, self.cursor, RUNS_A_PAGE + 1).await?;
        let goes_on = rows.len() > RUNS_A_PAGE;
        rows.truncate(RUNS_A_PAGE);
        let (newer, older) = match self.cursor {
            RunCursor::Newest => (false, goes_on),
            RunCursor::After(_) => (true, goes_on),
            RunCursor::Before(_) => {
                rows.reverse();
                (goes_on, true)
            }
        };
        let rows = with_tasks(tx, &self.tenant, rows).await?;
        let (total, counts) = count(tx, &self.tenant, &self.filter, self.now).await?;
        Ok(RunList { rows, newer, older, total, counts, mark: model::live::Mark::default() })
    }
}

struct ReadListNews {
    tenant: Tenant,
    filter: RunFilter,
    changed: BTreeSet<FlowRunId>,
    now: Timestamp,
}

impl Read for ReadListNews {
    type Out = RunsNews;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<RunsNews> {
        let select = select_listed(&self.filter, self.now, self.changed.iter().copied());
        let rows: Vec<ListedRun> = tx.of(&self.tenant).select(TABLE, select).await?;
        let rows = with_tasks(tx, &self.tenant, rows).await?;
        let listed: BTreeSet<_> = rows.iter().map(|row| row.id).collect();
        let gone = self.changed.difference(&listed).copied().collect();
        let (total, counts) = count(tx, &self.tenant, &self.filter, self.now).await?;
        Ok(RunsNews { rows, gone, total, counts })
    }
}

/// The runs that match, nearest to the cursor first.
async fn listed(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    filter: &RunFilter,
    now: Timestamp,
    cursor: RunCursor,
    most: usize,
) -> Result<Vec<ListedRun>> {
    let mut found = BTreeMap::new();
    for select in select_run_list(filter, now, cursor, most as u64) {
        let rows: Vec<ListedRun> = tx.of(tenant).select(TABLE, select).await?;
        found.extend(rows.into_iter().map(|run| (RunPlace { time: run.0.sort_time, id: run.0.id }, run)));
    }
    let oldest_first = found.into_values();
    Ok(match cursor {
        RunCursor::Before(_) => oldest_first.take(most).collect(),
        RunCursor::Newest | RunCursor::After(_) => oldest_first.rev().take(most).collect(),
    })
}

async fn with_tasks(tx: &mut Tx<'_>, tenant: &Tenant, listed: Vec<ListedRun>) -> Result<Vec<RunRow>> {
    let ids: Vec<FlowRunId> = listed.iter().map(|Beside(run, _)| run.id).collect();
    let counts = tx.of(tenant).all(&COUNT_TASK_RUNS, (Json(ids), MOST_COUNTED)).await?;
    let counts: BTreeMap<FlowRunId, u64> = counts.into_iter().map(|(id, runs)| (id, runs.unsigned_abs())).collect();
    let with_count = |run: ListedRun| {
        let task_runs = counts.get(&run.0.id).copied().unwrap_or_default();
        row(run, task_runs)
    };
    Ok(listed.into_iter().map(with_count).collect())
}

/// The newest run of a workspace.
pub(super) async fn newest(tx: &mut Tx<'_>, tenant: &Tenant, now: Timestamp) -> Result<Option<RunRow>> {
    let rows = listed(tx, tenant, &RunFilter::default(), now, RunCursor::Newest, 1).await?;
    Ok(with_tasks(tx, tenant, rows).await?.pop())
}

fn row(Beside(run, flow): ListedRun, task_runs: u64) -> RunRow {
    RunRow {
        id: run.id,
        flow: flow.name,
        name: run.name,
        state: run.state_type.zip(run.state_name),
        tags: run.tags.0,
        task_runs,
        expected: run.expected_start_time,
        started: run.start_time,
        ended: run.end_time,
        sort_time: run.sort_time,
    }
}

/// How many runs match, beyond the counters' reach at most [`MOST_COUNTED`], and all runs by state.
async fn count(tx: &mut Tx<'_>, tenant: &Tenant, filter: &RunFilter, now: Timestamp) -> Result<(u64, StateCounts)> {
    let counts = totals(tx, tenant).await?;
    let total = match counted(&counts, filter) {
        Some(total) => total,
        None => look_and_count(tx, tenant, filter, now).await?,
    };
    Ok((total, counts))
}

async fn look_and_count(tx: &mut Tx<'_>, tenant: &Tenant, filter: &RunFilter, now: Timestamp) -> Result<u64> {
    let mut left = MOST_COUNTED.unsigned_abs();
    for matching in match_run_list(filter, now) {
        if left > 0 {
            left -= tx.of(tenant).count(TABLE, matching, left).await?;
        }
    }
    Ok(MOST_COUNTED.unsigned_abs() - left)
}

/// All flow runs by state.
pub(super) async fn totals(tx: &mut Tx<'_>, tenant: &Tenant) -> Result<StateCounts> {
    let totals = tx.of(tenant).all(&TOTALS, (RunKind::FlowRun,)).await?;
    let count = |runs: i64| u64::try_from(runs).unwrap_or_default();
    Ok(totals.into_iter().map(|(state_type, name, runs)| (state_type, name, count(runs))).collect())
}

/// How many match, where the counters can tell.
fn counted(counts: &[(StateType, String, u64)], filter: &RunFilter) -> Option<u64> {
    if filter.since != Since::Ever || !filter.names.iter().all(|name| is_counted(name)) {
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

    use super::counted;

    #[test]
    fn counters_answer_for_states_alone() {
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
        assert_eq!(counted(&counts, &RunFilter::default()), Some(11));
        assert_eq!(counted(&counts, &filter(&[StateType::Completed], &[])), Some(7));
        assert_eq!(counted(&counts, &filter(&[], &["Late"])), Some(3));
        assert_eq!(counted(&counts, &filter(&[StateType::Scheduled], &["Late", "Cached"])), Some(6));
        assert_eq!(counted(&counts, &filter(&[], &["Completed"])), None, "another name of the type counts there too");
        assert_eq!(counted(&counts, &RunFilter { since: Since::Last(60), ..RunFilter::default() }), None);
    }
}

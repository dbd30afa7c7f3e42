//! The runs that match a filter. A list without a filter of states shows the planned ones apart, because they would precede all others.
//!
//! There may be far more planned runs than others, so nothing that reads the others walks past them.

use model::{
    filter::{Operator, OptionalTimeFilter, StateFilter, StateTypeFilter, TextFilter, query::FlowRunQuery},
    flow_run::{FlowRunFilter, FlowRunSort},
    id::FlowRunId,
    screen::{MAX_COUNT, PLANNED_RUNS, PlannedRuns, RunCursor, RunFilter, RunSortKey, Since},
    state::StateType,
    time::Timestamp,
};
use store::{
    Tenant, Tx,
    counter::is_counted_name,
    filter::Window,
    screen::{ListedRun, ListedRuns, RunListRow},
};
use uuid::Uuid;

use super::row;
use crate::Result;

/// Counting stops at this number.
const COUNT_LIMIT: u64 = MAX_COUNT.unsigned_abs();

/// The number of a workspace's runs by state type and name.
type Counts = [(StateType, String, u64)];

/// The runs that match a filter.
pub(super) struct FilteredRuns<'f> {
    filter: &'f RunFilter,
    now: Timestamp,
    /// All that match.
    pub all: ListedRuns,
    /// None if planned runs are rows as all others, because the filter is about states.
    divided: Option<DividedRuns>,
}

/// The runs of a list that shows planned runs apart.
struct DividedRuns {
    /// Scheduled, and their time is still to come.
    planned: ListedRuns,
    /// Other runs whose time is still to come: a client took them early, or they were cancelled.
    early: ListedRuns,
    /// Both of them.
    ahead: ListedRuns,
    /// Runs whose time has come.
    due: ListedRuns,
    /// Runs whose time has come and that are scheduled.
    waiting: ListedRuns,
}

/// How many runs match; each number is at most [`COUNT_LIMIT`] if runs have to be counted.
#[derive(Clone, Copy)]
pub(super) struct RunCounts {
    /// All but the planned ones that are shown apart.
    pub total: u64,
    /// Those that are shown apart.
    pub planned: u64,
}

impl<'f> FilteredRuns<'f> {
    pub fn new(filter: &'f RunFilter, now: Timestamp) -> Self {
        let bounds = filter.since.bounds(now);
        let has_states = !filter.types.is_empty() || !filter.names.is_empty();
        let divided = (!has_states).then(|| DividedRuns::new(bounds, now));
        Self { filter, now, all: listed(&filter.types, &filter.names, bounds), divided }
    }

    /// Whether the list shows this run apart from its rows.
    pub fn shows_apart(&self, run: &RunListRow) -> bool {
        self.divided.is_some() && run.state_type == Some(StateType::Scheduled) && run.sort_time > self.now
    }

    /// The rows that are nearest to the cursor, nearest first; at most `limit`. `planned` is how many runs are shown apart.
    pub async fn rows(
        &self,
        tx: &mut Tx<'_>,
        tenant: &Tenant,
        (cursor, limit): (RunCursor, usize),
        planned: u64,
    ) -> Result<Vec<ListedRun>> {
        let mut rows = Vec::new();
        for part in self.parts(tx, tenant, cursor, planned).await? {
            if rows.len() < limit {
                let window = Window::Cursor(cursor, (limit - rows.len()) as u64);
                rows.extend(tx.of(tenant).list(part, window).await?);
            }
        }
        Ok(rows)
    }

    /// The lists that contain the rows, in the order in which they are read from the cursor.
    async fn parts(
        &self,
        tx: &mut Tx<'_>,
        tenant: &Tenant,
        cursor: RunCursor,
        planned: u64,
    ) -> Result<Vec<&ListedRuns>> {
        let Some(divided) = &self.divided else { return Ok(vec![&self.all]) };
        let is_past = matches!(cursor, RunCursor::After(run) if run.time <= self.now);
        if is_past || divided.count_early(tx, tenant, planned).await? == 0 {
            return Ok(vec![&divided.due]);
        }
        Ok(match cursor {
            RunCursor::Newest | RunCursor::After(_) => vec![&divided.early, &divided.due],
            RunCursor::Before(_) => vec![&divided.due, &divided.early],
        })
    }

    /// How many runs match; `counts` are all runs of the workspace.
    pub async fn count(&self, tx: &mut Tx<'_>, tenant: &Tenant, counts: &Counts) -> Result<RunCounts> {
        let Some(divided) = &self.divided else {
            let total = match count_by_counters(counts, self.filter) {
                Some(total) => total,
                None => count(tx, tenant, &self.all).await?,
            };
            return Ok(RunCounts { total, planned: 0 });
        };
        let planned = count(tx, tenant, &divided.planned).await?;
        let total = if self.filter.since == Since::Ever {
            let (scheduled, others) = count_scheduled(counts);
            others + divided.count_waiting(tx, tenant, scheduled, planned).await?
        } else {
            let early = divided.count_early(tx, tenant, planned).await?;
            COUNT_LIMIT.min(count(tx, tenant, &divided.due).await? + early)
        };
        Ok(RunCounts { total, planned })
    }

    /// The planned runs that are shown apart, of which there are `total`. The last hours have none.
    pub async fn planned(&self, tx: &mut Tx<'_>, tenant: &Tenant, total: u64) -> Result<PlannedRuns> {
        match &self.divided {
            Some(divided) if total > 0 && !matches!(self.filter.since, Since::Last(_)) => {
                let now = RunSortKey { time: self.now, id: FlowRunId(Uuid::max()) };
                let window = Window::Cursor(RunCursor::Before(now), PLANNED_RUNS as u64);
                let next = tx.of(tenant).list(&divided.planned, window).await?;
                // A run that has not started has no task runs.
                Ok(PlannedRuns { total, next: next.into_iter().map(|run| row(run, 0)).collect() })
            }
            _ => Ok(PlannedRuns::default()),
        }
    }
}

impl DividedRuns {
    fn new((from, to): (Option<Timestamp>, Option<Timestamp>), now: Timestamp) -> Self {
        let next = now.plus_micros(1);
        let ahead = (Some(from.map_or(next, |from| from.max(next))), to);
        let due = (from, Some(to.map_or(now, |to| to.min(now))));
        let others: Vec<_> = StateType::ALL.into_iter().filter(|ty| *ty != StateType::Scheduled).collect();
        Self {
            planned: listed(&[StateType::Scheduled], &[], ahead),
            early: listed(&others, &[], ahead),
            ahead: listed(&[], &[], ahead),
            due: listed(&[], &[], due),
            waiting: listed(&[StateType::Scheduled], &[], due),
        }
    }

    /// How many runs are early. Usually none are: one range of an index shows that, while a list of them reads a range for each state.
    async fn count_early(&self, tx: &mut Tx<'_>, tenant: &Tenant, planned: u64) -> Result<u64> {
        match count(tx, tenant, &self.ahead).await? {
            COUNT_LIMIT => count(tx, tenant, &self.early).await,
            ahead => Ok(ahead.saturating_sub(planned)),
        }
    }

    /// How many of the scheduled runs of the workspace are not planned.
    async fn count_waiting(&self, tx: &mut Tx<'_>, tenant: &Tenant, scheduled: u64, planned: u64) -> Result<u64> {
        match planned {
            COUNT_LIMIT => count(tx, tenant, &self.waiting).await,
            planned => Ok(scheduled.saturating_sub(planned)),
        }
    }
}

/// The list of the runs in these states whose time is within the bounds, newest first.
pub fn listed(
    types: &[StateType],
    names: &[String],
    (after_, before_): (Option<Timestamp>, Option<Timestamp>),
) -> ListedRuns {
    let state = StateFilter {
        operator: Operator::Or,
        state_type: Some(StateTypeFilter { any_: Some(types.to_vec()), not_any_: None }),
        name: Some(TextFilter { any_: Some(names.to_vec()), not_any_: None }),
    };
    let state = Some(state).filter(|_| !types.is_empty() || !names.is_empty());
    let start_time = OptionalTimeFilter { after_, before_, is_null_: None };
    let start_time = Some(start_time).filter(|_| after_.is_some() || before_.is_some());
    let flow_runs = Some(FlowRunFilter { state, start_time, ..FlowRunFilter::default() });
    ListedRuns(FlowRunQuery { flow_runs, sort: FlowRunSort::StartTimeDesc, ..FlowRunQuery::default() })
}

/// How many runs a list has, counted up to the limit.
async fn count(tx: &mut Tx<'_>, tenant: &Tenant, runs: &ListedRuns) -> Result<u64> {
    Ok(tx.of(tenant).count(runs, Some(COUNT_LIMIT)).await?)
}

/// The number of scheduled runs, and that of all others.
fn count_scheduled(counts: &Counts) -> (u64, u64) {
    counts.iter().fold((0, 0), |(scheduled, others), (state_type, _, runs)| match state_type {
        StateType::Scheduled => (scheduled + runs, others),
        _ => (scheduled, others + runs),
    })
}

/// How many runs match, if the counters have the answer.
fn count_by_counters(counts: &Counts, filter: &RunFilter) -> Option<u64> {
    if filter.since != Since::Ever || !filter.names.iter().all(|name| is_counted_name(name)) {
        return None;
    }
    let matches = |state_type, name: &String| filter.types.contains(state_type) || filter.names.contains(name);
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
        assert_eq!(count_by_counters(&counts, &filter(&StateType::ALL, &[])), Some(11));
        assert_eq!(count_by_counters(&counts, &filter(&[StateType::Completed], &[])), Some(7));
        assert_eq!(count_by_counters(&counts, &filter(&[], &["Late"])), Some(3));
        assert_eq!(count_by_counters(&counts, &filter(&[StateType::Scheduled], &["Late", "Cached"])), Some(6));
        assert_eq!(
            count_by_counters(&counts, &filter(&[], &["Completed"])),
            None,
            "the counter of the type contains other names too"
        );
        let recent = RunFilter { since: Since::Last(60), ..filter(&[StateType::Completed], &[]) };
        assert_eq!(count_by_counters(&counts, &recent), None);
    }
}

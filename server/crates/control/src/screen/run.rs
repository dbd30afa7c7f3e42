//! The screen of one flow run.

mod failure;
mod topic;

use std::collections::HashMap;

use model::{
    flow_run::FlowRun,
    id::{FlowRunId, TaskRunId},
    json_text,
    live::StreamPosition,
    log::LogId,
    permission::ReadRuns,
    screen::{
        LINES_PER_PAGE, LinePage, LineSortKey, MAX_COUNT, MAX_STATES, RunHead, RunLine, RunLines, RunLink, RunScreen,
        RunView, StateLine, TASKS_PER_PAGE, TaskCount, TaskRow, TaskRows,
    },
    state::{State, StateType},
    time::Timestamp,
};
use store::{
    Read, Tenant, Tx,
    column::Json,
    flow_run::FLOW_RUN,
    screen::{
        COUNT_SUBFLOW_RUNS, FLOW_NAME, FLOW_RUN_NAMES, LogLineRow, NEWEST_STATES, PARENT_RUN, RANKED_TASK_RUNS,
        SUBFLOW_RUNS_OF_TASK_RUNS, StateHistoryRow, TASK_RUNS_BY_STATE, TASK_RUNS_OF_RUN, TaskListRow,
        log_line_statements, task_rank,
    },
};
pub use topic::RunTopic;
use uuid::Uuid;

use crate::{Cx, Error, Result, access::Workspace};

/// The places before and after all lines of a log.
const START: LineSortKey = LineSortKey { at: Timestamp::EARLIEST, id: LogId(Uuid::nil()) };
pub(super) const END: LineSortKey = LineSortKey { at: Timestamp::LATEST, id: LogId(Uuid::max()) };
/// How many lines before a linked line its page begins.
const LINES_BEFORE_LINKED: usize = 5;
/// How many subflow runs are read for the task runs of a page.
const MAX_SUBFLOWS: i64 = 1_000;
/// How many task runs are sorted by state; those beyond follow in the order in which they started.
const MAX_RANKED: i64 = MAX_COUNT - 1;

/// A flow run with its states and a page of its log lines and of its task runs.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn run(cx: &Cx, ws: Workspace<ReadRuns>, id: FlowRunId, view: RunView) -> Result<RunScreen> {
    let position = cx.changes().position();
    let screen = cx.db.read(ReadRun { run: RunReader { tenant: *ws.tenant(), id }, view }).await?;
    Ok(RunScreen { position, ..screen })
}

/// What the page of a run shows before it is read: its flow and name.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn run_link(cx: &Cx, ws: Workspace<ReadRuns>, id: FlowRunId) -> Result<RunLink> {
    let (flow, name) = cx.db.read(ReadNames { tenant: *ws.tenant(), id }).await?;
    Ok(RunLink { id, flow, name })
}

struct ReadNames {
    tenant: Tenant,
    id: FlowRunId,
}

impl Read for ReadNames {
    type Out = (String, String);
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(String, String)> {
        let names = tx.of(&self.tenant).optional(&FLOW_RUN_NAMES, (self.id,)).await?;
        names.ok_or(Error::not_found("Flow run", self.id))
    }
}

/// Reads the parts of a run's screen.
#[derive(Clone, Copy)]
struct RunReader {
    tenant: Tenant,
    id: FlowRunId,
}

struct ReadRun {
    run: RunReader,
    view: RunView,
}

impl Read for ReadRun {
    type Out = RunScreen;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<RunScreen> {
        let RunView { level, lines, tasks_after } = self.view;
        let head = self.run.head(tx).await?;
        let is_terminal = head.state.as_ref().is_some_and(|state| state.state_type.is_terminal());
        let lines = match lines {
            LinePage::Auto if is_terminal => LinePage::Oldest,
            LinePage::Auto => LinePage::Newest,
            page => page,
        };
        Ok(RunScreen {
            head,
            states: self.run.states(tx).await?,
            lines: self.run.lines(tx, level, lines).await?,
            tasks: self.run.tasks(tx, tasks_after).await?,
            position: StreamPosition::default(),
        })
    }
}

impl RunReader {
    async fn head(self, tx: &mut Tx<'_>) -> Result<RunHead> {
        let found = tx.of(&self.tenant).optional(&FLOW_RUN, (self.id,)).await?;
        let run = FlowRun::from(found.ok_or(Error::not_found("Flow run", self.id))?);
        let (flow,) = tx.of(&self.tenant).one(&FLOW_NAME, (run.flow_id,)).await?;
        let parent = match run.parent_task_run_id {
            Some(task_run) => tx.of(&self.tenant).optional(&PARENT_RUN, (task_run,)).await?,
            None => None,
        };
        let failure = match &run.state {
            Some(state) if is_failure(state.state_type) => Some(self.failure(tx, &run, state).await?),
            _ => None,
        };
        let until = run.state.as_ref().and_then(planned_end);
        let suspended = run.state.as_ref().is_some_and(is_suspended);
        Ok(RunHead {
            id: run.id,
            flow,
            name: run.name,
            state: run.state.map(state_line),
            tags: run.tags,
            flow_version: run.flow_version,
            parent: parent.map(|(id, flow, name)| RunLink { id, flow, name }),
            parameters: (run.parameters != model::parameters::Parameters::default())
                .then(|| json_text::entries(&run.parameters.0)),
            created: run.created,
            created_by: run.created_by.and_then(|creator| creator.display_value),
            expected: run.expected_start_time,
            until,
            suspended,
            started: run.start_time,
            ended: run.end_time,
            failure,
        })
    }

    async fn states(self, tx: &mut Tx<'_>) -> Result<Vec<StateLine>> {
        let rows = tx.of(&self.tenant).all(&NEWEST_STATES, (self.id, MAX_STATES as i64)).await?;
        Ok(rows.into_iter().map(stored_state_line).collect())
    }

    async fn lines(self, tx: &mut Tx<'_>, level: i32, page: LinePage) -> Result<RunLines> {
        let level = i64::from(level);
        let total = self.count_lines(tx, level).await?;
        // One more than the page shows, to know whether there are more.
        let limit = LINES_PER_PAGE as i64 + 1;
        let page = match page {
            LinePage::Around(line) => self.page_around(tx, level, line).await?,
            page => page,
        };
        let mut scope = tx.of(&self.tenant);
        let (forward, from) = match page {
            LinePage::Oldest | LinePage::Around(_) => (true, START),
            LinePage::After(line) => (true, line),
            LinePage::Before(line) => (false, line),
            LinePage::Auto | LinePage::Newest => (false, END),
        };
        let statement = if forward { log_line_statements(level).after } else { log_line_statements(level).before };
        let mut rows = scope.all(&statement, (self.id, level, from.at, from.id, limit)).await?;
        let has_more = rows.len() > LINES_PER_PAGE;
        rows.truncate(LINES_PER_PAGE);
        if !forward {
            rows.reverse();
        }
        let lines: Vec<_> = rows.into_iter().map(line).collect();
        let before = self.count_lines_before(tx, level, lines.first().map_or(from, RunLine::sort_key)).await?;
        let more = if forward { has_more } else { from != END };
        Ok(RunLines { lines, before, total, more })
    }

    /// The page that begins a few lines before this one.
    async fn page_around(self, tx: &mut Tx<'_>, level: i64, line: LineSortKey) -> Result<LinePage> {
        let params = (self.id, level, line.at, line.id, LINES_BEFORE_LINKED as i64 + 1);
        let before = tx.of(&self.tenant).all(&log_line_statements(level).before, params).await?;
        let last_hidden = before.get(LINES_BEFORE_LINKED);
        let after = |line: &LogLineRow| LinePage::After(LineSortKey { at: line.timestamp, id: line.id });
        Ok(last_hidden.map_or(LinePage::Oldest, after))
    }

    /// How many lines come before this one; none if there are [`MAX_COUNT`] or more.
    async fn count_lines_before(self, tx: &mut Tx<'_>, level: i64, line: LineSortKey) -> Result<Option<u64>> {
        let params = (self.id, level, line.at, line.id, MAX_COUNT);
        let (lines,) = tx.of(&self.tenant).one(&log_line_statements(level).count_before, params).await?;
        Ok((lines < MAX_COUNT).then(|| lines.unsigned_abs()))
    }

    async fn count_lines(self, tx: &mut Tx<'_>, level: i64) -> Result<u64> {
        let (lines,) = tx.of(&self.tenant).one(&log_line_statements(level).count, (self.id, level, MAX_COUNT)).await?;
        Ok(lines.unsigned_abs())
    }

    async fn tasks(self, tx: &mut Tx<'_>, after: u32) -> Result<TaskRows> {
        let counts = self.count_tasks(tx).await?;
        let (limit, after) = (TASKS_PER_PAGE as i64 + 1, i64::from(after));
        let mut scope = tx.of(&self.tenant);
        let mut rows = if after < MAX_RANKED {
            scope.all(&RANKED_TASK_RUNS, (self.id, MAX_RANKED, limit, after)).await?
        } else {
            scope.all(&TASK_RUNS_OF_RUN, (self.id, limit, after)).await?
        };
        let total = counts.iter().map(|count| count.runs).sum::<u64>();
        let before = after.unsigned_abs();
        let more = rows.len() > TASKS_PER_PAGE || total > before + rows.len() as u64;
        rows.truncate(TASKS_PER_PAGE);
        let (rows, subflows) = (self.task_rows(tx, rows).await?, self.count_subflows(tx).await?);
        Ok(TaskRows { rows, before, counts, subflows, more })
    }

    /// The rows with the subflow runs that they represent.
    async fn task_rows(self, tx: &mut Tx<'_>, rows: Vec<TaskListRow>) -> Result<Vec<TaskRow>> {
        let parents = rows.iter().filter(|row| row.has_subflow_run).map(|row| row.id).collect();
        let subflows = self.subflows(tx, parents).await?;
        Ok(rows.into_iter().map(|row| task_row(&subflows, row)).collect())
    }

    /// The newest subflow run of each of these task runs.
    async fn subflows(self, tx: &mut Tx<'_>, task_runs: Vec<TaskRunId>) -> Result<HashMap<TaskRunId, FlowRunId>> {
        if task_runs.is_empty() {
            return Ok(HashMap::new());
        }
        let params = (Json(task_runs), MAX_SUBFLOWS);
        let mut runs = tx.of(&self.tenant).all(&SUBFLOW_RUNS_OF_TASK_RUNS, params).await?;
        runs.sort_by_key(|(_, run, time)| (*time, *run));
        // Of several with the same key a map keeps the last.
        Ok(runs.into_iter().map(|(task_run, run, _)| (task_run, run)).collect())
    }

    async fn count_subflows(self, tx: &mut Tx<'_>) -> Result<u64> {
        let (runs,) = tx.of(&self.tenant).one(&COUNT_SUBFLOW_RUNS, (self.id, MAX_COUNT)).await?;
        Ok(runs.unsigned_abs())
    }

    async fn count_tasks(self, tx: &mut Tx<'_>) -> Result<Vec<TaskCount>> {
        let counts = tx.of(&self.tenant).all(&TASK_RUNS_BY_STATE, (self.id, MAX_COUNT)).await?;
        let count = |(state_type, runs, begun): (_, i64, i64)| TaskCount {
            state_type,
            runs: runs.unsigned_abs(),
            begun: begun.unsigned_abs(),
        };
        Ok(counts.into_iter().map(count).collect())
    }
}

fn is_failure(state_type: StateType) -> bool {
    matches!(state_type, StateType::Failed | StateType::Crashed)
}

/// See [`RunHead::suspended`].
fn is_suspended(state: &State) -> bool {
    state.state_type == StateType::Paused && state.state_details.pause_reschedule
}

/// See [`RunHead::until`].
fn planned_end(state: &State) -> Option<Timestamp> {
    match state.state_type {
        StateType::Scheduled => state.state_details.scheduled_time,
        StateType::Paused => state.state_details.pause_timeout,
        _ => None,
    }
}

fn state_line(state: State) -> StateLine {
    let State { id, state_type, name, timestamp, message, .. } = state;
    StateLine { id, state_type, name, at: timestamp, message }
}

fn stored_state_line(row: StateHistoryRow) -> StateLine {
    StateLine { id: row.id, state_type: row.state_type, name: row.name, at: row.timestamp, message: row.message }
}

pub(super) fn line(row: LogLineRow) -> RunLine {
    RunLine {
        id: row.id,
        level: i32::try_from(row.level).unwrap_or_default(),
        at: row.timestamp,
        message: row.message,
        task_run: row.task_run,
    }
}

fn task_row(subflows: &HashMap<TaskRunId, FlowRunId>, row: TaskListRow) -> TaskRow {
    TaskRow {
        id: row.id,
        name: row.name,
        state: row.state_type.zip(row.state_name),
        message: row.message,
        run_count: row.run_count,
        started: row.start_time,
        ended: row.end_time,
        rank: task_rank(row.state_type),
        sort_time: row.sort_time,
        subflow: subflows.get(&row.id).copied(),
    }
}

//! The page of one flow run.

use std::collections::BTreeSet;

use model::{
    flow_run::FlowRun,
    id::{FlowRunId, TaskRunId},
    live::{LinesNews, Mark, RunNews, TasksNews},
    permission::ReadRuns,
    screen::{
        LINES_A_PAGE, LinePage, MOST_COUNTED, MOST_STATES, RunHead, RunLine, RunLines, RunLink, RunScreen, RunView,
        StateLine, TASKS_A_PAGE, TaskRow, TaskRows, Trouble,
    },
    state::{State, StateType},
    time::Timestamp,
};
use store::{
    Read, Tenant, Tx,
    flow_run::FLOW_RUN,
    screen::{
        FIRST_BROKEN_TASK_RUN, FLOW_NAME, LAST_GOOD_RUN, LineRow, NEWEST_STATES, PARENT_RUN, StateLineRow,
        TASK_RUN_OF_RUN, TASK_RUNS_BY_STATE, TASK_RUNS_OF_RUN, TaskListRow, lines,
    },
};

use crate::{Cx, Error, Result, access::Workspace};

/// The most log lines that are told at once.
const MOST_NEW_LINES: usize = 500;
/// Among so many earlier runs one that ended well is looked for.
const LOOK_BACK: i64 = 1_000;
/// From this level on a log line tells of an error.
const ERROR: i64 = 40;

/// A flow run with its states and a page of its log lines and of its task runs.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn run(cx: &Cx, at: Workspace<ReadRuns>, id: FlowRunId, view: RunView) -> Result<RunScreen> {
    let mark = cx.bus.mark();
    let screen = cx.db.read(ReadRun { of: Run { tenant: *at.tenant(), id }, view, now: cx.clock.now() }).await?;
    Ok(RunScreen { mark, ..screen })
}

/// What may be new about a run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RunWanted {
    /// The run itself, with its states.
    pub head: bool,
    pub task_runs: BTreeSet<TaskRunId>,
    /// Log lines of this level and above; those of [`RunWanted::since`], or only their number.
    pub level: Option<i32>,
    pub since: Option<LinesSince>,
}

/// Log lines that were written after one time and arrived after another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinesSince {
    pub written: Timestamp,
    pub arrived: Timestamp,
}

/// What is new about a run.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn run_news(cx: &Cx, at: Workspace<ReadRuns>, id: FlowRunId, wanted: RunWanted) -> Result<RunNews> {
    cx.db.read(ReadRunNews { of: Run { tenant: *at.tenant(), id }, wanted }).await
}

#[derive(Clone, Copy)]
struct Run {
    tenant: Tenant,
    id: FlowRunId,
}

struct ReadRun {
    of: Run,
    view: RunView,
    now: Timestamp,
}

impl Read for ReadRun {
    type Out = RunScreen;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<RunScreen> {
        let RunView { level, lines, tasks_after } = self.view;
        Ok(RunScreen {
            head: self.of.head(tx).await?,
            states: self.of.states(tx).await?,
            lines: self.of.lines(tx, level, lines).await?,
            tasks: self.of.tasks(tx, tasks_after).await?,
            now: self.now,
            mark: Mark::default(),
        })
    }
}

struct ReadRunNews {
    of: Run,
    wanted: RunWanted,
}

impl Read for ReadRunNews {
    type Out = RunNews;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<RunNews> {
        let (of, wanted) = (self.of, &self.wanted);
        let mut news = RunNews::default();
        if wanted.head {
            news.head = Some(of.head(tx).await?);
            news.states = Some(of.states(tx).await?);
        }
        if !wanted.task_runs.is_empty() {
            news.tasks = Some(of.changed_tasks(tx, &wanted.task_runs).await?);
        }
        if let Some(level) = wanted.level {
            news.lines = Some(of.new_lines(tx, level, wanted.since).await?);
        }
        Ok(news)
    }
}

impl Run {
    async fn head(self, tx: &mut Tx<'_>) -> Result<RunHead> {
        let found = tx.of(&self.tenant).optional(&FLOW_RUN, (self.id,)).await?;
        let run = FlowRun::from(found.ok_or(Error::NotFound("Flow run"))?);
        let (flow,) = tx.of(&self.tenant).one(&FLOW_NAME, (run.flow_id,)).await?;
        let parent = match run.parent_task_run_id {
            Some(task_run) => tx.of(&self.tenant).optional(&PARENT_RUN, (task_run,)).await?,
            None => None,
        };
        let trouble = match &run.state {
            Some(state) if is_broken(state.state_type) => Some(self.trouble(tx, &run, state).await?),
            _ => None,
        };
        Ok(RunHead {
            id: run.id,
            flow_id: run.flow_id,
            flow,
            name: run.name,
            state: run.state.map(state_line),
            tags: run.tags,
            flow_version: run.flow_version,
            parent: parent.map(|(id, flow, name)| RunLink { id, flow, name }),
            parameters: (run.parameters != model::parameters::Parameters::default())
                .then(|| serde_json::to_string_pretty(&run.parameters).unwrap_or_default()),
            run_count: run.run_count,
            created: run.created,
            expected: run.expected_start_time,
            started: run.start_time,
            ended: run.end_time,
            total_run_time: run.total_run_time,
            trouble,
        })
    }

    async fn trouble(self, tx: &mut Tx<'_>, run: &FlowRun, state: &State) -> Result<Trouble> {
        let mut here = tx.of(&self.tenant);
        let first = here.optional(&FIRST_BROKEN_TASK_RUN, (self.id, MOST_COUNTED)).await?;
        let line = here.optional(&lines(ERROR).oldest, (self.id, ERROR, 1, 0)).await?.map(|line| line.id);
        let before = run.start_time.or(run.expected_start_time).unwrap_or(run.created);
        let last_good = here.optional(&LAST_GOOD_RUN, (run.flow_id, before, LOOK_BACK)).await?;
        let (at, task_run, message) = match first {
            Some(first) => (first.timestamp, Some(first.name), first.message),
            None => (state.timestamp, None, state.message.clone()),
        };
        Ok(Trouble { at, task_run, message: message.unwrap_or_default(), line, last_good })
    }

    async fn states(self, tx: &mut Tx<'_>) -> Result<Vec<StateLine>> {
        let rows = tx.of(&self.tenant).all(&NEWEST_STATES, (self.id, MOST_STATES as i64)).await?;
        Ok(rows.into_iter().map(stored_state_line).collect())
    }

    async fn lines(self, tx: &mut Tx<'_>, level: i32, page: LinePage) -> Result<RunLines> {
        let level = i64::from(level);
        let total = self.count_lines(tx, level).await?;
        let most = LINES_A_PAGE as i64 + 1;
        let mut here = tx.of(&self.tenant);
        let (mut rows, before) = match page {
            LinePage::After(before) => {
                let rows = here.all(&lines(level).oldest, (self.id, level, most, i64::from(before))).await?;
                (rows, u64::from(before))
            }
            LinePage::Newest => {
                let ever = Timestamp::from_micros(i64::MIN);
                let mut rows = here.all(&lines(level).newest, (self.id, level, ever, ever, most)).await?;
                rows.truncate(LINES_A_PAGE);
                rows.reverse();
                let before = total.saturating_sub(rows.len() as u64);
                (rows, before)
            }
        };
        let more = rows.len() > LINES_A_PAGE;
        rows.truncate(LINES_A_PAGE);
        Ok(RunLines { lines: rows.into_iter().map(line).collect(), before, total, more })
    }

    async fn new_lines(self, tx: &mut Tx<'_>, level: i32, since: Option<LinesSince>) -> Result<LinesNews> {
        let level = i64::from(level);
        let total = self.count_lines(tx, level).await?;
        let mut rows = match since {
            Some(LinesSince { written, arrived }) => {
                let most = MOST_NEW_LINES as i64 + 1;
                tx.of(&self.tenant).all(&lines(level).newest, (self.id, level, written, arrived, most)).await?
            }
            None => Vec::new(),
        };
        let gap = rows.len() > MOST_NEW_LINES;
        rows.truncate(MOST_NEW_LINES);
        Ok(LinesNews { lines: rows.into_iter().rev().map(line).collect(), total, gap })
    }

    async fn count_lines(self, tx: &mut Tx<'_>, level: i64) -> Result<u64> {
        let (lines,) = tx.of(&self.tenant).one(&lines(level).count, (self.id, level, MOST_COUNTED)).await?;
        Ok(lines.unsigned_abs())
    }

    async fn tasks(self, tx: &mut Tx<'_>, after: u32) -> Result<TaskRows> {
        let counts = self.count_tasks(tx).await?;
        let most = TASKS_A_PAGE as i64 + 1;
        let mut rows = tx.of(&self.tenant).all(&TASK_RUNS_OF_RUN, (self.id, most, i64::from(after))).await?;
        let more = rows.len() > TASKS_A_PAGE;
        rows.truncate(TASKS_A_PAGE);
        Ok(TaskRows { rows: rows.into_iter().map(task_row).collect(), before: u64::from(after), counts, more })
    }

    async fn changed_tasks(self, tx: &mut Tx<'_>, changed: &BTreeSet<TaskRunId>) -> Result<TasksNews> {
        let mut rows = Vec::with_capacity(changed.len());
        for id in changed {
            rows.extend(tx.of(&self.tenant).optional(&TASK_RUN_OF_RUN, (self.id, *id)).await?.map(task_row));
        }
        Ok(TasksNews { rows, counts: self.count_tasks(tx).await? })
    }

    async fn count_tasks(self, tx: &mut Tx<'_>) -> Result<Vec<(Option<StateType>, u64)>> {
        let counts = tx.of(&self.tenant).all(&TASK_RUNS_BY_STATE, (self.id, MOST_COUNTED)).await?;
        Ok(counts.into_iter().map(|(state_type, runs)| (state_type, runs.unsigned_abs())).collect())
    }
}

fn is_broken(state_type: StateType) -> bool {
    matches!(state_type, StateType::Failed | StateType::Crashed)
}

fn state_line(state: State) -> StateLine {
    let State { id, state_type, name, timestamp, message, .. } = state;
    StateLine { id, state_type, name, at: timestamp, message }
}

fn stored_state_line(row: StateLineRow) -> StateLine {
    StateLine { id: row.id, state_type: row.state_type, name: row.name, at: row.timestamp, message: row.message }
}

pub(super) fn line(row: LineRow) -> RunLine {
    RunLine {
        id: row.id,
        level: i32::try_from(row.level).unwrap_or_default(),
        at: row.timestamp,
        message: row.message,
        task_run: row.task_run,
    }
}

fn task_row(row: TaskListRow) -> TaskRow {
    TaskRow {
        id: row.id,
        name: row.name,
        state: row.state_type.zip(row.state_name),
        message: row.message,
        run_count: row.run_count,
        started: row.start_time,
        ended: row.end_time,
        total_run_time: row.total_run_time,
        sort_time: row.sort_time,
    }
}

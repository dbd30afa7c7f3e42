//! The page of one flow run.

use std::{collections::BTreeSet, ops::RangeInclusive};

use model::{
    flow_run::FlowRun,
    id::{FlowRunId, LogId, TaskRunId},
    live::{LinesNews, Mark, RunNews, TasksNews},
    permission::ReadRuns,
    screen::{
        LINES_A_PAGE, LinePage, LinePlace, MOST_COUNTED, MOST_STATES, RunHead, RunLine, RunLines, RunLink, RunScreen,
        RunView, StateLine, TASKS_A_PAGE, TaskCount, TaskRow, TaskRows, Trouble,
    },
    state::{State, StateType},
    time::Timestamp,
};
use store::{
    Read, Tenant, Tx,
    column::Json,
    flow_run::FLOW_RUN,
    screen::{
        FIRST_BROKEN_TASK_RUN, FLOW_NAME, LAST_GOOD_RUN, LineRow, NEWEST_STATES, PARENT_RUN, RANKED_TASK_RUNS,
        StateLineRow, TASK_RUNS_AMONG, TASK_RUNS_BY_STATE, TASK_RUNS_OF_RUN, TaskListRow, lines,
    },
};
use uuid::Uuid;

use crate::{Cx, Error, Result, access::Workspace};

/// The most log lines that are told at once.
const MOST_NEW_LINES: usize = 500;
/// Among so many earlier runs one that ended well is looked for.
const LOOK_BACK: i64 = 1_000;
/// From this level on a log line tells of an error.
const ERROR: i64 = 40;
/// Before all lines of a log, and after all of them.
const START: LinePlace = LinePlace { at: Timestamp::EARLIEST, id: LogId(Uuid::nil()) };
pub(super) const END: LinePlace = LinePlace { at: Timestamp::LATEST, id: LogId(Uuid::max()) };
/// So many task runs are told in the order of their states; those beyond follow in the order in which they started.
const MOST_RANKED: i64 = MOST_COUNTED - 1;

/// A flow run with its states and a page of its log lines and of its task runs.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn run(cx: &Cx, at: Workspace<ReadRuns>, id: FlowRunId, view: RunView) -> Result<RunScreen> {
    let mark = cx.bus.mark();
    let screen = cx.db.read(ReadRun { of: Run { tenant: *at.tenant(), id }, view }).await?;
    Ok(RunScreen { mark, ..screen })
}

/// What may be new about a run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RunWanted {
    /// The run itself, with its states.
    pub head: bool,
    pub task_runs: BTreeSet<TaskRunId>,
    /// Log lines of this level and above: their number, and those of [`RunWanted::lines`] themselves.
    pub level: Option<i32>,
    /// From the first to the last that [`Change::Logs`](crate::bus::Change::Logs) told.
    pub lines: Option<RangeInclusive<LinePlace>>,
}

impl RunWanted {
    /// Asks for these lines too.
    pub fn widen(&mut self, lines: &RangeInclusive<LinePlace>) {
        let all = self.lines.get_or_insert_with(|| lines.clone());
        *all = *all.start().min(lines.start())..=*all.end().max(lines.end());
    }
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
}

impl Read for ReadRun {
    type Out = RunScreen;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<RunScreen> {
        let RunView { level, lines, tasks_after } = self.view;
        let head = self.of.head(tx).await?;
        let is_over = head.state.as_ref().is_some_and(|state| state.state_type.is_terminal());
        let lines = match lines {
            LinePage::Fitting if is_over => LinePage::Oldest,
            LinePage::Fitting => LinePage::Newest,
            asked => asked,
        };
        Ok(RunScreen {
            head,
            states: self.of.states(tx).await?,
            lines: self.of.lines(tx, level, lines).await?,
            tasks: self.of.tasks(tx, tasks_after).await?,
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
            news.lines = Some(of.new_lines(tx, level, wanted.lines.as_ref()).await?);
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
            flow,
            name: run.name,
            state: run.state.map(state_line),
            tags: run.tags,
            flow_version: run.flow_version,
            parent: parent.map(|(id, flow, name)| RunLink { id, flow, name }),
            parameters: (run.parameters != model::parameters::Parameters::default())
                .then(|| serde_json::to_string_pretty(&run.parameters).unwrap_or_default()),
            created: run.created,
            expected: run.expected_start_time,
            started: run.start_time,
            ended: run.end_time,
            trouble,
        })
    }

    async fn trouble(self, tx: &mut Tx<'_>, run: &FlowRun, state: &State) -> Result<Trouble> {
        let mut here = tx.of(&self.tenant);
        let first = here.optional(&FIRST_BROKEN_TASK_RUN, (self.id, MOST_COUNTED)).await?;
        let line =
            here.optional(&lines(ERROR).after, (self.id, ERROR, START.at, START.id, 1)).await?.map(|line| line.id);
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
        // One more than is shown tells whether the log goes on.
        let most = LINES_A_PAGE as i64 + 1;
        let mut here = tx.of(&self.tenant);
        let (forward, from) = match page {
            LinePage::Oldest => (true, START),
            LinePage::After(line) => (true, line),
            LinePage::Before(line) => (false, line),
            LinePage::Fitting | LinePage::Newest => (false, END),
        };
        let side = if forward { lines(level).after } else { lines(level).before };
        let mut rows = here.all(&side, (self.id, level, from.at, from.id, most)).await?;
        let goes_on = rows.len() > LINES_A_PAGE;
        rows.truncate(LINES_A_PAGE);
        if !forward {
            rows.reverse();
        }
        let lines: Vec<_> = rows.into_iter().map(line).collect();
        let before = self.count_lines_before(tx, level, lines.first().map_or(from, RunLine::place)).await?;
        let more = if forward { goes_on } else { from != END };
        Ok(RunLines { lines, before, total, more })
    }

    /// How many lines come before this one; none if they are more than are counted.
    async fn count_lines_before(self, tx: &mut Tx<'_>, level: i64, line: LinePlace) -> Result<Option<u64>> {
        let asked = (self.id, level, line.at, line.id, MOST_COUNTED);
        let (lines,) = tx.of(&self.tenant).one(&lines(level).count_before, asked).await?;
        Ok((lines < MOST_COUNTED).then(|| lines.unsigned_abs()))
    }

    async fn new_lines(
        self,
        tx: &mut Tx<'_>,
        level: i32,
        arrived: Option<&RangeInclusive<LinePlace>>,
    ) -> Result<LinesNews> {
        let level = i64::from(level);
        let total = self.count_lines(tx, level).await?;
        let mut rows = Vec::new();
        if let Some(arrived) = arrived {
            let (first, last) = (arrived.start(), arrived.end());
            let asked = (self.id, level, first.at, first.id, last.at, last.id, MOST_NEW_LINES as i64 + 1);
            rows = tx.of(&self.tenant).all(&lines(level).between, asked).await?;
        }
        let gap = rows.len() > MOST_NEW_LINES;
        if gap {
            // The page begins anew, at the end of the log: newer lines than those that arrived may stand there.
            let asked = (self.id, level, END.at, END.id, MOST_NEW_LINES as i64);
            rows = tx.of(&self.tenant).all(&lines(level).before, asked).await?;
        }
        Ok(LinesNews { lines: rows.into_iter().rev().map(line).collect(), total, gap })
    }

    async fn count_lines(self, tx: &mut Tx<'_>, level: i64) -> Result<u64> {
        let (lines,) = tx.of(&self.tenant).one(&lines(level).count, (self.id, level, MOST_COUNTED)).await?;
        Ok(lines.unsigned_abs())
    }

    async fn tasks(self, tx: &mut Tx<'_>, after: u32) -> Result<TaskRows> {
        let counts = self.count_tasks(tx).await?;
        let (most, after) = (TASKS_A_PAGE as i64 + 1, i64::from(after));
        let mut here = tx.of(&self.tenant);
        let mut rows = if after < MOST_RANKED {
            here.all(&RANKED_TASK_RUNS, (self.id, MOST_RANKED, most, after)).await?
        } else {
            here.all(&TASK_RUNS_OF_RUN, (self.id, most, after)).await?
        };
        let all = counts.iter().map(|count| count.runs).sum::<u64>();
        let before = after.unsigned_abs();
        let more = rows.len() > TASKS_A_PAGE || all > before + rows.len() as u64;
        rows.truncate(TASKS_A_PAGE);
        Ok(TaskRows { rows: rows.into_iter().map(task_row).collect(), before, counts, more })
    }

    async fn changed_tasks(self, tx: &mut Tx<'_>, changed: &BTreeSet<TaskRunId>) -> Result<TasksNews> {
        let among = Json(changed.iter().copied().collect::<Vec<_>>());
        let rows = tx.of(&self.tenant).all(&TASK_RUNS_AMONG, (among,)).await?;
        Ok(TasksNews { rows: rows.into_iter().map(task_row).collect(), counts: self.count_tasks(tx).await? })
    }

    async fn count_tasks(self, tx: &mut Tx<'_>) -> Result<Vec<TaskCount>> {
        let counts = tx.of(&self.tenant).all(&TASK_RUNS_BY_STATE, (self.id, MOST_COUNTED)).await?;
        let count = |(state_type, runs, begun): (_, i64, i64)| TaskCount {
            state_type,
            runs: runs.unsigned_abs(),
            begun: begun.unsigned_abs(),
        };
        Ok(counts.into_iter().map(count).collect())
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
        sort_time: row.sort_time,
    }
}

//! The topic of a run's page: the run itself, its task runs, and its new log lines.

use std::{collections::BTreeSet, ops::RangeInclusive};

use model::{
    id::{FlowRunId, TaskRunId},
    live::Update,
    permission::ReadRuns,
    screen::{LineSortKey, LogLinesUpdate, RunUpdate, TaskRunsUpdate},
};
use store::{
    Read, Tx,
    column::Json,
    screen::{TASK_RUNS_BY_IDS, log_line_statements},
};

use super::{END, RunReader, line};
use crate::{
    Cx, Error, Result,
    access::Workspace,
    changes::Change,
    screen::topic::{MAX_CHANGED, ReadUpdate, Topic},
};

/// The most log lines in one update.
const MAX_NEW_LINES: usize = 500;

/// One run.
pub struct RunTopic {
    run: RunReader,
    /// The lowest level of log lines that the page shows.
    level: i32,
    /// Whether updates contain the new log lines, or only their number.
    with_lines: bool,
    /// Whether the run had failed when it was last read for an update. It counts as failed before: lines that arrive after the page was
    /// read may tell the failure.
    failed: bool,
    changes: Changes,
}

/// What has changed since the last update.
#[derive(Clone, Debug, Default)]
struct Changes {
    /// The run itself, with its states.
    head: bool,
    task_runs: BTreeSet<TaskRunId>,
    /// Log lines of this level and above are requested: their number, and those in [`Changes::lines`].
    level: Option<i32>,
    /// The range of lines in all [`Change::Logs`].
    lines: Option<RangeInclusive<LineSortKey>>,
}

impl RunTopic {
    #[must_use]
    pub fn new(workspace: Workspace<ReadRuns>, flow_run: FlowRunId, level: i32, with_lines: bool) -> Self {
        let run = RunReader { tenant: *workspace.tenant(), id: flow_run };
        Self { run, level, with_lines, failed: true, changes: Changes::default() }
    }
}

impl Topic for RunTopic {
    fn record(&mut self, change: &Change) -> bool {
        let changes = &mut self.changes;
        match change {
            Change::FlowRun { flow_run, .. } if *flow_run == self.run.id => changes.head = true,
            Change::TaskRun { flow_run: Some(flow_run), task_run, .. } if *flow_run == self.run.id => {
                if changes.task_runs.len() <= MAX_CHANGED {
                    changes.task_runs.insert(*task_run);
                }
            }
            Change::Logs { flow_run, lines, .. } if *flow_run == self.run.id => {
                changes.level = Some(self.level);
                // Clients send lines in batches, so the line that tells the failure may come after the failed state.
                changes.head |= self.failed;
                if self.with_lines {
                    changes.extend_lines(lines);
                }
            }
            _ => return false,
        }
        true
    }

    fn read<'a>(&'a mut self, cx: &'a Cx) -> ReadUpdate<'a> {
        Box::pin(async {
            if self.changes.task_runs.len() > MAX_CHANGED {
                return Ok(None);
            }
            let update = cx.db.read(ReadRunUpdate { run: self.run, changes: self.changes.clone() }).await?;
            self.changes = Changes::default();
            self.failed = update.head.as_ref().map_or(self.failed, |head| head.failure.is_some());
            Ok(Some(Update::Run(Box::new(update))))
        })
    }
}

impl Changes {
    fn extend_lines(&mut self, lines: &RangeInclusive<LineSortKey>) {
        let range = self.lines.get_or_insert_with(|| lines.clone());
        *range = *range.start().min(lines.start())..=*range.end().max(lines.end());
    }
}

struct ReadRunUpdate {
    run: RunReader,
    changes: Changes,
}

impl Read for ReadRunUpdate {
    type Out = RunUpdate;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<RunUpdate> {
        let (run, changes) = (self.run, &self.changes);
        let mut update = RunUpdate::default();
        if changes.head {
            update.head = Some(run.head(tx).await?);
            update.states = Some(run.states(tx).await?);
        }
        if !changes.task_runs.is_empty() {
            update.tasks = Some(run.changed_tasks(tx, &changes.task_runs).await?);
        }
        if let Some(level) = changes.level {
            update.lines = Some(run.new_lines(tx, level, changes.lines.as_ref()).await?);
        }
        Ok(update)
    }
}

impl RunReader {
    async fn new_lines(
        self,
        tx: &mut Tx<'_>,
        level: i32,
        range: Option<&RangeInclusive<LineSortKey>>,
    ) -> Result<LogLinesUpdate> {
        let level = i64::from(level);
        let total = self.count_lines(tx, level).await?;
        let mut rows = Vec::new();
        if let Some(range) = range {
            let (first, last) = (range.start(), range.end());
            let params = (self.id, level, first.at, first.id, last.at, last.id, MAX_NEW_LINES as i64 + 1);
            rows = tx.of(&self.tenant).all(&log_line_statements(level).between, params).await?;
        }
        let gap = rows.len() > MAX_NEW_LINES;
        if gap {
            // The page starts again at the end of the log, where there may be newer lines than the range has.
            let params = (self.id, level, END.at, END.id, MAX_NEW_LINES as i64);
            rows = tx.of(&self.tenant).all(&log_line_statements(level).before, params).await?;
        }
        Ok(LogLinesUpdate { lines: rows.into_iter().rev().map(line).collect(), total, gap })
    }

    async fn changed_tasks(self, tx: &mut Tx<'_>, changed: &BTreeSet<TaskRunId>) -> Result<TaskRunsUpdate> {
        let ids = Json(changed.iter().copied().collect::<Vec<_>>());
        let rows = tx.of(&self.tenant).all(&TASK_RUNS_BY_IDS, (ids,)).await?;
        let rows = self.task_rows(tx, rows).await?;
        Ok(TaskRunsUpdate { rows, counts: self.count_tasks(tx).await?, subflows: self.count_subflows(tx).await? })
    }
}

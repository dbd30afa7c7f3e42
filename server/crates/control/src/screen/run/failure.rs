//! Why a run failed: the task run that failed first, and the log line that tells so.

use model::{
    flow_run::FlowRun,
    log::LogLevel,
    screen::{FailedTask, Failure, LineSortKey, MAX_COUNT},
    state::State,
    time::Timestamp,
};
use store::{
    Tx,
    screen::{
        FIRST_ERROR_OF_TASK_RUN, FIRST_FAILED_TASK_RUN, FailedTaskRunRow, LAST_COMPLETED_RUN, LAST_ERROR_OF_TASK_RUN,
        LAST_OWN_ERROR, log_line_statements,
    },
};

use super::{RunReader, START};
use crate::Result;

/// Among how many earlier runs the last completed one is searched.
const EARLIER_RUNS: i64 = 1_000;
/// Among how many lines of a task run, or warnings and errors of a flow run, an error is searched.
const SEARCHED_LINES: i64 = 1_000;
/// The level of the lines that tell a failure.
const ERROR: i64 = LogLevel::Error.number() as i64;

impl RunReader {
    pub(super) async fn failure(self, tx: &mut Tx<'_>, run: &FlowRun, state: &State) -> Result<Failure> {
        let mut scope = tx.of(&self.tenant);
        let first = scope.optional(&FIRST_FAILED_TASK_RUN, (self.id, MAX_COUNT)).await?;
        let before = run.start_time.or(run.expected_start_time).unwrap_or(run.created);
        let last_good = scope.optional(&LAST_COMPLETED_RUN, (run.flow_id, before, EARLIER_RUNS)).await?;
        let line = self.failure_line(tx, first.as_ref(), state.timestamp).await?;
        let Some(first) = first else {
            let message = state.message.clone().unwrap_or_default();
            return Ok(Failure { at: state.timestamp, task_run: None, message, line, last_good });
        };
        let subflows = self.subflows(tx, first.has_subflow_run.then_some(first.id).into_iter().collect()).await?;
        let subflow = subflows.get(&first.id).copied();
        let task_run = Some(FailedTask { id: first.id, name: first.name, subflow });
        Ok(Failure { at: first.timestamp, task_run, message: first.message.unwrap_or_default(), line, last_good })
    }

    /// The last error of the failed task run up to its failed state: clients write the exception just before they propose that state, and
    /// further lines afterwards. If the clock of the client is ahead, the first error of the task run. If it wrote none, or no task run
    /// failed, the flow run's own last error up to its failed state, or else its first one.
    async fn failure_line(
        self,
        tx: &mut Tx<'_>,
        failed: Option<&FailedTaskRunRow>,
        ended: Timestamp,
    ) -> Result<Option<LineSortKey>> {
        let mut scope = tx.of(&self.tenant);
        let key = |(id, at)| LineSortKey { at, id };
        if let Some(task) = failed {
            let last = (task.id, task.timestamp, SEARCHED_LINES, self.id, ERROR);
            let first = (task.id, SEARCHED_LINES, self.id, ERROR);
            let line = match scope.optional(&LAST_ERROR_OF_TASK_RUN, last).await? {
                None => scope.optional(&FIRST_ERROR_OF_TASK_RUN, first).await?,
                line => line,
            };
            if line.is_some() {
                return Ok(line.map(key));
            }
        }
        let own = scope.optional(&LAST_OWN_ERROR, (self.id, ended, SEARCHED_LINES, ERROR)).await?;
        if own.is_some() {
            return Ok(own.map(key));
        }
        let first = (self.id, ERROR, START.at, START.id, 1);
        let line = scope.optional(&log_line_statements(ERROR).after, first).await?;
        Ok(line.map(|line| LineSortKey { at: line.timestamp, id: line.id }))
    }
}

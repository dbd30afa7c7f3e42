//! One task run, and the states it went through.

use model::{id::TaskRunId, permission::ReadRuns, state::State, task_run::TaskRun};
use store::{state::TASK_RUN_STATES, task_run::TASK_RUN};

use crate::{Cx, Error, Result, access::Workspace, flow_run::MOST_PAST_STATES};

/// The run as it looks now.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(cx: &Cx, ws: Workspace<ReadRuns>, id: TaskRunId) -> Result<TaskRun> {
    let row = cx.db.of(ws.tenant()).optional(&TASK_RUN, (id,)).await?;
    row.map(|row| TaskRun::from(row).at(cx.clock.now())).ok_or(Error::NotFound("Task"))
}

/// Its states, oldest first; none for a run that is not there.
///
/// # Errors
/// Only those of the database.
pub async fn states(cx: &Cx, ws: Workspace<ReadRuns>, id: TaskRunId) -> Result<Vec<State>> {
    let rows = cx.db.of(ws.tenant()).all(&TASK_RUN_STATES, (id, MOST_PAST_STATES)).await?;
    Ok(rows.into_iter().map(State::from).collect())
}

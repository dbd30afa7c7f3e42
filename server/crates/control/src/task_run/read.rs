//! Reads one task run, and its past states.

use model::{id::TaskRunId, permission::ReadRuns, state::State, task_run::TaskRun};
use store::{state::TASK_RUN_STATES, task_run::TASK_RUN};

use crate::{Cx, Error, Result, access::Workspace, flow_run::MAX_PAST_STATES};

/// The run; its estimates are those of now.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(cx: &Cx, ws: Workspace<ReadRuns>, id: TaskRunId) -> Result<TaskRun> {
    let row = cx.db.of(ws.tenant()).optional(&TASK_RUN, (id,)).await?;
    row.map(|row| TaskRun::from(row).at(cx.clock.now())).ok_or(Error::not_found("Task", id))
}

/// The run's states, oldest first; none for a run that does not exist.
///
/// # Errors
/// Only those of the database.
pub async fn states(cx: &Cx, ws: Workspace<ReadRuns>, id: TaskRunId) -> Result<Vec<State>> {
    let rows = cx.db.of(ws.tenant()).all(&TASK_RUN_STATES, (id, MAX_PAST_STATES)).await?;
    Ok(rows.into_iter().collect())
}

//! Reads one flow run, and its past states.

use model::{flow_run::FlowRun, id::FlowRunId, permission::ReadRuns, state::State};
use store::{flow_run::FLOW_RUN, state::FLOW_RUN_STATES};

use crate::{Cx, Error, Result, access::Workspace};

/// The most states of one run that are returned.
pub(crate) const MAX_PAST_STATES: i64 = 10_000;

/// The run; its estimates are those of now.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(cx: &Cx, ws: Workspace<ReadRuns>, id: FlowRunId) -> Result<FlowRun> {
    let row = cx.db.of(ws.tenant()).optional(&FLOW_RUN, (id,)).await?;
    row.map(|row| FlowRun::from(row).at(cx.clock.now())).ok_or(Error::not_found("Flow run", id))
}

/// The run's states, oldest first; none for a run that does not exist.
///
/// # Errors
/// Only those of the database.
pub async fn states(cx: &Cx, ws: Workspace<ReadRuns>, id: FlowRunId) -> Result<Vec<State>> {
    let rows = cx.db.of(ws.tenant()).all(&FLOW_RUN_STATES, (id, MAX_PAST_STATES)).await?;
    Ok(rows.into_iter().collect())
}

//! Lists and counts of flow runs.

use model::{filter::query::FlowRunQuery, flow_run::FlowRun, page::Page, permission::ReadRuns, state::StateType};
use store::{
    counter::{RunKind, TOTALS},
    flow_run::flow_runs_counted_by_state,
};

use crate::{Cx, Result, access::Workspace};

/// The runs that match, in the order and page that the client asks for.
///
/// # Errors
/// Only those of the database.
pub async fn list(cx: &Cx, ws: Workspace<ReadRuns>, query: &FlowRunQuery, page: Page) -> Result<Vec<FlowRun>> {
    let rows = cx.db.of(ws.tenant()).list(query, page).await?;
    let now = cx.clock.now();
    Ok(rows.into_iter().map(|row| FlowRun::from(row).at(now)).collect())
}

/// How many runs match. If the counters have the answer, no run is read.
///
/// # Errors
/// Only those of the database.
pub async fn count(cx: &Cx, ws: Workspace<ReadRuns>, query: &FlowRunQuery) -> Result<i64> {
    if let Some(types) = flow_runs_counted_by_state(query) {
        let totals = cx.db.of(ws.tenant()).all(&TOTALS, (RunKind::FlowRun,)).await?;
        let counts = |state_type: &StateType| types.is_none_or(|types| types.contains(state_type));
        return Ok(totals.iter().filter(|(state_type, ..)| counts(state_type)).map(|(_, _, runs)| runs).sum());
    }
    Ok(cx.db.of(ws.tenant()).count(query).await?)
}

//! Lists and counts of flow runs.

use model::{filter::query::FlowRunQuery, flow_run::FlowRun, permission::ReadRuns, state::StateType, time::Timestamp};
use store::{
    counter::{RunKind, TOTALS},
    db::ScopedDb,
    flow_run::{FlowRunWithState, flow_runs_counted_by_state},
};

use crate::list::ListQuery;

impl ListQuery for FlowRunQuery {
    type Permission = ReadRuns;
    type Object = FlowRun;

    fn object(row: FlowRunWithState, now: Timestamp) -> FlowRun {
        FlowRun::from(row).at(now)
    }

    /// If the counters have the answer, no run is read.
    async fn count(&self, db: ScopedDb<'_>) -> store::Result<i64> {
        let Some(types) = flow_runs_counted_by_state(self) else { return db.count(self).await };
        let totals = db.all(&TOTALS, (RunKind::FlowRun,)).await?;
        let counts = |state_type: &StateType| types.is_none_or(|types| types.contains(state_type));
        Ok(totals.iter().filter(|(state_type, ..)| counts(state_type)).map(|(_, _, runs)| runs).sum())
    }
}

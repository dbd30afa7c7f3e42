//! Marks scheduled flow runs that did not start in time.

use engine::{api_version::Client, policy::FlowPolicy, transition::Proposal};
use model::time::Timestamp;
use store::{Actor, Read, Tx, flow_run::OVERDUE_FLOW_RUNS, flow_run::OverdueFlowRun, system::ServiceName};

use super::set_state::ProposeFlowRunState;
use crate::{Cx, Error, Result, write_context::WriteContext};

/// Marks up to `limit` flow runs Late that were due before a time and are still in a state named Scheduled, the longest overdue first.
/// Returns how many were found and how many were marked; a run that a client or another replica has changed since is left alone.
///
/// # Errors
/// Only those of the database, after a fault of a single run once all others were tried. What was marked stays marked.
pub async fn mark_late(cx: &Cx, due_before: Timestamp, limit: i64) -> Result<MarkedLate> {
    let overdue = cx.db.read(Overdue { due_before, limit }).await?;
    let mut marked = MarkedLate { found: overdue.len() as u64, marked: 0 };
    let mut failed = None;
    for OverdueFlowRun { workspace_id, id, state_id, next_scheduled_start_time: due } in overdue {
        let write = ProposeFlowRunState {
            actor: Actor::service(ServiceName::LateRuns, workspace_id),
            id,
            policy: FlowPolicy::MarkLate,
            proposal: Proposal::late(due),
            only_from: Some(state_id),
            client: Client::default(),
            context: WriteContext::of(cx),
        };
        match cx.db.write(write).await {
            Ok(decision) => marked.marked += u64::from(decision.change().is_some()),
            // Deleted since it was found.
            Err(Error::NotFound { .. }) => {}
            // The database has no capacity or is away, for the other runs too.
            Err(error @ (Error::TooManyRequests { .. } | Error::Unavailable | Error::InDoubt)) => return Err(error),
            // A fault of this one run must not keep the runs behind it from being marked.
            Err(error) => {
                tracing::warn!(flow_run.id = %id, %error, "a late flow run could not be marked");
                failed = Some(error);
            }
        }
    }
    failed.map_or(Ok(marked), Err)
}

/// See [`mark_late`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MarkedLate {
    pub found: u64,
    pub marked: u64,
}

struct Overdue {
    due_before: Timestamp,
    limit: i64,
}

impl Read for Overdue {
    type Out = Vec<OverdueFlowRun>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<OverdueFlowRun>> {
        let mut system = tx.system(ServiceName::LateRuns);
        Ok(system.all(&OVERDUE_FLOW_RUNS, (self.due_before, self.limit)).await?)
    }
}

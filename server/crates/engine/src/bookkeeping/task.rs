//! The bookkeeping of task runs.

use model::state::StateType;

use crate::{
    decision::TaskRunChange,
    facts::TaskRunFacts,
    transition::{Moment, Proposal},
};

/// The run in its new state.
pub(crate) fn enter(run: TaskRunFacts, mut to: Proposal, moment: Moment) -> TaskRunChange {
    let TaskRunFacts { id, flow_run_id, flow_run_run_count, mut ledger, current, .. } = run;
    let at = super::begin(moment.now, current.as_ref());
    ledger.enter(current.as_ref(), &to, at);

    to.details.flow_run_id = flow_run_id;
    to.details.task_run_id = Some(id);
    if to.state_type == StateType::Running {
        ledger.run_count = ledger.run_count.saturating_add(1);
    }
    TaskRunChange { state: to.into_state(moment.state_id, at), ledger, flow_run_run_count }
}

#[cfg(test)]
mod tests {
    use model::{
        id::FlowRunId,
        state::StateType::{Failed, Pending, Running, Scheduled},
    };

    use crate::{
        fixture::{id, minimal_task, moment, now, state, task},
        orchestration::{mirror, retry_failed_task_run},
        transition::Proposal,
    };

    #[test]
    fn every_start_counts() {
        for (from, to, run_count) in [(Pending, Running, 4), (Running, Running, 4), (Running, Failed, 3)] {
            let mut facts = task(Some(state(from)));
            facts.ledger.run_count = 3;
            assert_eq!(minimal_task(facts, Proposal::of(to)).change().unwrap().ledger.run_count, run_count);
        }
    }

    #[test]
    fn a_mirrored_state_belongs_to_the_task_run() {
        let facts = task(Some(state(Pending)));
        let subflow = FlowRunId(id(7));
        let mut subflow_state = state(Running);
        subflow_state.state_details.flow_run_id = Some(subflow);
        let decision = minimal_task(facts.clone(), mirror(&subflow_state, subflow));
        let details = &decision.answer().unwrap().state_details;
        assert_eq!(details.child_flow_run_id, Some(subflow));
        assert_eq!((details.flow_run_id, details.task_run_id), (facts.flow_run_id, Some(facts.id)));
    }

    #[test]
    fn a_failed_task_run_waits_with_its_flow_run_and_counts_anew() {
        let mut facts = task(Some(state(Failed)));
        facts.ledger.run_count = 3;
        facts.ledger.end_time = Some(now());
        let due = now().plus_seconds(9.0);
        let decision = retry_failed_task_run(facts, due, moment());
        let change = decision.change().unwrap();
        assert_eq!((change.state.state_type, change.state.name.as_str()), (Scheduled, "AwaitingRetry"));
        assert_eq!(change.state.state_details.scheduled_time, Some(due));
        assert_eq!((change.ledger.run_count, change.ledger.end_time), (0, None));
        assert_eq!(change.ledger.next_scheduled_start_time, Some(due));
    }
}

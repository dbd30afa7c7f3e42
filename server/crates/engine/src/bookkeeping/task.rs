//! Counts and times of task runs.

use model::state::StateType;

use crate::{
    decision::TaskRunChange,
    facts::TaskRunFacts,
    transition::{DecisionContext, Proposal},
};

/// The change that puts the run into the state `to`. The first state of a new run ([`TaskRunFacts::created`]) is entered without rules.
#[must_use]
pub fn enter(run: TaskRunFacts, mut to: Proposal, context: DecisionContext) -> TaskRunChange {
    let TaskRunFacts { id, flow_run_id, flow_run_run_count, mut times, current, .. } = run;
    let timestamp = super::state_timestamp(context.now, current.as_ref());
    super::enter(&mut times, current.as_ref(), &to, timestamp);

    to.details.flow_run_id = flow_run_id;
    to.details.task_run_id = Some(id);
    if to.state_type == StateType::Running {
        times.run_count = times.run_count.saturating_add(1);
    }
    let result = std::mem::take(&mut to.result);
    TaskRunChange { result, state: to.into_state(context.state_id, timestamp), times, flow_run_run_count }
}

#[cfg(test)]
mod tests {
    use model::{
        id::FlowRunId,
        state::StateType::{Failed, Pending, Running, Scheduled},
    };

    use crate::{
        fixture::{context, decide_minimal_task, id, now, state, task_run},
        orchestration::retry_failed_task_run,
        transition::Proposal,
    };

    #[test]
    fn run_count_grows_with_every_start() {
        for (from, to, run_count) in [(Pending, Running, 4), (Running, Running, 4), (Running, Failed, 3)] {
            let mut facts = task_run(Some(state(from)));
            facts.times.run_count = 3;
            assert_eq!(decide_minimal_task(facts, Proposal::of(to)).change().unwrap().times.run_count, run_count);
        }
    }

    #[test]
    fn a_mirrored_state_names_the_task_run_as_its_owner() {
        let facts = task_run(Some(state(Pending)));
        let subflow = FlowRunId(id(7));
        let mut subflow_state = state(Running);
        subflow_state.state_details.flow_run_id = Some(subflow);
        let decision = decide_minimal_task(facts.clone(), Proposal::mirroring(&subflow_state, subflow));
        let details = &decision.state().unwrap().state_details;
        assert_eq!(details.child_flow_run_id, Some(subflow));
        assert_eq!((details.flow_run_id, details.task_run_id), (facts.flow_run_id, Some(facts.id)));
    }

    #[test]
    fn retrying_a_flow_resets_the_run_count_of_failed_tasks() {
        let mut facts = task_run(Some(state(Failed)));
        facts.times.run_count = 3;
        facts.times.end_time = Some(now());
        let due = now().plus_seconds(9.0);
        let decision = retry_failed_task_run(facts, due, context());
        let change = decision.change().unwrap();
        assert_eq!((change.state.state_type, change.state.name.as_str()), (Scheduled, "AwaitingRetry"));
        assert_eq!(change.state.state_details.scheduled_time, Some(due));
        assert_eq!((change.times.run_count, change.times.end_time), (0, None));
        assert_eq!(change.times.next_scheduled_start_time, Some(due));
    }
}

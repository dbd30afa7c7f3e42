//! Counts and times of flow runs.

use model::state::StateType;

use crate::{
    api_version::Client,
    decision::FlowRunChange,
    facts::FlowRunFacts,
    transition::{DecisionContext, Proposal},
};

/// The change that puts the run into the state `to`. The first state of a new run ([`FlowRunFacts::created`]) is entered without rules,
/// because no rule can reject a new run.
#[must_use]
pub fn enter(run: FlowRunFacts, mut to: Proposal, client: Client, context: DecisionContext) -> FlowRunChange {
    let FlowRunFacts { id, parent_task_run_id, mut times, mut empirical_policy, current, .. } = run;
    let timestamp = super::state_timestamp(context.now, current.as_ref());
    super::enter(&mut times, current.as_ref(), &to, timestamp);

    to.details.flow_run_id = Some(id);
    to.details.task_run_id = parent_task_run_id.or(to.details.task_run_id);

    let resumes = client.supports_pauses() && empirical_policy.resuming == Some(true);
    if to.state_type == StateType::Running && !resumes {
        times.run_count = times.run_count.saturating_add(1);
    }
    if resumes && (to.state_type == StateType::Running || to.state_type.is_terminal()) {
        empirical_policy.resuming = Some(false);
    }
    let result = std::mem::take(&mut to.result);
    FlowRunChange { result, state: to.into_state(context.state_id, timestamp), times, empirical_policy }
}

#[cfg(test)]
mod tests {
    use model::{
        id::TaskRunId,
        state::StateType::{Cancelled, Paused, Pending, Running, Scheduled},
    };

    use crate::{
        decision::Effect,
        fixture::{
            LAST_VERSION_WITHOUT_PAUSES, context, decide_core_flow_for, decide_minimal_flow, flow_run, id, now, state,
        },
        transition::Proposal,
    };

    #[test]
    fn the_server_sets_the_id_and_time_of_a_state() {
        let mut proposal = Proposal::of(Running).named("Custom");
        proposal.message = Some("hello".to_owned());
        let facts = flow_run(Some(state(Pending)));
        let decision = decide_minimal_flow(facts.clone(), proposal);
        let state = decision.state().unwrap();
        assert_eq!((state.id, state.timestamp), (context().state_id, now()));
        assert_eq!((state.name.as_str(), state.message.as_deref()), ("Custom", Some("hello")));
        assert_eq!(state.state_details.flow_run_id, Some(facts.id));
        assert_eq!(state.state_details.task_run_id, None);
        assert_eq!(decision.effects(), []);
    }

    #[test]
    fn a_subflow_state_is_mirrored_to_its_parent_task_run() {
        let parent = TaskRunId(id(4));
        let mut facts = flow_run(Some(state(Pending)));
        facts.parent_task_run_id = Some(parent);
        let subflow = facts.id;
        let decision = decide_minimal_flow(facts, Proposal::of(Running));
        let state = decision.state().unwrap();
        assert_eq!(state.state_details.task_run_id, Some(parent));
        assert_eq!(decision.effects(), [Effect::MirrorToParent(parent)]);
        let mirrored = Proposal::mirroring(state, subflow);
        assert_eq!((mirrored.state_type, mirrored.name.as_str()), (Running, "Running"));
        assert_eq!(mirrored.details.child_flow_run_id, Some(subflow));
    }

    #[test]
    fn run_count_grows_on_start_but_not_on_resume() {
        let cases = [
            ("0.8.4", Pending, Running, false, 4, false),
            ("0.8.4", Running, Running, false, 4, false),
            ("0.8.4", Pending, Running, true, 3, false),
            (LAST_VERSION_WITHOUT_PAUSES, Pending, Running, true, 4, true),
            ("0.8.4", Running, Paused, true, 3, true),
            ("0.8.4", Scheduled, Cancelled, true, 3, false),
            ("0.8.4", Running, Scheduled, true, 3, true),
        ];
        for (version, from, to, resuming, run_count, still_resuming) in cases {
            let mut facts = flow_run(Some(state(from)));
            facts.times.run_count = 3;
            facts.empirical_policy.resuming = Some(resuming);
            let decision = decide_core_flow_for(version, facts, Proposal::of(to));
            let change = decision.change().unwrap();
            assert_eq!(change.times.run_count, run_count, "{version} {from:?} -> {to:?}");
            assert_eq!(change.empirical_policy.resuming, Some(still_resuming), "{version} {from:?} -> {to:?}");
        }
    }
}

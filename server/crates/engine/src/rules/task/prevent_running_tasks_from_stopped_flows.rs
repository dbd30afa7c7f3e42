//! A task run can only start while its flow run is running.

use model::state::StateType;

use super::{Judgement, Rule};
use crate::{
    facts::{Facts, Needs, TaskRunFacts},
    transition::{Proposal, States, Transition},
};

pub const RULE: Rule = Rule {
    name: "PreventRunningTasksFromStoppedFlows",
    from: States::ALL,
    to: States::of(&[StateType::Running]),
    needs: Needs::new(Facts::FLOW_RUN, States::of(&[StateType::Running])),
    judge,
};

fn judge(_: &Transition<'_>, run: &TaskRunFacts) -> Judgement {
    let Some(flow_run) = run.flow_run else { return Judgement::pass() };
    match flow_run.state_type {
        Some(StateType::Running) => Judgement::pass(),
        Some(StateType::Paused) => {
            let mut not_ready = Proposal::of(StateType::Paused).named("NotReady");
            not_ready.details.pause_timeout = flow_run.pause_timeout;
            not_ready.details.pause_reschedule = flow_run.pause_reschedule;
            let id = flow_run.id;
            Judgement::replace(
                not_ready,
                format!("The flow is paused, new tasks can execute after resuming flow run: {id}."),
            )
        }
        _ => Judgement::abort("The enclosing flow must be running to begin task execution."),
    }
}

#[cfg(test)]
mod tests {
    use model::state::StateType::{self, Completed, Failed, Paused, Pending, Running};

    use crate::{
        decision::Verdict,
        fixture::{aborted, decide_core_task, decide_minimal_task, now, rejected, state, task_run},
        transition::Proposal,
    };

    #[test]
    fn a_task_run_starts_only_in_a_running_flow_run() {
        let stopped = || aborted("The enclosing flow must be running to begin task execution.");
        let others = StateType::ALL.into_iter().filter(|state_type| ![Running, Paused].contains(state_type));
        let stopped_flows = others.map(Some).chain([None]).map(|state_type| (state_type, stopped()));
        for (flow_state, expected) in stopped_flows.chain([(Some(Running), Verdict::Accept)]) {
            let mut facts = task_run(Some(state(Pending)));
            facts.flow_run.as_mut().unwrap().state_type = flow_state;
            assert_eq!(decide_core_task(facts.clone(), Proposal::of(Running)).verdict, expected, "{flow_state:?}");
            assert_eq!(decide_core_task(facts.clone(), Proposal::of(Completed)).verdict, Verdict::Accept);
            assert_eq!(decide_minimal_task(facts, Proposal::of(Running)).verdict, Verdict::Accept);
        }
    }

    #[test]
    fn a_task_run_of_a_paused_flow_run_is_paused_too() {
        let mut facts = task_run(Some(state(Failed)));
        facts.times.run_count = 2;
        let flow_run = facts.flow_run.as_mut().unwrap();
        flow_run.state_type = Some(Paused);
        flow_run.pause_timeout = Some(now());
        flow_run.pause_reschedule = true;
        let flow_run_id = flow_run.id;
        let decision = decide_core_task(facts, Proposal::of(Running));
        assert_eq!(
            decision.verdict,
            rejected(&format!("The flow is paused, new tasks can execute after resuming flow run: {flow_run_id}."))
        );
        let change = decision.change().unwrap();
        assert_eq!((change.state.state_type, change.state.name.as_str()), (Paused, "NotReady"));
        assert_eq!(change.state.state_details.pause_timeout, Some(now()));
        assert!(change.state.state_details.pause_reschedule);
        assert_eq!(change.times.run_count, 2, "the rerun did not happen, so the run count is not reset");
        assert_eq!(change.flow_run_run_count, 0);
    }

    #[test]
    fn a_task_run_without_a_flow_run_starts() {
        let mut facts = task_run(Some(state(Pending)));
        (facts.flow_run, facts.flow_run_id) = (None, None);
        assert_eq!(decide_core_task(facts, Proposal::of(Running)).verdict, Verdict::Accept);
    }
}

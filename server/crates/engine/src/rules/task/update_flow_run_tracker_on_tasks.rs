//! Stores in a task run the attempt of its flow run in which it last started.

use model::state::StateType;

use super::{Judgement, Rule};
use crate::{
    facts::{Facts, Needs, TaskRunFacts, TaskRunPatch},
    transition::{States, Transition},
};

pub const RULE: Rule = Rule {
    name: "UpdateFlowRunTrackerOnTasks",
    from: States::ALL,
    to: States::of(&[StateType::Running]),
    needs: Needs::new(Facts::FLOW_RUN, States::of(&[StateType::Running])),
    judge,
};

fn judge(_: &Transition<'_>, run: &TaskRunFacts) -> Judgement {
    let attempt = run.flow_run.map(|flow_run| TaskRunPatch::FlowRunRunCount(flow_run.run_count));
    Judgement::pass().with_patches(attempt)
}

#[cfg(test)]
mod tests {
    use model::state::StateType::{Completed, Pending, Running};

    use crate::{
        fixture::{decide_core_task, state, task_run},
        transition::Proposal,
    };

    #[test]
    fn the_attempt_is_stored_when_the_task_run_starts() {
        for (from, to, has_flow_run, expected) in
            [(Pending, Running, true, 2), (Pending, Running, false, 1), (Running, Completed, true, 1)]
        {
            let mut facts = task_run(Some(state(from)));
            facts.flow_run_run_count = 1;
            facts.flow_run.as_mut().unwrap().run_count = 2;
            facts.flow_run = facts.flow_run.filter(|_| has_flow_run);
            let decision = decide_core_task(facts, Proposal::of(to));
            assert_eq!(decision.change().unwrap().flow_run_run_count, expected, "{from:?} -> {to:?}");
        }
    }
}

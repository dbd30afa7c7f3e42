//! Transitions of a task run from a terminal state. Aborts those to Cancelling, Paused and Crashed; rejects all others if the run has a
//! result; and on a rerun resets the run count, and names the state Retrying if the flow run is being retried.

use model::state::{State, StateType};
use serde_json::Value;

use super::{Judgement, Rule};
use crate::{
    facts::{Facts, Needs, TaskRunFacts, TaskRunPatch},
    transition::{States, Transition},
};

pub const RULE: Rule = Rule {
    name: "HandleTaskTerminalStateTransitions",
    from: States::TERMINAL,
    to: States::ALL,
    needs: Needs::new(Facts::FLOW_RUN, States::of(&[StateType::Running])),
    judge,
};

fn judge(transition: &Transition<'_>, run: &TaskRunFacts) -> Judgement {
    let Some(from) = transition.from else { return Judgement::pass() };
    let to = transition.to.state_type;
    if matches!(to, StateType::Cancelling | StateType::Paused | StateType::Crashed) {
        return Judgement::abort(format!("Run is already {}.", from.state_type.as_str()));
    }
    if has_result(from) {
        return Judgement::reject("This run is already completed.");
    }
    let flow_is_retried = run.flow_run.is_some_and(|flow_run| run.flow_run_run_count < flow_run.run_count);
    let judgement = if to == StateType::Running && flow_is_retried {
        Judgement::rewrite(transition.to.clone().named("Retrying"))
    } else {
        Judgement::pass()
    };
    if to.is_terminal() { judgement } else { judgement.with_patches([TaskRunPatch::RunCount(0)]) }
}

/// Whether a client can load the run's result. Unlike for a flow run, the data may be of any JSON type.
fn has_result(from: &State) -> bool {
    let kind = from.data.as_ref().map(|data| data.get("type").and_then(Value::as_str));
    from.state_type == StateType::Completed && kind.is_some_and(|kind| kind != Some("unpersisted"))
}

#[cfg(test)]
mod tests {
    use model::state::StateType::{
        Cancelled, Cancelling, Completed, Crashed, Failed, Paused, Pending, Running, Scheduled,
    };
    use serde_json::json;

    use crate::{
        decision::Verdict,
        fixture::{aborted, decide_core_task, decide_minimal_task, rejected, state, state_with_data, task_run},
        transition::Proposal,
    };

    #[test]
    fn a_task_run_leaves_a_terminal_state_only_for_a_rerun() {
        let result = || state_with_data(Completed, json!({"encoding": "result", "blob": "{}"}));
        let unpersisted = || state_with_data(Completed, json!({"type": "unpersisted"}));
        let cases = [
            (state(Failed), Cancelling, aborted("Run is already FAILED.")),
            (state(Crashed), Paused, aborted("Run is already CRASHED.")),
            (state(Cancelled), Crashed, aborted("Run is already CANCELLED.")),
            (result(), Running, rejected("This run is already completed.")),
            (result(), Completed, rejected("This run is already completed.")),
            (state_with_data(Completed, json!("text")), Running, rejected("This run is already completed.")),
            (unpersisted(), Running, Verdict::Accept),
            (state(Completed), Running, Verdict::Accept),
            (state(Failed), Scheduled, Verdict::Accept),
            (state(Failed), Completed, Verdict::Accept),
        ];
        for (from, to, expected) in cases {
            let label = format!("{from:?} -> {to:?}");
            let decision = decide_core_task(task_run(Some(from)), Proposal::of(to));
            assert_eq!(decision.verdict, expected, "{label}");
            assert_eq!(decision.change().is_some(), expected == Verdict::Accept);
        }
        assert_eq!(decide_minimal_task(task_run(Some(result())), Proposal::of(Running)).verdict, Verdict::Accept);
    }

    #[test]
    fn a_rerun_resets_the_run_count() {
        for (to, run_count) in [(Pending, 0), (Running, 1), (Cancelled, 4)] {
            let mut facts = task_run(Some(state(Failed)));
            facts.times.run_count = 4;
            let decision = decide_core_task(facts, Proposal::of(to));
            assert_eq!(decision.change().unwrap().times.run_count, run_count, "{to:?}");
        }
    }

    #[test]
    fn a_rerun_by_a_flow_retry_is_named_retrying() {
        for (attempt, name) in [(1, "Retrying"), (2, "Running"), (3, "Running")] {
            let mut facts = task_run(Some(state(Failed)));
            facts.flow_run.as_mut().unwrap().run_count = 2;
            facts.flow_run_run_count = attempt;
            facts.times.run_count = 4;
            let decision = decide_core_task(facts, Proposal::of(Running));
            assert_eq!(decision.change().unwrap().state.name, name, "{attempt}");
        }
    }
}

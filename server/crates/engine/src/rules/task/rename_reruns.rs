//! Names the state of a rerun: Retrying or Rerunning instead of Running.

use model::state::StateType;

use super::{Judgement, Rule};
use crate::{
    facts::{Needs, TaskRunFacts},
    transition::{States, Transition},
};

pub const RULE: Rule =
    Rule { name: "RenameReruns", from: States::ALL, to: States::of(&[StateType::Running]), needs: Needs::NONE, judge };

fn judge(transition: &Transition<'_>, run: &TaskRunFacts) -> Judgement {
    let Some(from) = transition.from.filter(|_| run.times.run_count > 0) else { return Judgement::pass() };
    let name = if from.name == "AwaitingRetry" { "Retrying" } else { "Rerunning" };
    Judgement::rewrite(transition.to.clone().named(name))
}

#[cfg(test)]
mod tests {
    use model::state::StateType::{Pending, Running};

    use crate::{
        fixture::{decide_core_task, now, scheduled, state, task_run},
        transition::Proposal,
    };

    #[test]
    fn a_rerun_is_named_retrying_or_rerunning() {
        let mut awaiting_retry = scheduled(now());
        awaiting_retry.name = "AwaitingRetry".to_owned();
        let cases = [
            (Some(awaiting_retry.clone()), 0, "Running"),
            (Some(awaiting_retry), 1, "Retrying"),
            (Some(scheduled(now())), 1, "Rerunning"),
            (Some(state(Pending)), 0, "Running"),
            (Some(state(Pending)), 2, "Rerunning"),
            (Some(state(Running)), 1, "Rerunning"),
            (None, 1, "Running"),
        ];
        for (from, run_count, expected) in cases {
            let label = format!("{from:?} {run_count}");
            let mut facts = task_run(from);
            facts.times.run_count = run_count;
            let decision = decide_core_task(facts, Proposal::of(Running));
            assert_eq!(decision.change().unwrap().state.name, expected, "{label}");
        }
    }
}

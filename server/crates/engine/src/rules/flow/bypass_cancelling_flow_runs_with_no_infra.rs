//! A run that has no process is cancelled at once, because there is no process to report that it stopped.

use model::state::StateType;

use super::{Judgement, Rule};
use crate::{
    facts::{FlowRunFacts, Needs},
    transition::{Proposal, States, Transition},
};

pub const RULE: Rule = Rule {
    name: "BypassCancellingFlowRunsWithNoInfra",
    from: States::of(&[StateType::Scheduled, StateType::Paused]),
    to: States::of(&[StateType::Cancelling]),
    needs: Needs::NONE,
    judge,
};

fn judge(transition: &Transition<'_>, run: &FlowRunFacts) -> Judgement {
    let Some(from) = transition.from else { return Judgement::pass() };
    let has_no_process = run.infrastructure_pid.as_ref().is_none_or(String::is_empty);
    let cancelled = || Proposal::of(StateType::Cancelled);
    if (from.state_type == StateType::Scheduled && has_no_process) || from.name == "Resuming" {
        return Judgement::replace(cancelled(), "Scheduled flow run has no infrastructure to terminate.");
    }
    if from.state_type == StateType::Paused && from.state_details.pause_reschedule {
        return Judgement::replace(cancelled(), "Suspended flow run has no infrastructure to terminate.");
    }
    Judgement::pass()
}

#[cfg(test)]
mod tests {
    use model::state::StateType::{Cancelled, Cancelling, Paused, Running, Scheduled};

    use crate::{
        decision::{Change, Verdict},
        fixture::{decide_core_flow, decide_minimal_flow, flow_run, rejected, state},
        transition::Proposal,
    };

    #[test]
    fn a_run_without_a_process_is_cancelled_at_once() {
        let mut resuming = state(Scheduled);
        resuming.name = "Resuming".to_owned();
        let mut suspended = state(Paused);
        suspended.state_details.pause_reschedule = true;
        let not_started = || rejected("Scheduled flow run has no infrastructure to terminate.");
        let has_no_process = rejected("Suspended flow run has no infrastructure to terminate.");
        let cases = [
            (state(Scheduled), None, not_started()),
            (state(Scheduled), Some("pid"), Verdict::Accept),
            (resuming, Some("pid"), not_started()),
            (suspended, Some("pid"), has_no_process),
            (state(Paused), None, Verdict::Accept),
            (state(Running), None, Verdict::Accept),
        ];
        for (from, pid, expected) in cases {
            let mut facts = flow_run(Some(from.clone()));
            facts.infrastructure_pid = pid.map(str::to_owned);
            for decision in [
                decide_core_flow(facts.clone(), Proposal::of(Cancelling)),
                decide_minimal_flow(facts.clone(), Proposal::of(Cancelling)),
            ] {
                assert_eq!(decision.verdict, expected, "{from:?} {pid:?}");
                let to = if expected == Verdict::Accept { Cancelling } else { Cancelled };
                assert_eq!(decision.change().unwrap().state().state_type, to);
            }
        }
    }
}

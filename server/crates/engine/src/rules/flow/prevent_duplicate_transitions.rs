//! Rejects a repeated request: a client that got no response sends the same transition again.

use super::{Judgement, Rule};
use crate::{
    facts::{FlowRunFacts, Needs},
    transition::{States, Transition},
};

pub const RULE: Rule =
    Rule { name: "PreventDuplicateTransitions", from: States::ALL, to: States::ALL, needs: Needs::NONE, judge };

fn judge(transition: &Transition<'_>, _: &FlowRunFacts) -> Judgement {
    let proposed = transition.to.details.transition_id;
    let current = transition.from.and_then(|from| from.state_details.transition_id);
    if proposed.is_some() && proposed == current {
        return Judgement::reject("This run has already made this state transition.");
    }
    Judgement::pass()
}

#[cfg(test)]
mod tests {
    use model::state::StateType::{Pending, Running};

    use crate::{
        decision::Verdict,
        fixture::{decide_core_flow, decide_minimal_flow, flow_run, id, rejected, state},
        transition::Proposal,
    };

    #[test]
    fn a_repeated_transition_is_rejected() {
        let repeated = rejected("This run has already made this state transition.");
        let cases = [
            (None, None, Verdict::Accept),
            (Some(1), None, Verdict::Accept),
            (None, Some(1), Verdict::Accept),
            (Some(1), Some(2), Verdict::Accept),
            (Some(1), Some(1), repeated),
        ];
        for (current, proposed, expected) in cases {
            let mut facts = flow_run(Some(state(Pending)));
            facts.current.as_mut().unwrap().state_details.transition_id = current.map(id);
            let mut proposal = Proposal::of(Running);
            proposal.details.transition_id = proposed.map(id);
            let decision = decide_core_flow(facts.clone(), proposal.clone());
            assert_eq!(decision.verdict, expected, "{current:?} -> {proposed:?}");
            assert_eq!(decision.change().is_some(), expected == Verdict::Accept);
            assert_eq!(decide_minimal_flow(facts, proposal).verdict, Verdict::Accept, "force bypasses this rule");
        }
    }
}

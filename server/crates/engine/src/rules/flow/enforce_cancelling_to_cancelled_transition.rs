//! A cancelling run can only become cancelled: other states that its terminating process reports are rejected.

use model::state::StateType;

use super::{Judgement, Rule};
use crate::{
    facts::{FlowRunFacts, Needs},
    transition::{States, Transition},
};

pub const RULE: Rule = Rule {
    name: "EnforceCancellingToCancelledTransition",
    from: States::of(&[StateType::Cancelling]),
    to: States::ALL.except(StateType::Cancelled),
    needs: Needs::NONE,
    judge,
};

fn judge(_: &Transition<'_>, _: &FlowRunFacts) -> Judgement {
    Judgement::reject("Cannot transition flows that are cancelling to a state other than Cancelled.")
}

#[cfg(test)]
mod tests {
    use model::state::StateType::{self, Cancelled, Cancelling};

    use crate::{
        decision::Verdict,
        fixture::{decide_core_flow, decide_minimal_flow, flow_run, rejected, state},
        transition::Proposal,
    };

    #[test]
    fn a_cancelling_run_can_only_become_cancelled() {
        let rejection = rejected("Cannot transition flows that are cancelling to a state other than Cancelled.");
        for to in StateType::ALL {
            let expected = if to == Cancelled { Verdict::Accept } else { rejection.clone() };
            assert_eq!(
                decide_core_flow(flow_run(Some(state(Cancelling))), Proposal::of(to)).verdict,
                expected,
                "{to:?}"
            );
            assert_eq!(
                decide_minimal_flow(flow_run(Some(state(Cancelling))), Proposal::of(to)).verdict,
                Verdict::Accept
            );
        }
    }
}

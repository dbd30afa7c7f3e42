//! A persisted result cannot be overwritten by a state without one, not even by force.

use model::state::{State, StateType, is_persisted};

use super::{Judgement, Rule};
use crate::{
    facts::{FlowRunFacts, Needs},
    transition::{Proposal, States, Transition},
};

pub const RULE: Rule =
    Rule { name: "PreventResultDataLoss", from: States::TERMINAL, to: States::TERMINAL, needs: Needs::NONE, judge };

pub(super) const REASON: &str =
    "Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.";

fn judge(transition: &Transition<'_>, _: &FlowRunFacts) -> Judgement {
    match transition.from {
        Some(from) if loses_result(from, transition.to) => Judgement::reject(REASON),
        _ => Judgement::pass(),
    }
}

/// Whether the transition would lose the persisted result of a completed run.
pub(super) fn loses_result(from: &State, to: &Proposal) -> bool {
    let stays_completed = from.state_type == StateType::Completed && to.state_type == StateType::Completed;
    stays_completed && is_persisted(from.data.as_ref()) && !is_persisted(to.data.as_ref())
}

#[cfg(test)]
mod tests {
    use model::state::StateType::{Completed, Failed};
    use serde_json::json;

    use super::REASON;
    use crate::{
        decision::Verdict,
        fixture::{decide_minimal_flow, flow_run, rejected, state, state_with_data},
        transition::Proposal,
    };

    #[test]
    fn force_does_not_overwrite_a_persisted_result() {
        let result = || state_with_data(Completed, json!({"type": "reference"}));
        let mut other_result = Proposal::of(Completed);
        other_result.data = Some(json!({"type": "literal"}));
        let cases = [
            (result(), Proposal::of(Completed), rejected(REASON)),
            (result(), other_result, Verdict::Accept),
            (result(), Proposal::of(Failed), Verdict::Accept),
            (state_with_data(Completed, json!({"type": "unpersisted"})), Proposal::of(Completed), Verdict::Accept),
            (state_with_data(Completed, json!("text")), Proposal::of(Completed), Verdict::Accept),
            (state(Completed), Proposal::of(Completed), Verdict::Accept),
        ];
        for (from, to, expected) in cases {
            assert_eq!(decide_minimal_flow(flow_run(Some(from.clone())), to).verdict, expected, "{from:?}");
        }
    }
}

//! Only a scheduled run that is not late yet becomes Late.

use model::state::StateType;

use super::{Judgement, Rule};
use crate::{
    facts::{FlowRunFacts, Needs},
    transition::{LATE, States, Transition},
};

pub const RULE: Rule = Rule {
    name: "EnsureOnlyScheduledFlowsMarkedLate",
    from: States::ALL,
    to: States::of(&[StateType::Scheduled]),
    needs: Needs::NONE,
    judge,
};

fn judge(transition: &Transition<'_>, _: &FlowRunFacts) -> Judgement {
    match transition.from {
        Some(from) if transition.to.name == LATE => match (from.state_type, from.name.as_str()) {
            (StateType::Scheduled, LATE) => Judgement::reject("This flow run is already marked late."),
            (StateType::Scheduled, _) => Judgement::pass(),
            _ => Judgement::reject("Only scheduled flows can be marked late."),
        },
        _ => Judgement::pass(),
    }
}

#[cfg(test)]
mod tests {
    use model::state::StateType::{Pending, Running, Scheduled};

    use crate::{
        decision::Verdict,
        fixture::{decide_core_flow, decide_late_flow, flow_run, now, rejected, scheduled, state},
        transition::Proposal,
    };

    #[test]
    fn a_run_becomes_late_once_and_only_while_scheduled() {
        let mut late = scheduled(now());
        late.name = "Late".to_owned();
        let cases = [
            (scheduled(now()), Verdict::Accept),
            (late, rejected("This flow run is already marked late.")),
            (state(Pending), rejected("Only scheduled flows can be marked late.")),
            (state(Running), rejected("Only scheduled flows can be marked late.")),
        ];
        for (from, expected) in cases {
            for decide in [decide_core_flow, decide_late_flow] {
                let decision = decide(flow_run(Some(from.clone())), Proposal::late(now()));
                assert_eq!(decision.verdict, expected, "{from:?}");
                assert_eq!(decision.change().is_some(), expected == Verdict::Accept);
            }
        }
    }

    #[test]
    fn the_late_state_keeps_when_the_run_was_due() {
        let decision = decide_late_flow(flow_run(Some(scheduled(now()))), Proposal::late(now()));
        let change = decision.change().unwrap();
        assert_eq!((change.state.state_type, change.state.name.as_str()), (Scheduled, "Late"));
        assert_eq!(change.state.state_details.scheduled_time, Some(now()));
        assert_eq!(change.times.next_scheduled_start_time, Some(now()));
    }
}

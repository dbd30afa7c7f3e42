//! A pending run keeps the scheduled time of the state before, so that the run does not start early.

use model::state::StateType;

use super::Rule;
use crate::{
    decision::Judgement,
    facts::{Needs, Run},
    transition::{States, Transition},
};

pub const fn rule<R: Run>() -> Rule<R> {
    Rule {
        name: "CopyScheduledTime",
        from: States::of(&[StateType::Scheduled]),
        to: States::of(&[StateType::Pending]),
        needs: Needs::NONE,
        judge,
    }
}

fn judge<R: Run>(transition: &Transition<'_>, _: &R) -> Judgement<R::Patch> {
    let scheduled_time = transition.from.and_then(|from| from.state_details.scheduled_time);
    if scheduled_time.is_none() || transition.to.details.scheduled_time.is_some() {
        return Judgement::pass();
    }
    let mut pending = transition.to.clone();
    pending.details.scheduled_time = scheduled_time;
    Judgement::rewrite(pending)
}

#[cfg(test)]
mod tests {
    use model::{state::StateType, time::Timestamp};

    use crate::{
        decision::{Change, Verdict},
        fixture::{decide_core_flow, decide_core_task, flow_run, scheduled, state, task_run},
        transition::Proposal,
    };

    #[test]
    fn a_pending_run_keeps_its_scheduled_time() {
        let [due, other] = [5, 6].map(Timestamp::from_micros);
        let mut with_own_time = Proposal::of(StateType::Pending);
        with_own_time.details.scheduled_time = Some(other);
        let cases = [
            (scheduled(due), Proposal::of(StateType::Pending), Some(due)),
            (scheduled(due), with_own_time, Some(other)),
            (state(StateType::Failed), Proposal::of(StateType::Pending), None),
        ];
        for (from, to, expected) in cases {
            let flow_run = decide_core_flow(flow_run(Some(from.clone())), to.clone());
            assert_eq!(flow_run.verdict, Verdict::Accept);
            assert_eq!(flow_run.change().unwrap().state().state_details.scheduled_time, expected);
            let task_run = decide_core_task(task_run(Some(from)), to);
            assert_eq!(task_run.change().unwrap().state().state_details.scheduled_time, expected);
        }
    }
}

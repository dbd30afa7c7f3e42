//! Keeps two workers from submitting the same run: only one of them can move it to PENDING.

use model::state::{State, StateType};

use super::Rule;
use crate::{
    decision::Judgement,
    facts::{Needs, Run},
    transition::{Proposal, States, Transition},
};

pub const fn rule<R: Run>() -> Rule<R> {
    Rule {
        name: "PreventPendingTransitions",
        from: States::of(&[StateType::Pending, StateType::Cancelling, StateType::Running, StateType::Cancelled]),
        to: States::of(&[StateType::Pending]),
        needs: Needs::NONE,
        judge,
    }
}

fn judge<R: Run>(transition: &Transition<'_>, _: &R) -> Judgement<R::Patch> {
    let Some(from) = transition.from else { return Judgement::pass() };
    if is_next_step_of_submission(from, transition.to) {
        let mut pending = transition.to.clone();
        pending.details.scheduled_time = from.state_details.scheduled_time;
        pending.details.deployment_concurrency_lease_id = from.state_details.deployment_concurrency_lease_id;
        return Judgement::rewrite(pending);
    }
    Judgement::abort(format!(
        "This run is in a {} state and cannot transition to a PENDING state.",
        from.state_type.as_str()
    ))
}

/// The worker that submits the run reports progress by other names of PENDING, such as Submitting.
fn is_next_step_of_submission(from: &State, to: &Proposal) -> bool {
    from.state_type == StateType::Pending && from.name != to.name && to.name != StateType::Pending.default_name()
}

#[cfg(test)]
mod tests {
    use model::{
        id::LeaseId,
        state::StateType::{
            self, Cancelled, Cancelling, Completed, Crashed, Failed, Paused, Pending, Running, Scheduled,
        },
        time::Timestamp,
    };

    use crate::{
        decision::{Change, Verdict},
        facts::TaskRunFacts,
        fixture::{decide_background_task, decide_core_flow, decide_core_task, flow_run, id, state, task_run},
        transition::Proposal,
    };

    fn aborted(from: StateType) -> Verdict {
        Verdict::Abort {
            reason: format!("This run is in a {} state and cannot transition to a PENDING state.", from.as_str())
                .into(),
        }
    }

    #[test]
    fn a_run_that_is_being_submitted_or_runs_cannot_be_pending() {
        for from in [Pending, Running, Cancelled] {
            let decision = decide_core_flow(flow_run(Some(state(from))), Proposal::of(Pending));
            assert_eq!(decision.verdict, aborted(from));
            assert_eq!(decision.state().unwrap().state_type, from, "the response contains the current state");
        }
        for from in [Scheduled, Completed, Failed, Crashed, Paused] {
            assert_eq!(
                decide_core_flow(flow_run(Some(state(from))), Proposal::of(Pending)).verdict,
                Verdict::Accept,
                "{from:?}"
            );
        }
        assert_eq!(decide_core_flow(flow_run(None), Proposal::of(Pending)).verdict, Verdict::Accept);
    }

    #[test]
    fn a_pending_run_can_change_its_name() {
        let cases = [
            ("Pending", "Submitting", true),
            ("Submitting", "InfrastructurePending", true),
            ("Submitting", "Submitting", false),
            ("Submitting", "Pending", false),
            ("Pending", "Pending", false),
        ];
        for (from, to, accepted) in cases {
            let mut pending = state(Pending);
            pending.name = from.to_owned();
            let decision = decide_core_flow(flow_run(Some(pending)), Proposal::of(Pending).named(to));
            assert_eq!(decision.verdict == Verdict::Accept, accepted, "{from} -> {to}");
        }
    }

    #[test]
    fn scheduled_time_and_lease_survive_a_name_change() {
        let mut pending = state(Pending);
        pending.state_details.scheduled_time = Some(Timestamp::from_micros(5));
        pending.state_details.deployment_concurrency_lease_id = Some(LeaseId(id(9)));
        let details = pending.state_details.clone();
        let decision = decide_core_flow(flow_run(Some(pending)), Proposal::of(Pending).named("Submitting"));
        let state = decision.change().unwrap().state();
        assert_eq!(state.name, "Submitting");
        assert_eq!(state.state_details.scheduled_time, details.scheduled_time);
        assert_eq!(state.state_details.deployment_concurrency_lease_id, details.deployment_concurrency_lease_id);
    }

    #[test]
    fn the_rule_applies_to_background_task_runs_only() {
        let pending_twice = |decide: fn(TaskRunFacts, Proposal) -> Verdict, from| {
            decide(task_run(Some(state(from))), Proposal::of(Pending))
        };
        for from in [Pending, Running, Cancelling, Cancelled] {
            assert_eq!(pending_twice(|facts, to| decide_background_task(facts, to).verdict, from), aborted(from));
            assert_eq!(pending_twice(|facts, to| decide_core_task(facts, to).verdict, from), Verdict::Accept);
        }
    }
}

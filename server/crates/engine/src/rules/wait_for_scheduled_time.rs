//! A run does not start before its scheduled time by the server's clock: the client waits and proposes again.

use model::{state::StateType, time::Span};

use super::Rule;
use crate::{
    decision::Judgement,
    facts::{Needs, Run},
    transition::{States, Transition},
};

pub const fn rule<R: Run>() -> Rule<R> {
    Rule {
        name: "WaitForScheduledTime",
        from: States::of(&[StateType::Scheduled, StateType::Pending]),
        to: States::of(&[StateType::Running]),
        needs: Needs::NONE,
        judge,
    }
}

fn judge<R: Run>(transition: &Transition<'_>, _: &R) -> Judgement<R::Patch> {
    let scheduled_time = transition.from.and_then(|from| from.state_details.scheduled_time);
    let delay = scheduled_time.map_or(0, |time| round_to_seconds(time.since(transition.context.now)));
    if delay > 0 { Judgement::wait(delay, "Scheduled time is in the future") } else { Judgement::pass() }
}

/// Rounds to the nearest integer, because clients accept nothing else; exactly half a second is rounded down.
fn round_to_seconds(span: Span) -> i64 {
    let (seconds, rest) = (span.micros().div_euclid(1_000_000), span.micros().rem_euclid(1_000_000));
    seconds + i64::from(rest > 500_000)
}

#[cfg(test)]
mod tests {
    use model::state::StateType::{Pending, Running};

    use crate::{
        decision::Verdict,
        fixture::{decide_core_flow, decide_core_task, flow_run, now, scheduled, state, task_run},
        transition::Proposal,
    };

    fn wait(delay_seconds: i64) -> Verdict {
        Verdict::Wait { delay_seconds, reason: "Scheduled time is in the future".into() }
    }

    #[test]
    fn a_run_waits_for_its_scheduled_time() {
        let cases = [
            (-3_600_000_000, Verdict::Accept),
            (-300_000, Verdict::Accept),
            (0, Verdict::Accept),
            (500_000, Verdict::Accept),
            (500_001, wait(1)),
            (1_400_000, wait(1)),
            (1_600_000, wait(2)),
            (3_600_000_000, wait(3600)),
        ];
        for (ahead, expected) in cases {
            let due = scheduled(now().plus_micros(ahead));
            let mut pending = state(Pending);
            pending.state_details.scheduled_time = due.state_details.scheduled_time;
            for from in [due, pending] {
                let flow_run = decide_core_flow(flow_run(Some(from.clone())), Proposal::of(Running));
                assert_eq!(flow_run.verdict, expected, "{ahead} µs ahead");
                assert_eq!(flow_run.change().is_some(), expected == Verdict::Accept);
                assert_eq!(decide_core_task(task_run(Some(from)), Proposal::of(Running)).verdict, expected);
            }
        }
    }

    #[test]
    fn a_pending_run_without_scheduled_time_starts_at_once() {
        assert_eq!(decide_core_flow(flow_run(Some(state(Pending))), Proposal::of(Running)).verdict, Verdict::Accept);
    }
}

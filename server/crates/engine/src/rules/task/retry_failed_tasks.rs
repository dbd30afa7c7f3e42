//! A failed task run that has retries left is set to AwaitingRetry instead.

use model::state::StateType;

use super::{Judgement, Rule};
use crate::{
    facts::{Needs, TaskRunFacts},
    transition::{Proposal, States, Transition},
};

pub const RULE: Rule = Rule {
    name: "RetryFailedTasks",
    from: States::of(&[StateType::Running]),
    to: States::of(&[StateType::Failed]),
    needs: Needs::NONE,
    judge,
};

fn judge(transition: &Transition<'_>, run: &TaskRunFacts) -> Judgement {
    let policy = &run.empirical_policy;
    let run_count = run.times.run_count;
    let is_not_retriable = transition.to.details.retriable == Some(false);
    if is_not_retriable || policy.retries.is_none_or(|retries| run_count > retries) {
        return Judgement::pass();
    }
    let delay = policy.retry_delay.as_ref().map_or(0.0, |delay| delay.seconds(run_count));
    let delay = match policy.retry_jitter_factor {
        Some(factor) if factor > 0.0 && delay > 0.0 => jittered(delay, factor, transition.context.jitter),
        _ => delay,
    };
    let mut retry = Proposal::awaiting_retry(transition.context.now.plus_seconds(delay));
    retry.message.clone_from(&transition.to.message);
    retry.data.clone_from(&transition.to.data);
    Judgement::replace(retry, "Retrying")
}

/// An exponentially distributed delay around `average`: the inverse of the survival function at the random number `jitter`.
///
/// The delay is at most `1 + factor` times the average. The lower bound is chosen so that, for a distribution with median 1, it cuts off
/// as much probability as the upper bound does.
fn jittered(average: f64, factor: f64, jitter: f64) -> f64 {
    let upper = 1.0 + factor;
    let lower = -(1.0 - (-upper).exp2()).log2();
    let (survival_lower, survival_upper) = ((-lower).exp(), (-upper).exp());
    let survival = survival_lower + (survival_upper - survival_lower) * jitter;
    -survival.max(1e-10).ln() * average
}

#[cfg(test)]
mod tests {
    use model::{
        policy::RetryDelay,
        state::StateType::{Failed, Pending, Running, Scheduled},
    };
    use serde_json::json;

    use super::jittered;
    use crate::{
        decision::Verdict,
        facts::TaskRunFacts,
        fixture::{decide_core_task, decide_minimal_task, now, rejected, state, task_run},
        transition::Proposal,
    };

    fn running(retries: Option<i64>, run_count: i64) -> TaskRunFacts {
        let mut facts = task_run(Some(state(Running)));
        facts.times.run_count = run_count;
        facts.empirical_policy.retries = retries;
        facts
    }

    #[test]
    fn a_failed_task_run_is_retried_while_retries_are_left() {
        let cases = [
            (None, 1, None, Verdict::Accept),
            (Some(0), 1, None, Verdict::Accept),
            (Some(1), 1, None, rejected("Retrying")),
            (Some(1), 1, Some(true), rejected("Retrying")),
            (Some(1), 1, Some(false), Verdict::Accept),
            (Some(1), 2, None, Verdict::Accept),
            (Some(3), 3, None, rejected("Retrying")),
        ];
        for (retries, run_count, retriable, expected) in cases {
            let mut failed = Proposal::of(Failed);
            failed.details.retriable = retriable;
            let decision = decide_core_task(running(retries, run_count), failed.clone());
            assert_eq!(decision.verdict, expected, "{retries:?} {run_count} {retriable:?}");
            assert_eq!(decision.effects(), []);
            let state_type = if expected == Verdict::Accept { Failed } else { Scheduled };
            assert_eq!(decision.change().unwrap().state.state_type, state_type);
            assert_eq!(decide_minimal_task(running(retries, run_count), failed).verdict, Verdict::Accept);
        }
        assert_eq!(decide_core_task(task_run(Some(state(Pending))), Proposal::of(Failed)).verdict, Verdict::Accept);
    }

    #[test]
    fn each_retry_waits_for_its_configured_delay() {
        let each = || RetryDelay::Each(vec![1.into(), 10.into()]);
        let cases = [
            (None, 1, 0.0),
            (Some(RetryDelay::Same(3.into())), 2, 3.0),
            (Some(each()), 1, 1.0),
            (Some(each()), 2, 10.0),
            (Some(each()), 3, 10.0),
        ];
        for (retry_delay, run_count, seconds) in cases {
            let mut facts = running(Some(5), run_count);
            facts.empirical_policy.retry_delay = retry_delay;
            let mut failed = Proposal::of(Failed);
            failed.message = Some("boom".to_owned());
            failed.data = Some(json!({"type": "unknown"}));
            let decision = decide_core_task(facts, failed.clone());
            let retry = &decision.change().unwrap().state;
            assert_eq!(retry.name, "AwaitingRetry");
            assert_eq!(retry.state_details.scheduled_time, Some(now().plus_seconds(seconds)));
            assert_eq!((&retry.message, &retry.data), (&failed.message, &failed.data));
        }
    }

    #[test]
    fn jittered_delays_are_bounded_and_monotonic() {
        for factor in [0.1, 0.3, 1.0, 60.0, f64::MAX] {
            let waits = [0.0, 0.25, 0.5, 0.75, 0.999_999].map(|jitter| jittered(10.0, factor, jitter));
            assert!(waits.is_sorted(), "{waits:?}");
            assert!(waits[0] >= 0.0 && waits[4] <= 10.0 * (1.0 + factor), "{factor}: {waits:?}");
            assert!(waits[4] - waits[0] > 0.5, "{factor}: {waits:?}");
        }
        let mut facts = running(Some(1), 1);
        facts.empirical_policy.retry_delay = Some(RetryDelay::Same(10.into()));
        facts.empirical_policy.retry_jitter_factor = Some(0.3);
        let decision = decide_core_task(facts, Proposal::of(Failed));
        let wait = decision.change().unwrap().state.state_details.scheduled_time.unwrap().seconds_since(now());
        assert!(wait != 10.0 && (5.0..=13.0).contains(&wait), "{wait}");
    }
}

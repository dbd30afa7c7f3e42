//! A failed flow run that has retries left is set to AwaitingRetry instead; its process waits and runs the flow again.

use model::{
    policy::{RetryType, Seconds},
    state::StateType,
};

use super::{Judgement, Rule};
use crate::{
    decision::Effect,
    facts::{FlowRunFacts, FlowRunPatch, Needs},
    transition::{Proposal, States, Transition},
};

pub const RULE: Rule = Rule {
    name: "RetryFailedFlows",
    from: States::of(&[StateType::Running]),
    to: States::of(&[StateType::Failed]),
    needs: Needs::NONE,
    judge,
};

fn judge(transition: &Transition<'_>, run: &FlowRunFacts) -> Judgement {
    let policy = &run.empirical_policy;
    if policy.retries.is_none_or(|retries| run.times.run_count > retries) {
        // The retries of the process are over: if a person retries the run now, a worker has to start it.
        return Judgement::pass().with_patches([FlowRunPatch::RetryType(None)]);
    }
    let delay = policy.retry_delay.as_ref().and_then(Seconds::as_f64).unwrap_or(0.0);
    let scheduled_time = transition.context.now.plus_seconds(delay);

    let mut retry = Proposal::awaiting_retry(scheduled_time);
    retry.message.clone_from(&transition.to.message);
    retry.data.clone_from(&transition.to.data);
    retry.details.deployment_concurrency_lease_id =
        transition.from.and_then(|from| from.state_details.deployment_concurrency_lease_id);

    let mut judgement = Judgement::replace(retry, "Retrying");
    if !transition.client.reruns_failed_tasks() {
        judgement = judgement.with_effect(Effect::RetryFailedTaskRuns { scheduled_time });
    }
    if transition.client.supports_pauses() {
        judgement = judgement.with_patches([
            FlowRunPatch::Resuming(Some(false)),
            FlowRunPatch::PauseKeys(Some(Vec::new())),
            FlowRunPatch::RetryType(Some(RetryType::InProcess)),
        ]);
    }
    judgement
}

#[cfg(test)]
mod tests {
    use model::{
        id::LeaseId,
        policy::RetryType,
        state::StateType::{Failed, Pending, Running, Scheduled},
    };
    use serde_json::json;

    use crate::{
        decision::{Effect, Verdict},
        facts::FlowRunFacts,
        fixture::{decide_core_flow, decide_core_flow_for, flow_run, id, now, rejected, state},
        transition::Proposal,
    };

    fn running(retries: Option<i64>, run_count: i64) -> FlowRunFacts {
        let mut facts = flow_run(Some(state(Running)));
        facts.times.run_count = run_count;
        facts.empirical_policy.retries = retries;
        facts.empirical_policy.retry_delay = Some(30.into());
        facts.empirical_policy.pause_keys = Some(vec!["1".to_owned()]);
        facts
    }

    #[test]
    fn a_failed_flow_run_is_retried_while_retries_are_left() {
        let cases = [
            (None, 1, Verdict::Accept),
            (Some(0), 1, Verdict::Accept),
            (Some(1), 1, rejected("Retrying")),
            (Some(1), 2, Verdict::Accept),
            (Some(3), 2, rejected("Retrying")),
        ];
        for (retries, run_count, expected) in cases {
            let decision = decide_core_flow(running(retries, run_count), Proposal::of(Failed));
            assert_eq!(decision.verdict, expected, "{retries:?} {run_count}");
            assert_eq!(decision.effects(), []);
            let state_type = if expected == Verdict::Accept { Failed } else { Scheduled };
            assert_eq!(decision.change().unwrap().state.state_type, state_type);
        }
        let not_running = flow_run(Some(state(Pending)));
        assert_eq!(decide_core_flow(not_running, Proposal::of(Failed)).verdict, Verdict::Accept);
    }

    #[test]
    fn the_retry_keeps_message_data_and_lease() {
        let mut facts = running(Some(1), 1);
        facts.current.as_mut().unwrap().state_details.deployment_concurrency_lease_id = Some(LeaseId(id(9)));
        let mut failed = Proposal::of(Failed);
        failed.message = Some("boom".to_owned());
        failed.data = Some(json!({"encoding": "cloudpickle"}));
        let decision = decide_core_flow(facts, failed.clone());
        let change = decision.change().unwrap();
        assert_eq!(
            (change.state.name.as_str(), &change.state.message, &change.state.data),
            ("AwaitingRetry", &failed.message, &failed.data)
        );
        assert_eq!(change.state.state_details.scheduled_time, Some(now().plus_seconds(30.0)));
        assert_eq!(change.state.state_details.deployment_concurrency_lease_id, Some(LeaseId(id(9))));
        assert_eq!(change.times.next_scheduled_start_time, Some(now().plus_seconds(30.0)));
        assert_eq!(change.empirical_policy.retry_type, Some(RetryType::InProcess));
        assert_eq!(change.empirical_policy.pause_keys, Some(Vec::new()));
    }

    #[test]
    fn the_last_failure_clears_the_retry_type() {
        let mut facts = running(Some(1), 2);
        facts.empirical_policy.retry_type = Some(RetryType::InProcess);
        let decision = decide_core_flow(facts, Proposal::of(Failed));
        assert_eq!(decision.change().unwrap().empirical_policy.retry_type, None);
    }

    #[test]
    fn for_old_clients_failed_task_runs_are_retried_too() {
        let effect = Effect::RetryFailedTaskRuns { scheduled_time: now().plus_seconds(30.0) };
        for (version, effects) in [("0.8.2", vec![effect]), ("0.8.3", vec![]), ("0.8.4", vec![])] {
            let decision = decide_core_flow_for(version, running(Some(1), 1), Proposal::of(Failed));
            assert_eq!(decision.effects(), effects, "{version}");
            let retry_type = (version == "0.8.4").then_some(RetryType::InProcess);
            assert_eq!(decision.change().unwrap().empirical_policy.retry_type, retry_type);
        }
        let exhausted = decide_core_flow_for("0.8.2", running(Some(1), 2), Proposal::of(Failed));
        assert_eq!(exhausted.effects(), []);
    }
}

//! Transitions of a flow run from a terminal state. Aborts those to Cancelling, Paused and Crashed, and a rescheduling that no worker would
//! pick up, because the run has no deployment; rejects those that would lose a persisted result; and on a rerun resets the pauses and the
//! kind of retry.

use model::{
    policy::RetryType,
    state::{StateType, is_persisted},
};

use super::{Judgement, Rule, prevent_result_data_loss};
use crate::{
    facts::{FlowRunFacts, FlowRunPatch, Needs},
    transition::{States, Transition},
};

pub const RULE: Rule = Rule {
    name: "HandleFlowTerminalStateTransitions",
    from: States::TERMINAL,
    to: States::ALL,
    needs: Needs::NONE,
    judge,
};

fn judge(transition: &Transition<'_>, run: &FlowRunFacts) -> Judgement {
    let Some(from) = transition.from else { return Judgement::pass() };
    let to = transition.to.state_type;
    if matches!(to, StateType::Cancelling | StateType::Paused | StateType::Crashed) {
        return Judgement::abort(format!("Run is already in terminal state {}.", from.state_type.as_str()));
    }
    let has_result = from.state_type == StateType::Completed && is_persisted(from.data.as_ref());
    if has_result && !to.is_terminal() {
        return Judgement::reject("Run is already COMPLETED.");
    }
    if prevent_result_data_loss::loses_result(from, transition.to) {
        return Judgement::reject(prevent_result_data_loss::REASON);
    }
    if to == StateType::Scheduled && run.deployment_id.is_none() {
        return Judgement::abort("Cannot reschedule a run without an associated deployment.");
    }
    if to.is_terminal() || !transition.client.supports_pauses() {
        return Judgement::pass();
    }
    Judgement::pass().with_patches([
        FlowRunPatch::Resuming(Some(false)),
        FlowRunPatch::PauseKeys(Some(Vec::new())),
        FlowRunPatch::RetryType((to == StateType::Scheduled).then_some(RetryType::Reschedule)),
    ])
}

#[cfg(test)]
mod tests {
    use model::{
        id::DeploymentId,
        policy::RetryType,
        state::StateType::{Cancelled, Cancelling, Completed, Crashed, Failed, Paused, Pending, Running, Scheduled},
    };
    use serde_json::json;

    use crate::{
        decision::Verdict,
        facts::FlowRunFacts,
        fixture::{
            LAST_VERSION_WITHOUT_PAUSES, aborted, decide_core_flow, decide_core_flow_for, flow_run, id, now, rejected,
            state, state_with_data,
        },
        transition::Proposal,
    };

    #[test]
    fn a_flow_run_leaves_a_terminal_state_only_for_a_rerun() {
        let result = || state_with_data(Completed, json!({"storage_key": "k"}));
        let unpersisted = || state_with_data(Completed, json!({"type": "unpersisted"}));
        let loses_result =
            "Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.";
        let cases = [
            (state(Failed), Cancelling, aborted("Run is already in terminal state FAILED.")),
            (state(Completed), Paused, aborted("Run is already in terminal state COMPLETED.")),
            (state(Cancelled), Crashed, aborted("Run is already in terminal state CANCELLED.")),
            (result(), Running, rejected("Run is already COMPLETED.")),
            (result(), Scheduled, rejected("Run is already COMPLETED.")),
            (result(), Completed, rejected(loses_result)),
            (result(), Failed, Verdict::Accept),
            (unpersisted(), Running, Verdict::Accept),
            (unpersisted(), Completed, Verdict::Accept),
            (state(Completed), Running, Verdict::Accept),
            (state(Failed), Running, Verdict::Accept),
            (state(Crashed), Pending, Verdict::Accept),
            (state(Failed), Scheduled, aborted("Cannot reschedule a run without an associated deployment.")),
        ];
        for (from, to, expected) in cases {
            let label = format!("{:?} -> {to:?}", from.state_type);
            let decision = decide_core_flow(flow_run(Some(from)), Proposal::of(to));
            assert_eq!(decision.verdict, expected, "{label}");
            assert_eq!((decision.change().is_some(), decision.effects()), (expected == Verdict::Accept, [].as_slice()));
        }
    }

    #[test]
    fn a_result_can_overwrite_a_result() {
        let mut proposal = Proposal::of(Completed);
        proposal.data = Some(json!({"storage_key": "other"}));
        let from = state_with_data(Completed, json!({"storage_key": "k"}));
        assert_eq!(decide_core_flow(flow_run(Some(from)), proposal).verdict, Verdict::Accept);
    }

    fn failed_after_pause() -> FlowRunFacts {
        let mut facts = flow_run(Some(state(Failed)));
        facts.deployment_id = Some(DeploymentId(id(8)));
        facts.empirical_policy.resuming = Some(true);
        facts.empirical_policy.pause_keys = Some(vec!["1".to_owned()]);
        facts.empirical_policy.retry_type = Some(RetryType::InProcess);
        facts
    }

    #[test]
    fn a_rerun_resets_pause_keys_and_retry_type() {
        let cases = [(Proposal::of(Pending), None), (Proposal::scheduled(now()), Some(RetryType::Reschedule))];
        for (proposal, retry_type) in cases {
            let policy = decide_core_flow(failed_after_pause(), proposal).change().unwrap().empirical_policy.clone();
            assert_eq!(policy.resuming, Some(false));
            assert_eq!(policy.pause_keys, Some(Vec::new()));
            assert_eq!(policy.retry_type, retry_type);
        }
    }

    #[test]
    fn the_policy_is_kept_for_old_clients_and_terminal_states() {
        let before = failed_after_pause().empirical_policy;
        let by_old_client =
            decide_core_flow_for(LAST_VERSION_WITHOUT_PAUSES, failed_after_pause(), Proposal::of(Pending));
        assert_eq!(by_old_client.change().unwrap().empirical_policy, before);
        let still_terminal = decide_core_flow(failed_after_pause(), Proposal::of(Cancelled));
        let policy = still_terminal.change().unwrap().empirical_policy.clone();
        assert_eq!((policy.pause_keys, policy.retry_type), (before.pause_keys, before.retry_type));
    }

    #[test]
    fn an_aborted_rerun_resets_nothing() {
        let mut facts = failed_after_pause();
        facts.current = Some(state(Cancelled));
        let decision = decide_core_flow(facts, Proposal::of(Pending));
        assert_eq!(
            decision.verdict,
            aborted("This run is in a CANCELLED state and cannot transition to a PENDING state.")
        );
        assert_eq!(decision.change(), None);
    }
}

//! Which rules judge a transition, and in which order.
//!
//! A list has every rule of Prefect's policy; a rule that is not implemented yet is a `Planned` entry, which is skipped. Tests compare the
//! lists with the reference's, and let planned rules only become fewer.

use model::state::StateType;

use crate::{
    facts::{Facts, FlowRunFacts, Run, TaskRunFacts},
    rules::{
        Entry::{self, Planned, Rule},
        copy_scheduled_time,
        flow::{
            bypass_cancelling_flow_runs_with_no_infra, enforce_cancelling_to_cancelled_transition,
            ensure_only_scheduled_flows_marked_late, handle_flow_terminal_state_transitions,
            prevent_duplicate_transitions, prevent_result_data_loss, retry_failed_flows,
        },
        prevent_pending_transitions,
        task::{
            handle_task_terminal_state_transitions, prevent_running_tasks_from_stopped_flows, rename_reruns,
            retry_failed_tasks, update_flow_run_tracker_on_tasks,
        },
        wait_for_scheduled_time,
    },
    transition::Proposal,
};

/// The policies for flow runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FlowPolicy {
    /// For states that a client proposes.
    Core,
    /// For forced states, and states that the server itself sets.
    Minimal,
    /// For the background loop that marks late runs.
    MarkLate,
}

impl FlowPolicy {
    /// The policy for a state that a client proposes.
    #[must_use]
    pub fn choose(force: bool) -> Self {
        if force { Self::Minimal } else { Self::Core }
    }

    /// The facts that the rules read when `to` is proposed. The caller loads them before it knows the run's current state.
    #[must_use]
    pub fn needs(self, to: StateType) -> Facts {
        needs(self.rules(), to)
    }

    pub(crate) fn rules(self) -> &'static [Entry<FlowRunFacts>] {
        match self {
            Self::Core => CORE_FLOW,
            Self::Minimal => MINIMAL_FLOW,
            Self::MarkLate => MARK_LATE,
        }
    }
}

/// The policies for task runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TaskPolicy {
    Core,
    /// For tasks that run outside of a flow, on a task worker.
    Background,
    Minimal,
}

impl TaskPolicy {
    /// The policy for a state that a client proposes. Force does not bypass the rules for a deferred state.
    #[must_use]
    pub fn choose(force: bool, proposal: &Proposal) -> Self {
        match (proposal.details.deferred, force) {
            (Some(true), _) => Self::Background,
            (_, true) => Self::Minimal,
            (_, false) => Self::Core,
        }
    }

    /// The facts that the rules read when `to` is proposed. The caller loads them before it knows the run's current state.
    #[must_use]
    pub fn needs(self, to: StateType) -> Facts {
        needs(self.rules(), to)
    }

    pub(crate) fn rules(self) -> &'static [Entry<TaskRunFacts>] {
        match self {
            Self::Core => CORE_TASK,
            Self::Background => BACKGROUND_TASK,
            Self::Minimal => MINIMAL_TASK,
        }
    }
}

fn needs<R: Run>(rules: &[Entry<R>], to: StateType) -> Facts {
    rules.iter().fold(Facts::NONE, |facts, rule| facts.and(rule.needs(to)))
}

const CORE_FLOW: &[Entry<FlowRunFacts>] = &[
    Planned("PreserveDeploymentConcurrencyLeaseId"),
    Rule(prevent_duplicate_transitions::RULE),
    Rule(handle_flow_terminal_state_transitions::RULE),
    Rule(enforce_cancelling_to_cancelled_transition::RULE),
    Rule(bypass_cancelling_flow_runs_with_no_infra::RULE),
    Rule(prevent_pending_transitions::rule()),
    Planned("ValidateDeploymentConcurrencyAtRunning"),
    Planned("SecureFlowConcurrencySlots"),
    Planned("RemoveDeploymentConcurrencyLeaseForOldClientVersions"),
    Rule(ensure_only_scheduled_flows_marked_late::RULE),
    Planned("HandlePausingFlows"),
    Planned("HandleResumingPausedFlows"),
    Rule(copy_scheduled_time::rule()),
    Rule(wait_for_scheduled_time::rule()),
    Rule(retry_failed_flows::RULE),
    Planned("InstrumentFlowRunStateTransitions"),
    Planned("ReleaseFlowConcurrencySlots"),
];

const MINIMAL_FLOW: &[Entry<FlowRunFacts>] = &[
    Planned(ADD_UNKNOWN_RESULT),
    Rule(prevent_result_data_loss::RULE),
    Rule(bypass_cancelling_flow_runs_with_no_infra::RULE),
    Planned("InstrumentFlowRunStateTransitions"),
    Planned("ReleaseFlowConcurrencySlots"),
];

const MARK_LATE: &[Entry<FlowRunFacts>] = &[
    Rule(ensure_only_scheduled_flows_marked_late::RULE),
    Planned("EnforceDeploymentConcurrencyOnLate"),
    Planned("InstrumentFlowRunStateTransitions"),
];

const CORE_TASK: &[Entry<TaskRunFacts>] = &[
    Planned("CacheRetrieval"),
    Rule(handle_task_terminal_state_transitions::RULE),
    Rule(prevent_running_tasks_from_stopped_flows::RULE),
    Planned("SecureTaskConcurrencySlots"),
    Rule(copy_scheduled_time::rule()),
    Rule(wait_for_scheduled_time::rule()),
    Rule(retry_failed_tasks::RULE),
    Rule(rename_reruns::RULE),
    Rule(update_flow_run_tracker_on_tasks::RULE),
    Planned("CacheInsertion"),
    Planned("ReleaseTaskConcurrencySlots"),
];

const BACKGROUND_TASK: &[Entry<TaskRunFacts>] = &[
    Rule(prevent_pending_transitions::rule()),
    Planned("CacheRetrieval"),
    Rule(handle_task_terminal_state_transitions::RULE),
    Rule(copy_scheduled_time::rule()),
    Planned("CopyTaskParametersID"),
    Rule(wait_for_scheduled_time::rule()),
    Rule(retry_failed_tasks::RULE),
    Rule(rename_reruns::RULE),
    Rule(update_flow_run_tracker_on_tasks::RULE),
    Planned("CacheInsertion"),
    Planned("ReleaseTaskConcurrencySlots"),
    Planned("EnqueueScheduledTasks"),
];

const MINIMAL_TASK: &[Entry<TaskRunFacts>] = &[Planned("ReleaseTaskConcurrencySlots"), Planned(ADD_UNKNOWN_RESULT)];

/// Marks the lost result of a run that failed and is then forced to COMPLETED. Only servers of Prefect 2 have this rule. Servers of
/// Prefect 3 keep the data as it is, and so does this one until a client needs the rule.
const ADD_UNKNOWN_RESULT: &str = "AddUnknownResult";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::state::StateType;

    use super::{ADD_UNKNOWN_RESULT, Entry, FlowPolicy, Proposal, TaskPolicy};
    use crate::facts::Run;

    /// Rules that are not implemented yet, counted once for each policy. The number may only become smaller.
    const PLANNED: usize = 24;

    /// The rules of each policy of the reference, recorded from the package by `record.py`.
    type Policies = BTreeMap<String, Vec<String>>;

    fn recorded(version: &str) -> Policies {
        let mut versions: BTreeMap<String, Policies> =
            serde_json::from_str(include_str!("../tests/policies/policies.json")).unwrap();
        versions.remove(version).unwrap()
    }

    fn names<R: Run>(rules: &'static [Entry<R>]) -> Vec<&'static str> {
        rules.iter().map(Entry::name).collect()
    }

    fn policies() -> BTreeMap<&'static str, Vec<&'static str>> {
        BTreeMap::from([
            ("CoreFlowPolicy", names(FlowPolicy::Core.rules())),
            ("MinimalFlowPolicy", names(FlowPolicy::Minimal.rules())),
            ("MarkLateRunsPolicy", names(FlowPolicy::MarkLate.rules())),
            ("CoreTaskPolicy", names(TaskPolicy::Core.rules())),
            ("BackgroundTaskPolicy", names(TaskPolicy::Background.rules())),
            ("MinimalTaskPolicy", names(TaskPolicy::Minimal.rules())),
        ])
    }

    #[test]
    fn policies_have_the_rules_of_prefect_3_in_order() {
        let own = policies();
        for (policy, rules) in recorded("3.8.8") {
            // The reference defines this policy and never uses it.
            if policy != "ClientSideTaskOrchestrationPolicy" {
                let kept = own[&*policy].iter().filter(|rule| **rule != ADD_UNKNOWN_RESULT);
                assert_eq!(kept.copied().collect::<Vec<_>>(), rules, "{policy}");
            }
        }
    }

    #[test]
    fn the_rule_of_prefect_2_stands_in_its_place() {
        let own = policies();
        for (policy, rules) in recorded("2.20.26") {
            if rules.iter().any(|rule| rule == ADD_UNKNOWN_RESULT) {
                let kept = own[&*policy].iter().filter(|rule| rules.iter().any(|other| other == *rule));
                assert_eq!(kept.copied().collect::<Vec<_>>(), rules, "{policy}");
            }
        }
    }

    #[test]
    fn no_rule_becomes_planned_again() {
        fn planned<R: Run>(rules: &[Entry<R>]) -> usize {
            rules.iter().filter(|entry| matches!(entry, Entry::Planned(_))).count()
        }
        let flow = [FlowPolicy::Core, FlowPolicy::Minimal, FlowPolicy::MarkLate].map(|policy| planned(policy.rules()));
        let task =
            [TaskPolicy::Core, TaskPolicy::Background, TaskPolicy::Minimal].map(|policy| planned(policy.rules()));
        assert_eq!(flow.iter().chain(&task).sum::<usize>(), PLANNED);
    }

    #[test]
    fn force_does_not_bypass_rules_of_deferred_states() {
        let mut deferred = Proposal::of(StateType::Pending);
        deferred.details.deferred = Some(true);
        assert_eq!(TaskPolicy::choose(true, &deferred), TaskPolicy::Background);
        assert_eq!(TaskPolicy::choose(true, &Proposal::of(StateType::Pending)), TaskPolicy::Minimal);
        assert_eq!(TaskPolicy::choose(false, &Proposal::of(StateType::Pending)), TaskPolicy::Core);
    }
}

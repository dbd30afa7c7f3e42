//! Which rules judge a transition, and in which order.
//!
//! A list has every rule of Prefect's policy; a rule that is not implemented yet is a `Planned` entry, which is skipped. A test pins the
//! lists, so that planned rules can only become fewer.

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

const MINIMAL_TASK: &[Entry<TaskRunFacts>] = &[Planned(ADD_UNKNOWN_RESULT), Planned("ReleaseTaskConcurrencySlots")];

/// Marks the lost result of a run that failed and is then forced to COMPLETED. Only servers of Prefect 2 have this rule. Servers of
/// Prefect 3 keep the data as it is, and so does this one until a client needs the rule.
const ADD_UNKNOWN_RESULT: &str = "AddUnknownResult";

#[cfg(test)]
mod tests {
    use model::state::StateType;

    use super::{
        BACKGROUND_TASK, CORE_FLOW, CORE_TASK, Entry, MARK_LATE, MINIMAL_FLOW, MINIMAL_TASK, Proposal, TaskPolicy,
    };
    use crate::facts::Run;

    /// Remove a "planned" when its rule is implemented; never add one.
    const POLICIES: &str = "
        CORE_FLOW
            planned PreserveDeploymentConcurrencyLeaseId
            PreventDuplicateTransitions
            HandleFlowTerminalStateTransitions
            EnforceCancellingToCancelledTransition
            BypassCancellingFlowRunsWithNoInfra
            PreventPendingTransitions
            planned ValidateDeploymentConcurrencyAtRunning
            planned SecureFlowConcurrencySlots
            planned RemoveDeploymentConcurrencyLeaseForOldClientVersions
            EnsureOnlyScheduledFlowsMarkedLate
            planned HandlePausingFlows
            planned HandleResumingPausedFlows
            CopyScheduledTime
            WaitForScheduledTime
            RetryFailedFlows
            planned InstrumentFlowRunStateTransitions
            planned ReleaseFlowConcurrencySlots
        MINIMAL_FLOW
            planned AddUnknownResult
            PreventResultDataLoss
            BypassCancellingFlowRunsWithNoInfra
            planned InstrumentFlowRunStateTransitions
            planned ReleaseFlowConcurrencySlots
        MARK_LATE
            EnsureOnlyScheduledFlowsMarkedLate
            planned EnforceDeploymentConcurrencyOnLate
            planned InstrumentFlowRunStateTransitions
        CORE_TASK
            planned CacheRetrieval
            HandleTaskTerminalStateTransitions
            PreventRunningTasksFromStoppedFlows
            planned SecureTaskConcurrencySlots
            CopyScheduledTime
            WaitForScheduledTime
            RetryFailedTasks
            RenameReruns
            UpdateFlowRunTrackerOnTasks
            planned CacheInsertion
            planned ReleaseTaskConcurrencySlots
        BACKGROUND_TASK
            PreventPendingTransitions
            planned CacheRetrieval
            HandleTaskTerminalStateTransitions
            CopyScheduledTime
            planned CopyTaskParametersID
            WaitForScheduledTime
            RetryFailedTasks
            RenameReruns
            UpdateFlowRunTrackerOnTasks
            planned CacheInsertion
            planned ReleaseTaskConcurrencySlots
            planned EnqueueScheduledTasks
        MINIMAL_TASK
            planned AddUnknownResult
            planned ReleaseTaskConcurrencySlots
    ";

    fn rule_list<R: Run>(policy: &'static str, rules: &[Entry<R>]) -> Vec<String> {
        let line = |entry: &Entry<R>| match entry {
            Entry::Planned(name) => format!("planned {name}"),
            Entry::Rule(_) => entry.name().to_owned(),
        };
        std::iter::once(policy.to_owned()).chain(rules.iter().map(line)).collect()
    }

    #[test]
    fn every_policy_lists_its_rules_in_order() {
        let flow = [("CORE_FLOW", CORE_FLOW), ("MINIMAL_FLOW", MINIMAL_FLOW), ("MARK_LATE", MARK_LATE)];
        let task = [("CORE_TASK", CORE_TASK), ("BACKGROUND_TASK", BACKGROUND_TASK), ("MINIMAL_TASK", MINIMAL_TASK)];
        let flow = flow.into_iter().flat_map(|(name, rules)| rule_list(name, rules));
        let all: Vec<_> = flow.chain(task.into_iter().flat_map(|(name, rules)| rule_list(name, rules))).collect();
        assert_eq!(all, POLICIES.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>());
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

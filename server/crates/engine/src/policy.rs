//! Which rules judge a transition, and in which order. Only the lists stand here.
//!
//! A list names every rule that the policy is made of; one that is not built yet stands as `Later`, which judges nothing. A test pins
//! those, so that they can only become fewer.

use crate::{
    facts::{FlowRunFacts, TaskRunFacts},
    rules::{
        Entry::{self, Later, Rule},
        copy_scheduled_time,
        flow::{
            bypass_cancelling_flow_runs_with_no_infra, enforce_cancelling_to_cancelled_transition,
            handle_flow_terminal_state_transitions, prevent_duplicate_transitions, prevent_result_data_loss,
            retry_failed_flows,
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

/// The rules for a flow run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FlowPolicy {
    /// What a client proposes.
    Core,
    /// What is forced, and what the server itself decides.
    Minimal,
    /// What the loop that finds late runs proposes.
    MarkLate,
}

impl FlowPolicy {
    /// The policy for what a client proposes.
    #[must_use]
    pub fn choose(force: bool) -> Self {
        if force { Self::Minimal } else { Self::Core }
    }

    pub(crate) fn rules(self) -> &'static [Entry<FlowRunFacts>] {
        match self {
            Self::Core => CORE_FLOW,
            Self::Minimal => MINIMAL_FLOW,
            Self::MarkLate => MARK_LATE,
        }
    }
}

/// The rules for a task run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TaskPolicy {
    Core,
    /// For tasks that run outside of a flow, on a task worker.
    Background,
    Minimal,
}

impl TaskPolicy {
    /// A deferred state is judged even when it is forced.
    #[must_use]
    pub fn choose(force: bool, proposal: &Proposal) -> Self {
        match (proposal.details.deferred, force) {
            (Some(true), _) => Self::Background,
            (_, true) => Self::Minimal,
            (_, false) => Self::Core,
        }
    }

    pub(crate) fn rules(self) -> &'static [Entry<TaskRunFacts>] {
        match self {
            Self::Core => CORE_TASK,
            Self::Background => BACKGROUND_TASK,
            Self::Minimal => MINIMAL_TASK,
        }
    }
}

const CORE_FLOW: &[Entry<FlowRunFacts>] = &[
    Later("PreserveDeploymentConcurrencyLeaseId"),
    Rule(prevent_duplicate_transitions::RULE),
    Rule(handle_flow_terminal_state_transitions::RULE),
    Rule(enforce_cancelling_to_cancelled_transition::RULE),
    Rule(bypass_cancelling_flow_runs_with_no_infra::RULE),
    Rule(prevent_pending_transitions::rule()),
    Later("ValidateDeploymentConcurrencyAtRunning"),
    Later("SecureFlowConcurrencySlots"),
    Later("RemoveDeploymentConcurrencyLeaseForOldClientVersions"),
    Later("EnsureOnlyScheduledFlowsMarkedLate"),
    Later("HandlePausingFlows"),
    Later("HandleResumingPausedFlows"),
    Rule(copy_scheduled_time::rule()),
    Rule(wait_for_scheduled_time::rule()),
    Rule(retry_failed_flows::RULE),
    Later("InstrumentFlowRunStateTransitions"),
    Later("ReleaseFlowConcurrencySlots"),
];

const MINIMAL_FLOW: &[Entry<FlowRunFacts>] = &[
    Later(ADD_UNKNOWN_RESULT),
    Rule(prevent_result_data_loss::RULE),
    Rule(bypass_cancelling_flow_runs_with_no_infra::RULE),
    Later("InstrumentFlowRunStateTransitions"),
    Later("ReleaseFlowConcurrencySlots"),
];

const MARK_LATE: &[Entry<FlowRunFacts>] = &[
    Later("EnsureOnlyScheduledFlowsMarkedLate"),
    Later("EnforceDeploymentConcurrencyOnLate"),
    Later("InstrumentFlowRunStateTransitions"),
];

const CORE_TASK: &[Entry<TaskRunFacts>] = &[
    Later("CacheRetrieval"),
    Rule(handle_task_terminal_state_transitions::RULE),
    Rule(prevent_running_tasks_from_stopped_flows::RULE),
    Later("SecureTaskConcurrencySlots"),
    Rule(copy_scheduled_time::rule()),
    Rule(wait_for_scheduled_time::rule()),
    Rule(retry_failed_tasks::RULE),
    Rule(rename_reruns::RULE),
    Rule(update_flow_run_tracker_on_tasks::RULE),
    Later("CacheInsertion"),
    Later("ReleaseTaskConcurrencySlots"),
];

const BACKGROUND_TASK: &[Entry<TaskRunFacts>] = &[
    Rule(prevent_pending_transitions::rule()),
    Later("CacheRetrieval"),
    Rule(handle_task_terminal_state_transitions::RULE),
    Rule(copy_scheduled_time::rule()),
    Later("CopyTaskParametersID"),
    Rule(wait_for_scheduled_time::rule()),
    Rule(retry_failed_tasks::RULE),
    Rule(rename_reruns::RULE),
    Rule(update_flow_run_tracker_on_tasks::RULE),
    Later("CacheInsertion"),
    Later("ReleaseTaskConcurrencySlots"),
    Later("EnqueueScheduledTasks"),
];

const MINIMAL_TASK: &[Entry<TaskRunFacts>] = &[Later(ADD_UNKNOWN_RESULT), Later("ReleaseTaskConcurrencySlots")];

/// Marks the lost result of a run that failed and is said to have completed after all. Servers of the second generation alone have it;
/// those of the third keep the data as it is, and so does this one until a client is seen to need it.
const ADD_UNKNOWN_RESULT: &str = "AddUnknownResult";

#[cfg(test)]
mod tests {
    use model::state::StateType;

    use super::{
        BACKGROUND_TASK, CORE_FLOW, CORE_TASK, Entry, MARK_LATE, MINIMAL_FLOW, MINIMAL_TASK, Proposal, TaskPolicy,
    };
    use crate::facts::Run;

    /// Take a "later" out when its rule is built; never put one in.
    const POLICIES: &str = "
        CORE_FLOW
            later PreserveDeploymentConcurrencyLeaseId
            PreventDuplicateTransitions
            HandleFlowTerminalStateTransitions
            EnforceCancellingToCancelledTransition
            BypassCancellingFlowRunsWithNoInfra
            PreventPendingTransitions
            later ValidateDeploymentConcurrencyAtRunning
            later SecureFlowConcurrencySlots
            later RemoveDeploymentConcurrencyLeaseForOldClientVersions
            later EnsureOnlyScheduledFlowsMarkedLate
            later HandlePausingFlows
            later HandleResumingPausedFlows
            CopyScheduledTime
            WaitForScheduledTime
            RetryFailedFlows
            later InstrumentFlowRunStateTransitions
            later ReleaseFlowConcurrencySlots
        MINIMAL_FLOW
            later AddUnknownResult
            PreventResultDataLoss
            BypassCancellingFlowRunsWithNoInfra
            later InstrumentFlowRunStateTransitions
            later ReleaseFlowConcurrencySlots
        MARK_LATE
            later EnsureOnlyScheduledFlowsMarkedLate
            later EnforceDeploymentConcurrencyOnLate
            later InstrumentFlowRunStateTransitions
        CORE_TASK
            later CacheRetrieval
            HandleTaskTerminalStateTransitions
            PreventRunningTasksFromStoppedFlows
            later SecureTaskConcurrencySlots
            CopyScheduledTime
            WaitForScheduledTime
            RetryFailedTasks
            RenameReruns
            UpdateFlowRunTrackerOnTasks
            later CacheInsertion
            later ReleaseTaskConcurrencySlots
        BACKGROUND_TASK
            PreventPendingTransitions
            later CacheRetrieval
            HandleTaskTerminalStateTransitions
            CopyScheduledTime
            later CopyTaskParametersID
            WaitForScheduledTime
            RetryFailedTasks
            RenameReruns
            UpdateFlowRunTrackerOnTasks
            later CacheInsertion
            later ReleaseTaskConcurrencySlots
            later EnqueueScheduledTasks
        MINIMAL_TASK
            later AddUnknownResult
            later ReleaseTaskConcurrencySlots
    ";

    fn listed<R: Run>(policy: &'static str, rules: &[Entry<R>]) -> Vec<String> {
        let line = |entry: &Entry<R>| match entry {
            Entry::Later(name) => format!("later {name}"),
            Entry::Rule(_) => entry.name().to_owned(),
        };
        std::iter::once(policy.to_owned()).chain(rules.iter().map(line)).collect()
    }

    #[test]
    fn every_policy_is_made_of_its_rules_in_their_order() {
        let flow = [("CORE_FLOW", CORE_FLOW), ("MINIMAL_FLOW", MINIMAL_FLOW), ("MARK_LATE", MARK_LATE)];
        let task = [("CORE_TASK", CORE_TASK), ("BACKGROUND_TASK", BACKGROUND_TASK), ("MINIMAL_TASK", MINIMAL_TASK)];
        let flow = flow.into_iter().flat_map(|(name, rules)| listed(name, rules));
        let all: Vec<_> = flow.chain(task.into_iter().flat_map(|(name, rules)| listed(name, rules))).collect();
        assert_eq!(all, POLICIES.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>());
    }

    #[test]
    fn a_deferred_task_is_judged_even_when_forced() {
        let mut deferred = Proposal::of(StateType::Pending);
        deferred.details.deferred = Some(true);
        assert_eq!(TaskPolicy::choose(true, &deferred), TaskPolicy::Background);
        assert_eq!(TaskPolicy::choose(true, &Proposal::of(StateType::Pending)), TaskPolicy::Minimal);
        assert_eq!(TaskPolicy::choose(false, &Proposal::of(StateType::Pending)), TaskPolicy::Core);
    }
}

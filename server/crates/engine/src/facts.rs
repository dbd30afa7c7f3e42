//! What the rules may know about a run: all of it is loaded before they are asked.

use model::{
    id::{DeploymentId, FlowRunId, TaskRunId},
    policy::{FlowRunPolicy, RetryType, TaskRunPolicy},
    state::{State, StateType},
    time::{Span, Timestamp},
};

/// What is kept about every run, whatever its rules say: how often and how long it ran, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ledger {
    /// How often the run was started.
    pub run_count: i64,
    /// When it first ran.
    pub start_time: Option<Timestamp>,
    /// When it ended; set exactly while it is in a terminal state.
    pub end_time: Option<Timestamp>,
    /// How long it was running, without the stretch that may be going on.
    pub total_run_time: Span,
    pub expected_start_time: Option<Timestamp>,
    /// When it is due, while it is scheduled.
    pub next_scheduled_start_time: Option<Timestamp>,
}

/// A flow run as its rules see it.
#[derive(Clone, PartialEq, Debug)]
pub struct FlowRunFacts {
    pub id: FlowRunId,
    pub deployment_id: Option<DeploymentId>,
    /// The task run that stands for this run in the run of another flow.
    pub parent_task_run_id: Option<TaskRunId>,
    pub infrastructure_pid: Option<String>,
    pub ledger: Ledger,
    pub empirical_policy: FlowRunPolicy,
    pub current: Option<State>,
}

impl FlowRunFacts {
    /// A run that is only now being created.
    #[must_use]
    pub fn created(id: FlowRunId) -> Self {
        Self {
            id,
            deployment_id: None,
            parent_task_run_id: None,
            infrastructure_pid: None,
            ledger: Ledger::default(),
            empirical_policy: FlowRunPolicy::default(),
            current: None,
        }
    }
}

/// A task run as its rules see it.
#[derive(Clone, PartialEq, Debug)]
pub struct TaskRunFacts {
    pub id: TaskRunId,
    pub flow_run_id: Option<FlowRunId>,
    /// The attempt of the flow run in which this run last ran.
    pub flow_run_run_count: i64,
    pub ledger: Ledger,
    pub empirical_policy: TaskRunPolicy,
    pub current: Option<State>,
    /// None for a background task, or when its flow run is gone.
    pub flow_run: Option<EnclosingFlowRun>,
}

impl TaskRunFacts {
    /// A run that is only now being created.
    #[must_use]
    pub fn created(id: TaskRunId, flow_run_id: Option<FlowRunId>) -> Self {
        Self {
            id,
            flow_run_id,
            flow_run_run_count: 0,
            ledger: Ledger::default(),
            empirical_policy: TaskRunPolicy::default(),
            current: None,
            flow_run: None,
        }
    }
}

/// The flow run around a task run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EnclosingFlowRun {
    pub id: FlowRunId,
    pub run_count: i64,
    /// The type of its state, if it has one.
    pub state_type: Option<StateType>,
    pub pause_timeout: Option<Timestamp>,
    pub pause_reschedule: bool,
}

/// A kind of run that rules can judge.
pub trait Run {
    /// A change to the run that a rule makes besides judging.
    type Patch;

    /// The run's state before the transition.
    fn current(&self) -> Option<&State>;

    /// Exchanges the value in the patch for the one in the run; a second call takes it back.
    fn swap(&mut self, patch: &mut Self::Patch);
}

/// See [`Run::Patch`].
#[derive(Clone, PartialEq, Debug)]
pub enum FlowRunPatch {
    Resuming(Option<bool>),
    PauseKeys(Option<Vec<String>>),
    RetryType(Option<RetryType>),
}

impl Run for FlowRunFacts {
    type Patch = FlowRunPatch;

    fn current(&self) -> Option<&State> {
        self.current.as_ref()
    }

    fn swap(&mut self, patch: &mut FlowRunPatch) {
        let policy = &mut self.empirical_policy;
        match patch {
            FlowRunPatch::Resuming(value) => std::mem::swap(value, &mut policy.resuming),
            FlowRunPatch::PauseKeys(value) => std::mem::swap(value, &mut policy.pause_keys),
            FlowRunPatch::RetryType(value) => std::mem::swap(value, &mut policy.retry_type),
        }
    }
}

/// See [`Run::Patch`].
#[derive(Clone, PartialEq, Debug)]
pub enum TaskRunPatch {
    RunCount(i64),
    FlowRunRunCount(i64),
}

impl Run for TaskRunFacts {
    type Patch = TaskRunPatch;

    fn current(&self) -> Option<&State> {
        self.current.as_ref()
    }

    fn swap(&mut self, patch: &mut TaskRunPatch) {
        match patch {
            TaskRunPatch::RunCount(value) => std::mem::swap(value, &mut self.ledger.run_count),
            TaskRunPatch::FlowRunRunCount(value) => std::mem::swap(value, &mut self.flow_run_run_count),
        }
    }
}

//! What rules know about a run.
//!
//! The run's own row is always loaded, because the transition locks it. What lies in other rows a rule has to ask for: its [`Needs`] name
//! the [`Facts`], and the caller loads those of the rules that apply, before any rule runs.

use model::{
    id::{DeploymentId, FlowRunId, TaskRunId},
    policy::{FlowRunPolicy, RetryType, TaskRunPolicy},
    run::RunTimes,
    state::{State, StateType},
    time::Timestamp,
};

use crate::transition::States;

/// A set of facts that lie outside the run's own row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Facts(u16);

impl Facts {
    /// No facts.
    pub const NONE: Self = Self(0);
    /// [`TaskRunFacts::flow_run`].
    pub const FLOW_RUN: Self = Self(1);

    /// The facts of both sets.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether all these facts are in the set.
    #[must_use]
    pub const fn contains(self, facts: Self) -> bool {
        self.0 & facts.0 == facts.0
    }
}

/// The facts that a rule reads, and the types of proposed states for which it reads them.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    facts: Facts,
    to: States,
}

impl Needs {
    /// A rule that reads the run's own row alone.
    pub const NONE: Self = Self { facts: Facts::NONE, to: States::ALL };

    /// A rule that reads these facts when one of these types is proposed.
    #[must_use]
    pub const fn new(facts: Facts, to: States) -> Self {
        Self { facts, to }
    }

    /// The facts that the rule reads when `to` is proposed.
    #[must_use]
    pub fn when(self, to: StateType) -> Facts {
        if self.to.contains(Some(to)) { self.facts } else { Facts::NONE }
    }
}

/// What the rules for flow runs know.
#[derive(Clone, PartialEq, Debug)]
pub struct FlowRunFacts {
    pub id: FlowRunId,
    pub deployment_id: Option<DeploymentId>,
    /// The task run that represents this subflow run in its parent flow run.
    pub parent_task_run_id: Option<TaskRunId>,
    pub infrastructure_pid: Option<String>,
    pub times: RunTimes,
    pub empirical_policy: FlowRunPolicy,
    pub current: Option<State>,
}

impl FlowRunFacts {
    /// The facts of a run that is being created.
    #[must_use]
    pub fn created(id: FlowRunId) -> Self {
        Self {
            id,
            deployment_id: None,
            parent_task_run_id: None,
            infrastructure_pid: None,
            times: RunTimes::default(),
            empirical_policy: FlowRunPolicy::default(),
            current: None,
        }
    }
}

/// What the rules for task runs know.
#[derive(Clone, PartialEq, Debug)]
pub struct TaskRunFacts {
    pub id: TaskRunId,
    pub flow_run_id: Option<FlowRunId>,
    /// The `run_count` of the flow run when this run last started.
    pub flow_run_run_count: i64,
    pub times: RunTimes,
    pub empirical_policy: TaskRunPolicy,
    pub current: Option<State>,
    /// None for a background task, if the flow run was deleted, or if no rule needs it.
    pub flow_run: Option<ParentFlowRun>,
}

impl TaskRunFacts {
    /// The facts of a run that is being created.
    #[must_use]
    pub fn created(id: TaskRunId, flow_run_id: Option<FlowRunId>) -> Self {
        Self {
            id,
            flow_run_id,
            flow_run_run_count: 0,
            times: RunTimes::default(),
            empirical_policy: TaskRunPolicy::default(),
            current: None,
            flow_run: None,
        }
    }
}

/// The flow run that a task run belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParentFlowRun {
    pub id: FlowRunId,
    pub run_count: i64,
    /// None while the flow run has no state.
    pub state_type: Option<StateType>,
    pub pause_timeout: Option<Timestamp>,
    pub pause_reschedule: bool,
}

/// A kind of run that rules judge.
pub trait Run {
    /// A change of the run that a rule makes besides its ruling.
    type Patch;

    /// The run's state before the transition.
    fn current(&self) -> Option<&State>;

    /// Swaps the value in the patch with the one in the run; a second call undoes this.
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
            TaskRunPatch::RunCount(value) => std::mem::swap(value, &mut self.times.run_count),
            TaskRunPatch::FlowRunRunCount(value) => std::mem::swap(value, &mut self.flow_run_run_count),
        }
    }
}

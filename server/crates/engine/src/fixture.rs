//! Runs and states for the tests of rules. A test changes only the fields that it is about.

use model::{
    id::{FlowRunId, StateId, TaskRunId},
    state::{State, StateDetails, StateType},
    time::Timestamp,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    api_version::Client,
    decide_flow, decide_task,
    decision::{Decision, FlowRunChange, TaskRunChange, Verdict},
    facts::{FlowRunFacts, ParentFlowRun, TaskRunFacts},
    policy::{FlowPolicy, TaskPolicy},
    transition::{DecisionContext, Proposal},
};

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000)
}

pub(crate) fn context() -> DecisionContext {
    DecisionContext { now: now(), state_id: StateId(id(77)), jitter: 0.5 }
}

/// A state that began a minute ago.
pub(crate) fn state(state_type: StateType) -> State {
    State {
        id: StateId(id(66)),
        state_type,
        name: state_type.default_name().to_owned(),
        timestamp: now().plus_seconds(-60.0),
        message: None,
        data: None,
        state_details: StateDetails::default(),
    }
}

pub(crate) fn state_with_data(state_type: StateType, data: Value) -> State {
    State { data: Some(data), ..state(state_type) }
}

pub(crate) fn scheduled(time: Timestamp) -> State {
    let mut scheduled = state(StateType::Scheduled);
    scheduled.state_details.scheduled_time = Some(time);
    scheduled
}

/// The newest API version whose clients do not support paused flow runs.
pub(crate) const LAST_VERSION_WITHOUT_PAUSES: &str = "0.8.3";

/// A flow run that never started, without deployment or process.
pub(crate) fn flow_run(current: Option<State>) -> FlowRunFacts {
    FlowRunFacts { current, ..FlowRunFacts::created(FlowRunId(id(1))) }
}

/// A task run that never started, in the first attempt of a running flow run.
pub(crate) fn task_run(current: Option<State>) -> TaskRunFacts {
    let flow_run = ParentFlowRun {
        id: FlowRunId(id(1)),
        run_count: 1,
        state_type: Some(StateType::Running),
        pause_timeout: None,
        pause_reschedule: false,
    };
    let created = TaskRunFacts::created(TaskRunId(id(2)), Some(flow_run.id));
    TaskRunFacts { current, flow_run: Some(flow_run), ..created }
}

pub(crate) fn decide_core_flow(facts: FlowRunFacts, to: Proposal) -> Decision<FlowRunChange> {
    decide_flow(FlowPolicy::Core, facts, to, Client::default(), context())
}

pub(crate) fn decide_core_flow_for(version: &str, facts: FlowRunFacts, to: Proposal) -> Decision<FlowRunChange> {
    let client = Client { api_version: Some(version.parse().unwrap()) };
    decide_flow(FlowPolicy::Core, facts, to, client, context())
}

pub(crate) fn decide_minimal_flow(facts: FlowRunFacts, to: Proposal) -> Decision<FlowRunChange> {
    decide_flow(FlowPolicy::Minimal, facts, to, Client::default(), context())
}

pub(crate) fn decide_late_flow(facts: FlowRunFacts, to: Proposal) -> Decision<FlowRunChange> {
    decide_flow(FlowPolicy::MarkLate, facts, to, Client::default(), context())
}

pub(crate) fn decide_core_task(facts: TaskRunFacts, to: Proposal) -> Decision<TaskRunChange> {
    decide_task(TaskPolicy::Core, facts, to, Client::default(), context())
}

pub(crate) fn decide_background_task(facts: TaskRunFacts, to: Proposal) -> Decision<TaskRunChange> {
    decide_task(TaskPolicy::Background, facts, to, Client::default(), context())
}

pub(crate) fn decide_minimal_task(facts: TaskRunFacts, to: Proposal) -> Decision<TaskRunChange> {
    decide_task(TaskPolicy::Minimal, facts, to, Client::default(), context())
}

pub(crate) fn rejected(reason: &str) -> Verdict {
    Verdict::Reject { reason: reason.to_owned().into() }
}

pub(crate) fn aborted(reason: &str) -> Verdict {
    Verdict::Abort { reason: reason.to_owned().into() }
}

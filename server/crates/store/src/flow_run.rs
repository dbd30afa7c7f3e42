//! Flow runs and their tags.
//!
//! In a `scoped` statement the transaction binds `$1` to its workspace, and the parameters listed here begin at `$2`; `ids "$2"` stands for
//! a subquery that lists the ids in the JSON array `$2`, in the dialect of each database.

use model::{
    flow_run::{CreatedBy, FlowRun},
    id::{BlockDocumentId, DeploymentId, FlowId, FlowRunId, StateId, TaskRunId, WorkspaceId},
    label::Labels,
    parameters::Parameters,
    policy::FlowRunPolicy,
    run::RunTimes,
    state::StateType,
    time::{Span, Timestamp},
    wire::Object,
};

use crate::{column::Json, record, row::Joined, state::StateRow, statements};

record! {
    /// A row of `flow_run` without `sort_time`, which the database generates.
    pub struct FlowRunRow {
        pub id: FlowRunId,
        pub name: String,
        pub flow_id: FlowId,
        pub flow_version: Option<String>,
        pub deployment_id: Option<DeploymentId>,
        pub deployment_version: Option<String>,
        pub work_queue_name: Option<String>,
        pub idempotency_key: Option<String>,
        pub parent_task_run_id: Option<TaskRunId>,
        pub parameters: Json<Parameters>,
        pub context: Json<Object>,
        pub empirical_policy: Json<FlowRunPolicy>,
        pub tags: Json<Vec<String>>,
        pub labels: Json<Labels>,
        pub job_variables: Option<Json<Object>>,
        pub infrastructure_document_id: Option<BlockDocumentId>,
        pub infrastructure_pid: Option<String>,
        pub created_by: Option<Json<CreatedBy>>,
        pub auto_scheduled: bool,
        pub state_id: Option<StateId>,
        pub state_type: Option<StateType>,
        pub state_name: Option<String>,
        pub state_timestamp: Option<Timestamp>,
        pub times: RunTimes,
        pub created: Timestamp,
        pub updated: Timestamp,
    }
}

/// A flow run with its state.
pub type FlowRunWithState = Joined<FlowRunRow, StateRow>;

impl From<FlowRunWithState> for FlowRun {
    fn from(Joined(row, state): FlowRunWithState) -> Self {
        Self {
            id: row.id,
            created: row.created,
            updated: row.updated,
            name: row.name,
            flow_id: row.flow_id,
            state_id: row.state_id,
            deployment_id: row.deployment_id,
            deployment_version: row.deployment_version,
            work_queue_id: None,
            work_queue_name: row.work_queue_name,
            flow_version: row.flow_version,
            parameters: row.parameters.0,
            idempotency_key: row.idempotency_key,
            context: row.context.0,
            empirical_policy: row.empirical_policy.0,
            tags: row.tags.0,
            labels: row.labels.0,
            parent_task_run_id: row.parent_task_run_id,
            state_type: row.state_type,
            state_name: row.state_name,
            run_count: row.times.run_count,
            expected_start_time: row.times.expected_start_time,
            next_scheduled_start_time: row.times.next_scheduled_start_time,
            start_time: row.times.start_time,
            end_time: row.times.end_time,
            total_run_time: row.times.total_run_time,
            // `FlowRun::at` computes both estimates, which depend on the current time.
            estimated_run_time: Span::ZERO,
            estimated_start_time_delta: Span::ZERO,
            auto_scheduled: row.auto_scheduled,
            infrastructure_document_id: row.infrastructure_document_id,
            infrastructure_pid: row.infrastructure_pid,
            created_by: row.created_by.map(|by| by.0),
            work_pool_id: None,
            work_pool_name: None,
            job_variables: row.job_variables.map(|variables| variables.0),
            state: Some(state.into()),
        }
    }
}

record! {
    /// The columns of a flow run that the rules and the counters read.
    pub struct FlowRunForRules {
        pub flow_id: FlowId,
        pub deployment_id: Option<DeploymentId>,
        pub parent_task_run_id: Option<TaskRunId>,
        pub infrastructure_pid: Option<String>,
        pub empirical_policy: Json<FlowRunPolicy>,
        pub times: RunTimes,
        pub sort_time: Timestamp,
    }
}

record! {
    /// The columns that a transition changes.
    pub struct FlowRunStateUpdate {
        pub id: FlowRunId,
        pub state_id: StateId,
        pub state_type: StateType,
        pub state_name: String,
        pub state_timestamp: Timestamp,
        pub empirical_policy: Json<FlowRunPolicy>,
        pub times: RunTimes,
        pub updated: Timestamp,
    }
}

record! {
    /// The columns that a client may change. Those that its request leaves out are written back unchanged.
    pub struct FlowRunEdit {
        pub id: FlowRunId,
        pub name: String,
        pub flow_version: Option<String>,
        pub parameters: Json<Parameters>,
        pub empirical_policy: Json<FlowRunPolicy>,
        pub tags: Json<Vec<String>>,
        pub infrastructure_pid: Option<String>,
        pub job_variables: Option<Json<Object>>,
        pub updated: Timestamp,
    }
}

record! {
    /// A tag of a flow run.
    pub struct FlowRunTagRow {
        pub flow_run_id: FlowRunId,
        pub tag: String,
    }
}

record! {
    /// What a task run needs of its flow run.
    pub struct ParentFlowRunRow {
        pub id: FlowRunId,
        pub flow_id: FlowId,
        pub deployment_id: Option<DeploymentId>,
        pub labels: Json<Labels>,
    }
}

record! {
    /// A scheduled flow run that did not start in time, as the late-runs service found it.
    pub struct OverdueFlowRun {
        pub workspace_id: WorkspaceId,
        pub id: FlowRunId,
        pub state_id: StateId,
        pub next_scheduled_start_time: Timestamp,
    }
}

statements! {
    /// Flow runs in a state named Scheduled that were due before a time, the longest overdue first.
    system OVERDUE_FLOW_RUNS: (Timestamp, i64) => OverdueFlowRun =
        "SELECT workspace_id, id, state_id, next_scheduled_start_time FROM flow_run
         WHERE state_name = 'Scheduled' AND next_scheduled_start_time <= $1 AND state_type = 'SCHEDULED' AND state_id IS NOT NULL
         ORDER BY next_scheduled_start_time, workspace_id, id LIMIT $2";
    /// Adds a flow run, unless its flow has one with the same idempotency key.
    scoped bulk INSERT_FLOW_RUN: FlowRunRow => "flow_run" "ON CONFLICT DO NOTHING";
    /// Adds tags of flow runs.
    scoped bulk INSERT_FLOW_RUN_TAGS: FlowRunTagRow => "flow_run_tag" "ON CONFLICT DO NOTHING";
    /// Deletes the tags of a flow run.
    scoped DELETE_FLOW_RUN_TAGS: (FlowRunId,) => () = "DELETE FROM flow_run_tag WHERE workspace_id = $1 AND flow_run_id = $2";
    /// A flow run with its state.
    scoped FLOW_RUN: (FlowRunId,) => FlowRunWithState =
        "SELECT r.id, r.name, r.flow_id, r.flow_version, r.deployment_id, r.deployment_version, r.work_queue_name,
            r.idempotency_key, r.parent_task_run_id, r.parameters, r.context, r.empirical_policy, r.tags, r.labels,
            r.job_variables, r.infrastructure_document_id, r.infrastructure_pid, r.created_by, r.auto_scheduled,
            r.state_id, r.state_type, r.state_name, r.state_timestamp, r.run_count, r.expected_start_time,
            r.next_scheduled_start_time, r.start_time, r.end_time, r.total_run_time, r.created, r.updated,
            s.id, s.state_type, s.name, s.timestamp, s.message, s.data, s.state_details
         FROM flow_run r JOIN flow_run_state s ON s.workspace_id = r.workspace_id AND s.id = r.state_id
         WHERE r.workspace_id = $1 AND r.id = $2";
    /// The flow run that was created with this idempotency key.
    scoped FLOW_RUN_BY_KEY: (FlowId, String) => (FlowRunId,) =
        "SELECT id FROM flow_run WHERE workspace_id = $1 AND flow_id = $2 AND idempotency_key = $3";
    /// Locks a flow run.
    scoped LOCK_FLOW_RUN: (FlowRunId,) => (FlowRunId,) = for update
        "SELECT id FROM flow_run WHERE workspace_id = $1 AND id = $2";
    /// The columns of a locked flow run that the rules and the counters read, with its state. Separate from the statement that locks: on
    /// PostgreSQL a statement that waited for a lock sees the newest run but not its new state, which was inserted after the statement's
    /// snapshot.
    scoped FLOW_RUN_FOR_RULES: (FlowRunId,) => Joined<FlowRunForRules, StateRow> =
        "SELECT r.flow_id, r.deployment_id, r.parent_task_run_id, r.infrastructure_pid, r.empirical_policy, r.run_count,
            r.expected_start_time, r.next_scheduled_start_time, r.start_time, r.end_time, r.total_run_time, r.sort_time,
            s.id, s.state_type, s.name, s.timestamp, s.message, s.data, s.state_details
         FROM flow_run r JOIN flow_run_state s ON s.workspace_id = r.workspace_id AND s.id = r.state_id
         WHERE r.workspace_id = $1 AND r.id = $2";
    /// Updates the columns that a transition changes.
    scoped UPDATE_FLOW_RUN_STATE: FlowRunStateUpdate => () =
        "UPDATE flow_run SET state_id = $3, state_type = $4, state_name = $5, state_timestamp = $6, empirical_policy = $7,
            run_count = $8, expected_start_time = $9, next_scheduled_start_time = $10, start_time = $11, end_time = $12,
            total_run_time = $13, updated = $14
         WHERE workspace_id = $1 AND id = $2";
    /// Updates the columns that a client may change.
    scoped EDIT_FLOW_RUN: FlowRunEdit => () =
        "UPDATE flow_run SET name = $3, flow_version = $4, parameters = $5, empirical_policy = $6, tags = $7,
            infrastructure_pid = $8, job_variables = $9, updated = $10
         WHERE workspace_id = $1 AND id = $2";
    /// The flow and deployment under which the task runs of a flow run are counted.
    scoped PARENT_FLOW_RUN_KEYS: (FlowRunId,) => (FlowId, Option<DeploymentId>) =
        "SELECT flow_id, deployment_id FROM flow_run WHERE workspace_id = $1 AND id = $2";
    /// A flow run to which task runs are added; locked until the transaction ends.
    scoped LOCK_PARENT_FLOW_RUN: (FlowRunId,) => ParentFlowRunRow = for update
        "SELECT id, flow_id, deployment_id, labels FROM flow_run WHERE workspace_id = $1 AND id = $2";
    /// The same for several flow runs, in id order.
    scoped LOCK_PARENT_FLOW_RUNS: (Json<Vec<FlowRunId>>,) => ParentFlowRunRow = for update
        "SELECT id, flow_id, deployment_id, labels FROM flow_run WHERE workspace_id = $1 AND id IN " ids "$2" " ORDER BY id";
}

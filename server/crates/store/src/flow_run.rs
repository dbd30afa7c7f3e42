//! Flow runs and their tags.
//!
//! In a `scoped` statement the transaction binds `$1` to its workspace, and the parameters listed here begin at `$2`; `ids "$2"` stands for
//! a subquery that lists the ids in the JSON array `$2`, in the dialect of each database.

use model::{
    filter::query::FlowRunQuery,
    flow_run::{CreatedBy, FlowRun, FlowRunFilter, FlowRunSort},
    id::{BlockDocumentId, DeploymentId, FlowId, FlowRunId, StateId, TaskRunId, WorkspaceId},
    label::Labels,
    parameters::Parameters,
    policy::FlowRunPolicy,
    run::RunTimes,
    state::{State, StateType},
    time::{Span, Timestamp},
    wire::Object,
};
use uuid::Uuid;

use crate::{
    column::Json,
    filter::{
        List, Selection, SortBy, filter_columns,
        relation::{FLOW_OF_RUN, TASK_RUN_OF_RUN},
    },
    record,
    row::Joined,
    statements,
    tag::tags,
};

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
        /// The flow run of that task run.
        pub parent_flow_run_id: Option<FlowRunId>,
        pub parameters: Parameters,
        pub context: Object,
        pub empirical_policy: FlowRunPolicy,
        pub tags: Vec<String>,
        pub labels: Labels,
        pub job_variables: Option<Object>,
        pub infrastructure_document_id: Option<BlockDocumentId>,
        pub infrastructure_pid: Option<String>,
        pub created_by: Option<CreatedBy>,
        pub created_by_id: Option<Uuid>,
        pub created_by_type: Option<String>,
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
pub type FlowRunWithState = Joined<FlowRunRow, State>;

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
            parameters: row.parameters,
            idempotency_key: row.idempotency_key,
            context: row.context,
            empirical_policy: row.empirical_policy,
            tags: row.tags,
            labels: row.labels,
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
            created_by: row.created_by,
            work_pool_id: None,
            work_pool_name: None,
            job_variables: row.job_variables,
            state: Some(state),
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
        pub empirical_policy: FlowRunPolicy,
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
        pub empirical_policy: FlowRunPolicy,
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
        pub parameters: Parameters,
        pub empirical_policy: FlowRunPolicy,
        pub tags: Vec<String>,
        pub infrastructure_pid: Option<String>,
        pub job_variables: Option<Object>,
        pub updated: Timestamp,
    }
}

tags!(FlowRunTagRow { flow_run_id: FlowRunId } in "flow_run_tag", INSERT_FLOW_RUN_TAGS);

record! {
    /// What a task run needs of its flow run.
    pub struct ParentFlowRunRow {
        pub id: FlowRunId,
        pub flow_id: FlowId,
        pub deployment_id: Option<DeploymentId>,
        pub labels: Labels,
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

filter_columns! {
    FlowRunFilter on "flow_run" {
        id: "id",
        name: "name",
        tags: "tags",
        deployment_id: "deployment_id",
        work_queue_name: "work_queue_name",
        state: "state_type",
        flow_version: "flow_version",
        start_time: "start_time",
        end_time: "end_time",
        expected_start_time: "expected_start_time",
        next_scheduled_start_time: "next_scheduled_start_time",
        parent_flow_run_id: "parent_flow_run_id",
        parent_task_run_id: "parent_task_run_id",
        idempotency_key: "idempotency_key",
        created_by: "created_by",
    }
}

impl List for FlowRunQuery {
    type Row = FlowRunWithState;
    const TABLE: &'static str = "flow_run";
    const NARROWED_BY: &'static str = "flow_runs.start_time";
    const JOINED: Option<(&'static str, &'static str)> = Some(("flow_run_state", "state_id"));

    fn selection(&self) -> Selection<'_> {
        Selection::new("flow_run", self.flow_runs.as_ref())
            .with(&FLOW_OF_RUN, Selection::new("flow", self.flows.as_ref()))
            .with(&TASK_RUN_OF_RUN, Selection::new("task_run", self.task_runs.as_ref()))
    }

    fn order(&self) -> SortBy {
        match self.sort {
            FlowRunSort::IdDesc => SortBy::desc("id"),
            FlowRunSort::StartTimeAsc => SortBy::asc("sort_time"),
            FlowRunSort::StartTimeDesc => SortBy::desc("sort_time"),
            FlowRunSort::ExpectedStartTimeAsc => SortBy::asc("expected_start_time"),
            FlowRunSort::ExpectedStartTimeDesc => SortBy::desc("expected_start_time"),
            FlowRunSort::NameAsc => SortBy::asc("name"),
            FlowRunSort::NameDesc => SortBy::desc("name"),
            FlowRunSort::NextScheduledStartTimeAsc => SortBy::asc("next_scheduled_start_time").nulls_last(i64::MIN),
            FlowRunSort::EndTimeDesc => SortBy::desc("end_time").nulls_last(i64::MIN),
        }
    }
}

/// The types of states that the query selects, if it has no other condition: then the counters can answer. `None` inside means all types.
#[must_use]
pub fn flow_runs_counted_by_state(query: &FlowRunQuery) -> Option<Option<&[StateType]>> {
    if query.flows.is_some() || query.task_runs.is_some() {
        return None;
    }
    let Some(filter) = &query.flow_runs else { return Some(None) };
    if (FlowRunFilter { state: None, ..filter.clone() }) != FlowRunFilter::default() {
        return None;
    }
    match &filter.state {
        None => Some(None),
        Some(state) if state.name.is_none() => match &state.state_type {
            None => Some(None),
            Some(types) => types.not_any_.is_none().then_some(types.any_.as_deref()),
        },
        Some(_) => None,
    }
}

statements! {
    /// Flow runs in a state named Scheduled that were due before a time, the longest overdue first.
    system OVERDUE_FLOW_RUNS: (Timestamp, i64) => OverdueFlowRun = select
        "FROM flow_run
         WHERE state_name = 'Scheduled' AND next_scheduled_start_time <= $1 AND state_type = 'SCHEDULED' AND state_id IS NOT NULL
         ORDER BY next_scheduled_start_time, workspace_id, id LIMIT $2";
    /// Adds a flow run, unless its flow has one with the same idempotency key.
    scoped bulk INSERT_FLOW_RUN: FlowRunRow => "flow_run" "ON CONFLICT DO NOTHING";
    /// Deletes the tags of a flow run.
    scoped DELETE_FLOW_RUN_TAGS: (FlowRunId,) => () = "DELETE FROM flow_run_tag WHERE workspace_id = $1 AND flow_run_id = $2";
    /// A flow run with its state.
    scoped FLOW_RUN: (FlowRunId,) => FlowRunWithState = select ("r", "s")
        "FROM flow_run r JOIN flow_run_state s ON s.workspace_id = r.workspace_id AND s.id = r.state_id
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
    scoped FLOW_RUN_FOR_RULES: (FlowRunId,) => Joined<FlowRunForRules, State> = select ("r", "s")
        "FROM flow_run r JOIN flow_run_state s ON s.workspace_id = r.workspace_id AND s.id = r.state_id
         WHERE r.workspace_id = $1 AND r.id = $2";
    /// Updates the columns that a transition changes.
    scoped update UPDATE_FLOW_RUN_STATE: FlowRunStateUpdate => "flow_run";
    /// Updates the columns that a client may change.
    scoped update EDIT_FLOW_RUN: FlowRunEdit => "flow_run";
    /// The flow and deployment under which the task runs of a flow run are counted.
    scoped PARENT_FLOW_RUN_KEYS: (FlowRunId,) => (FlowId, Option<DeploymentId>) =
        "SELECT flow_id, deployment_id FROM flow_run WHERE workspace_id = $1 AND id = $2";
    /// A flow run to which task runs are added; locked until the transaction ends.
    scoped LOCK_PARENT_FLOW_RUN: (FlowRunId,) => ParentFlowRunRow = select for update
        "FROM flow_run WHERE workspace_id = $1 AND id = $2";
    /// The same for several flow runs, in id order.
    scoped LOCK_PARENT_FLOW_RUNS: (Json<Vec<FlowRunId>>,) => ParentFlowRunRow = select for update
        "FROM flow_run WHERE workspace_id = $1 AND id IN " ids "$2" " ORDER BY id";
}

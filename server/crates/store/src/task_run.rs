//! Task runs and their tags.
//!
//! In a `scoped` statement the transaction binds `$1` to its workspace, and the parameters listed here begin at `$2`; `ids "$2"` stands for
//! a subquery that lists the ids in the JSON array `$2`, in the dialect of each database.

use model::{
    filter::query::TaskRunQuery,
    id::{FlowRunId, StateId, TaskRunId},
    label::Labels,
    policy::TaskRunPolicy,
    run::RunTimes,
    state::{State, StateType},
    task_run::{TaskInputs, TaskRun, TaskRunFilter, TaskRunSort},
    time::{Span, Timestamp},
};

use crate::{
    column::Json,
    filter::{
        List, Selection, SortBy, filter_columns,
        relation::{FLOW_OF_RUN, RUN_OF_TASK_RUN},
    },
    record,
    row::Joined,
    statements,
    tag::tags,
};

record! {
    /// A row of `task_run` without `sort_time`, which the database generates.
    pub struct TaskRunRow {
        pub id: TaskRunId,
        pub name: String,
        pub flow_run_id: Option<FlowRunId>,
        pub task_key: String,
        pub dynamic_key: String,
        pub cache_key: Option<String>,
        pub cache_expiration: Option<Timestamp>,
        pub task_version: Option<String>,
        pub empirical_policy: TaskRunPolicy,
        pub task_inputs: TaskInputs,
        pub tags: Vec<String>,
        pub labels: Labels,
        pub state_id: Option<StateId>,
        pub state_type: Option<StateType>,
        pub state_name: Option<String>,
        pub state_timestamp: Option<Timestamp>,
        pub flow_run_run_count: i64,
        pub times: RunTimes,
        pub created: Timestamp,
        pub updated: Timestamp,
    }
}

/// A task run with its state.
pub type TaskRunWithState = Joined<TaskRunRow, State>;

impl From<TaskRunWithState> for TaskRun {
    fn from(Joined(row, state): TaskRunWithState) -> Self {
        Self {
            id: row.id,
            created: row.created,
            updated: row.updated,
            name: row.name,
            flow_run_id: row.flow_run_id,
            task_key: row.task_key,
            dynamic_key: row.dynamic_key,
            cache_key: row.cache_key,
            cache_expiration: row.cache_expiration,
            task_version: row.task_version,
            empirical_policy: row.empirical_policy,
            tags: row.tags,
            labels: row.labels,
            state_id: row.state_id,
            task_inputs: row.task_inputs,
            state_type: row.state_type,
            state_name: row.state_name,
            run_count: row.times.run_count,
            flow_run_run_count: row.flow_run_run_count,
            expected_start_time: row.times.expected_start_time,
            next_scheduled_start_time: row.times.next_scheduled_start_time,
            start_time: row.times.start_time,
            end_time: row.times.end_time,
            total_run_time: row.times.total_run_time,
            // `TaskRun::at` computes both estimates, which depend on the current time.
            estimated_run_time: Span::ZERO,
            estimated_start_time_delta: Span::ZERO,
            state: Some(state),
        }
    }
}

record! {
    /// The columns of a task run that the rules and the counters read.
    pub struct TaskRunForRules {
        pub flow_run_id: Option<FlowRunId>,
        pub empirical_policy: TaskRunPolicy,
        pub flow_run_run_count: i64,
        pub times: RunTimes,
        pub sort_time: Timestamp,
    }
}

record! {
    /// The columns that a transition changes.
    pub struct TaskRunStateUpdate {
        pub id: TaskRunId,
        pub state_id: StateId,
        pub state_type: StateType,
        pub state_name: String,
        pub state_timestamp: Timestamp,
        pub flow_run_run_count: i64,
        pub times: RunTimes,
        pub updated: Timestamp,
    }
}

tags!(TaskRunTagRow { task_run_id: TaskRunId } in "task_run_tag", INSERT_TASK_RUN_TAGS);

filter_columns! {
    TaskRunFilter on "task_run" {
        id: "id",
        name: "name",
        tags: "tags",
        state: "state_type",
        start_time: "start_time",
        end_time: "end_time",
        expected_start_time: "expected_start_time",
        flow_run_id: "flow_run_id",
        subflow_runs: "has_subflow_run",
    }
}

impl List for TaskRunQuery {
    type Row = TaskRunWithState;
    const TABLE: &'static str = "task_run";
    const NARROWED_BY: &'static str = "task_runs.flow_run_id";
    const JOINED: Option<(&'static str, &'static str)> = Some(("task_run_state", "state_id"));

    fn selection(&self) -> Selection<'_> {
        let flows = Selection::new("flow", self.flows.as_ref());
        let runs = Selection::new("flow_run", self.flow_runs.as_ref()).with(&FLOW_OF_RUN, flows);
        Selection::new("task_run", self.task_runs.as_ref()).with(&RUN_OF_TASK_RUN, runs)
    }

    fn order(&self) -> SortBy {
        match self.sort {
            TaskRunSort::IdDesc => SortBy::desc("id"),
            TaskRunSort::ExpectedStartTimeAsc => SortBy::asc("expected_start_time").nulls_last(i64::MIN),
            TaskRunSort::ExpectedStartTimeDesc => SortBy::desc("expected_start_time").nulls_last(i64::MIN),
            TaskRunSort::NameAsc => SortBy::asc("name"),
            TaskRunSort::NameDesc => SortBy::desc("name"),
            TaskRunSort::NextScheduledStartTimeAsc => SortBy::asc("next_scheduled_start_time").nulls_last(i64::MIN),
            TaskRunSort::EndTimeDesc => SortBy::desc("end_time").nulls_last(i64::MIN),
        }
    }
}

statements! {
    /// Adds a task run, unless its id or its keys are taken.
    scoped bulk INSERT_TASK_RUN: TaskRunRow => "task_run" "ON CONFLICT DO NOTHING";
    /// A task run with its state.
    scoped TASK_RUN: (TaskRunId,) => TaskRunWithState = select ("r", "s")
        "FROM task_run r JOIN task_run_state s ON s.workspace_id = r.workspace_id AND s.id = r.state_id
         WHERE r.workspace_id = $1 AND r.id = $2";
    /// The task run with these keys in a flow run.
    scoped TASK_RUN_BY_KEYS: (FlowRunId, String, String) => (TaskRunId,) =
        "SELECT id FROM task_run WHERE workspace_id = $1 AND flow_run_id = $2 AND task_key = $3 AND dynamic_key = $4";
    /// The background task run with these keys.
    scoped BACKGROUND_TASK_RUN_BY_KEYS: (String, String) => (TaskRunId,) =
        "SELECT id FROM task_run WHERE workspace_id = $1 AND flow_run_id IS NULL AND task_key = $2 AND dynamic_key = $3
         ORDER BY id LIMIT 1";
    /// The flow run of a task run, which a write must lock before the task run.
    scoped FLOW_RUN_OF_TASK_RUN: (TaskRunId,) => (Option<FlowRunId>,) =
        "SELECT flow_run_id FROM task_run WHERE workspace_id = $1 AND id = $2";
    /// Marks a task run that represents a subflow run.
    scoped MARK_SUBFLOW_TASK_RUN: (TaskRunId,) => () =
        "UPDATE task_run SET has_subflow_run = TRUE WHERE workspace_id = $1 AND id = $2";
    /// Locks a task run.
    scoped LOCK_TASK_RUN: (TaskRunId,) => (TaskRunId,) = for update
        "SELECT id FROM task_run WHERE workspace_id = $1 AND id = $2";
    /// The columns of a locked task run that the rules and the counters read, with its state. Separate from the statement that locks, because
    /// on PostgreSQL a statement that waited for a lock does not see a state inserted meanwhile.
    scoped TASK_RUN_FOR_RULES: (TaskRunId,) => Joined<TaskRunForRules, State> = select ("r", "s")
        "FROM task_run r JOIN task_run_state s ON s.workspace_id = r.workspace_id AND s.id = r.state_id
         WHERE r.workspace_id = $1 AND r.id = $2";
    /// The task runs with these ids, in id order; locked until the transaction ends.
    scoped LOCK_TASK_RUNS: (Json<Vec<TaskRunId>>,) => TaskRunRow = select for update
        "FROM task_run WHERE workspace_id = $1 AND id IN " ids "$2" " ORDER BY id";
    /// The task runs with these keys: flow run, task key and dynamic key.
    scoped TASK_RUNS_BY_KEYS: (Json<Vec<(FlowRunId, String, String)>>,) => (TaskRunId, FlowRunId, String, String) =
        sqlite "SELECT t.id, t.flow_run_id, t.task_key, t.dynamic_key FROM json_each($2) AS k
         JOIN task_run t ON t.flow_run_id = unhex(k.value ->> 0, '-') AND t.task_key = k.value ->> 1 AND t.dynamic_key = k.value ->> 2
         WHERE t.workspace_id = $1"
        postgres "SELECT t.id, t.flow_run_id, t.task_key, t.dynamic_key
         FROM json_array_elements(CAST(CAST($2 AS TEXT) AS JSON)) AS k (value)
         JOIN task_run t ON t.flow_run_id = CAST(k.value ->> 0 AS UUID) AND t.task_key = k.value ->> 1 AND t.dynamic_key = k.value ->> 2
         WHERE t.workspace_id = $1";
    /// Of the given task runs, those that are parents of a subflow run.
    scoped SUBFLOW_TASK_RUNS: (Json<Vec<TaskRunId>>,) => (TaskRunId,) =
        "SELECT parent_task_run_id FROM flow_run WHERE workspace_id = $1 AND parent_task_run_id IN " ids "$2";
    /// Deletes the tags of task runs.
    scoped DELETE_TASK_RUN_TAGS: (Json<Vec<TaskRunId>>,) => () =
        "DELETE FROM task_run_tag WHERE workspace_id = $1 AND task_run_id IN " ids "$2";
    /// Updates the columns that a transition changes.
    scoped update UPDATE_TASK_RUN_STATE: TaskRunStateUpdate => "task_run";
    /// Failed task runs of a flow run, up to a limit, in id order; locked until the transaction ends.
    scoped LOCK_FAILED_TASK_RUNS: (FlowRunId, i64) => TaskRunRow = select for update
        "FROM task_run WHERE workspace_id = $1 AND flow_run_id = $2 AND state_type = 'FAILED' ORDER BY id LIMIT $3";
    /// Updates locked task runs: all columns except those that never change (the keys, `labels` and `created`). An upsert, because only an
    /// INSERT takes many rows in one statement; since the rows exist and are locked, it never inserts.
    scoped bulk UPSERT_TASK_RUNS: TaskRunRow => "task_run"
        "ON CONFLICT (workspace_id, id) DO UPDATE SET name = excluded.name, cache_key = excluded.cache_key,
            cache_expiration = excluded.cache_expiration, task_version = excluded.task_version,
            empirical_policy = excluded.empirical_policy, task_inputs = excluded.task_inputs, tags = excluded.tags,
            state_id = excluded.state_id, state_type = excluded.state_type, state_name = excluded.state_name,
            state_timestamp = excluded.state_timestamp, run_count = excluded.run_count,
            flow_run_run_count = excluded.flow_run_run_count, expected_start_time = excluded.expected_start_time,
            next_scheduled_start_time = excluded.next_scheduled_start_time, start_time = excluded.start_time,
            end_time = excluded.end_time, total_run_time = excluded.total_run_time, updated = excluded.updated";
}

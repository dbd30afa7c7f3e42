//! The task runs on the page of their flow run.

use model::{
    id::{FlowRunId, TaskRunId},
    state::StateType,
    time::Timestamp,
};

use crate::{column::Json, record, statements};

record! {
    /// A task run on the page of its flow run.
    pub struct TaskListRow {
        pub id: TaskRunId,
        pub name: String,
        pub state_type: Option<StateType>,
        pub state_name: Option<String>,
        pub message: Option<String>,
        pub run_count: i64,
        pub start_time: Option<Timestamp>,
        pub end_time: Option<Timestamp>,
        pub sort_time: Timestamp,
        pub has_subflow_run: bool,
    }
}

record! {
    /// The task run that failed or crashed first.
    pub struct FailedTaskRunRow {
        pub id: TaskRunId,
        pub name: String,
        pub timestamp: Timestamp,
        pub message: Option<String>,
        pub has_subflow_run: bool,
    }
}

statements! {
    /// How many task runs a flow run has by the type of their state, counted up to a limit, and how many of them have started.
    scoped TASK_RUNS_BY_STATE: (FlowRunId, i64) => (Option<StateType>, i64, i64) =
        "SELECT state_type, COUNT(*), COUNT(COALESCE(start_time, end_time))
         FROM (SELECT state_type, start_time, end_time FROM task_run WHERE workspace_id = $1 AND flow_run_id = $2 LIMIT $3) AS counted
         GROUP BY state_type ORDER BY state_type";
    /// The task runs of a flow run in the order of their sort time.
    scoped TASK_RUNS_OF_RUN: (FlowRunId, i64, i64) => TaskListRow =
        "SELECT t.id, t.name, t.state_type, t.state_name, s.message, t.run_count, t.start_time, t.end_time, t.sort_time,
             t.has_subflow_run
         FROM task_run t LEFT JOIN task_run_state s ON s.workspace_id = t.workspace_id AND s.id = t.state_id
         WHERE t.workspace_id = $1 AND t.flow_run_id = $2 ORDER BY t.sort_time, t.id LIMIT $3 OFFSET $4";
    /// The task runs with these ids.
    scoped TASK_RUNS_BY_IDS: (Json<Vec<TaskRunId>>,) => TaskListRow =
        "SELECT t.id, t.name, t.state_type, t.state_name, s.message, t.run_count, t.start_time, t.end_time, t.sort_time,
             t.has_subflow_run
         FROM task_run t LEFT JOIN task_run_state s ON s.workspace_id = t.workspace_id AND s.id = t.state_id
         WHERE t.workspace_id = $1 AND t.id IN " ids "$2";
    /// The task run of a flow run that failed or crashed first, among so many.
    scoped FIRST_FAILED_TASK_RUN: (FlowRunId, i64) => FailedTaskRunRow =
        "SELECT t.id, t.name, s.timestamp, s.message, t.has_subflow_run
         FROM (SELECT id, name, state_id, state_type, has_subflow_run FROM task_run
             WHERE workspace_id = $1 AND flow_run_id = $2 LIMIT $3) t
         JOIN task_run_state s ON s.workspace_id = $1 AND s.id = t.state_id
         WHERE t.state_type IN ('FAILED', 'CRASHED') ORDER BY s.timestamp, s.id LIMIT 1";
    /// The subflow runs that these task runs represent, with the time by which runs are sorted, at most so many. A task run that is run again
    /// starts another one. Not sorted, so that PostgreSQL does not read all runs of the workspace in the order of time.
    scoped SUBFLOW_RUNS_OF_TASK_RUNS: (Json<Vec<TaskRunId>>, i64) => (TaskRunId, FlowRunId, Timestamp) =
        "SELECT parent_task_run_id, id, sort_time FROM flow_run
         WHERE workspace_id = $1 AND parent_task_run_id IN " ids "$2" " LIMIT $3";
    /// How many subflow runs a flow run has, counted up to a limit.
    scoped COUNT_SUBFLOW_RUNS: (FlowRunId, i64) => (i64,) =
        "SELECT COUNT(*) FROM (SELECT 1 FROM flow_run WHERE workspace_id = $1 AND parent_flow_run_id = $2 LIMIT $3) AS counted";
}

macro_rules! ranked_task_runs {
    ($($state:literal => $rank:literal,)* else $other:literal) => {
        statements! {
            /// The first so many task runs of a flow run by [`task_rank`]; within a rank the last to end first.
            scoped RANKED_TASK_RUNS: (FlowRunId, i64, i64, i64) => TaskListRow = concat!(
                "SELECT t.id, t.name, t.state_type, t.state_name, s.message, t.run_count, t.start_time, t.end_time, t.sort_time,
                     t.has_subflow_run
                 FROM (SELECT * FROM task_run WHERE workspace_id = $1 AND flow_run_id = $2 ORDER BY sort_time, id LIMIT $3) AS t
                 LEFT JOIN task_run_state s ON s.workspace_id = $1 AND s.id = t.state_id
                 ORDER BY CASE t.state_type", $(" WHEN '", $state, "' THEN ", $rank,)* " ELSE ", $other, " END,
                     t.end_time DESC NULLS LAST, t.sort_time, t.id
                 LIMIT $4 OFFSET $5");
        }

        /// The rank of a task run on its flow run's page, by the type of its state.
        #[must_use]
        pub fn task_rank(state_type: Option<StateType>) -> u8 {
            match state_type.map(StateType::as_str) {
                $(Some($state) => $rank,)*
                _ => $other,
            }
        }
    };
}

ranked_task_runs! {
    "FAILED" => 0,
    "CRASHED" => 0,
    "RUNNING" => 1,
    "CANCELLING" => 1,
    "PAUSED" => 2,
    "CANCELLED" => 4,
    "COMPLETED" => 5,
    else 3
}

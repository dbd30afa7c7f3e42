//! The page of a flow run: its states and what it belongs to.

use model::{
    id::{FlowId, FlowRunId, StateId, TaskRunId},
    state::StateType,
    time::Timestamp,
};

use crate::{record, statements};

record! {
    /// A state in a run's history.
    pub struct StateHistoryRow {
        pub id: StateId,
        pub state_type: StateType,
        pub name: String,
        pub timestamp: Timestamp,
        pub message: Option<String>,
    }
}

statements! {
    /// The name of a flow.
    scoped FLOW_NAME: (FlowId,) => (String,) = "SELECT name FROM flow WHERE workspace_id = $1 AND id = $2";
    /// The flow of a run, and its own name.
    scoped FLOW_RUN_NAMES: (FlowRunId,) => (String, String) =
        "SELECT f.name, r.name FROM flow_run r
         JOIN flow f ON f.workspace_id = r.workspace_id AND f.id = r.flow_id
         WHERE r.workspace_id = $1 AND r.id = $2";
    /// The parent of a subflow run, by its parent task run: id, flow and name.
    scoped PARENT_RUN: (TaskRunId,) => (FlowRunId, String, String) =
        "SELECT p.id, f.name, p.name FROM task_run t
         JOIN flow_run p ON p.workspace_id = t.workspace_id AND p.id = t.flow_run_id
         JOIN flow f ON f.workspace_id = p.workspace_id AND f.id = p.flow_id
         WHERE t.workspace_id = $1 AND t.id = $2";
    /// The newest states of a flow run, newest first.
    scoped NEWEST_STATES: (FlowRunId, i64) => StateHistoryRow = select
        "FROM flow_run_state
         WHERE workspace_id = $1 AND flow_run_id = $2 ORDER BY timestamp DESC, id DESC LIMIT $3";
    /// The last completed run of a flow before a time, among the last so many.
    scoped LAST_COMPLETED_RUN: (FlowId, Timestamp, i64) => (FlowRunId, Timestamp) =
        "SELECT id, sort_time FROM (
             SELECT id, sort_time, state_type FROM flow_run
             WHERE workspace_id = $1 AND flow_id = $2 AND sort_time < $3 ORDER BY sort_time DESC, id DESC LIMIT $4) AS before
         WHERE state_type = 'COMPLETED' ORDER BY sort_time DESC, id DESC LIMIT 1";
}

//! States of flow runs and of task runs: two tables with the same columns.

use model::{
    id::{FlowRunId, StateId, TaskRunId},
    state::{State, StateDetails, StateType},
    time::Timestamp,
};
use serde_json::Value;

use crate::{column::Json, record, statements};

record! {
    /// A row of either table, without the run's id.
    pub struct StateRow {
        pub id: StateId,
        pub state_type: StateType,
        pub name: String,
        pub timestamp: Timestamp,
        pub message: Option<String>,
        pub data: Option<Json<Value>>,
        pub state_details: Json<StateDetails>,
    }
}

record! {
    /// A state of a flow run, to be inserted.
    pub struct FlowRunStateRow {
        pub id: StateId,
        pub flow_run_id: FlowRunId,
        pub state_type: StateType,
        pub name: String,
        pub timestamp: Timestamp,
        pub message: Option<String>,
        pub data: Option<Json<Value>>,
        pub state_details: Json<StateDetails>,
    }
}

record! {
    /// A state of a task run, to be inserted.
    pub struct TaskRunStateRow {
        pub id: StateId,
        pub task_run_id: TaskRunId,
        pub state_type: StateType,
        pub name: String,
        pub timestamp: Timestamp,
        pub message: Option<String>,
        pub data: Option<Json<Value>>,
        pub state_details: Json<StateDetails>,
    }
}

impl From<StateRow> for State {
    fn from(row: StateRow) -> Self {
        Self {
            id: row.id,
            state_type: row.state_type,
            name: row.name,
            timestamp: row.timestamp,
            message: row.message,
            data: row.data.map(|data| data.0),
            state_details: row.state_details.0,
        }
    }
}

impl FlowRunStateRow {
    /// The row of a flow run's state.
    #[must_use]
    pub fn new(flow_run_id: FlowRunId, state: &State) -> Self {
        Self {
            id: state.id,
            flow_run_id,
            state_type: state.state_type,
            name: state.name.clone(),
            timestamp: state.timestamp,
            message: state.message.clone(),
            data: stored_data(state.data.as_ref()),
            state_details: Json(state.state_details.clone()),
        }
    }
}

impl TaskRunStateRow {
    /// The row of a task run's state.
    #[must_use]
    pub fn new(task_run_id: TaskRunId, state: &State) -> Self {
        Self {
            id: state.id,
            task_run_id,
            state_type: state.state_type,
            name: state.name.clone(),
            timestamp: state.timestamp,
            message: state.message.clone(),
            data: stored_data(state.data.as_ref()),
            state_details: Json(state.state_details.clone()),
        }
    }
}

/// The part of a state's data that is stored. The description of a result that the client did not persist is of no use and is dropped.
fn stored_data(data: Option<&Value>) -> Option<Json<Value>> {
    let is_description = |data: &Value| data.get("type").and_then(Value::as_str) == Some("unpersisted");
    data.filter(|data| !is_description(data)).cloned().map(Json)
}

statements! {
    /// Adds states of flow runs.
    scoped bulk INSERT_FLOW_RUN_STATES: FlowRunStateRow => "flow_run_state" "";
    /// Adds states of task runs, except those that are stored already.
    scoped bulk INSERT_TASK_RUN_STATES: TaskRunStateRow => "task_run_state" "ON CONFLICT (workspace_id, id) DO NOTHING";
    /// The states of a flow run, oldest first. Limited, because a run may change its state any number of times.
    scoped FLOW_RUN_STATES: (FlowRunId, i64) => StateRow =
        "SELECT id, state_type, name, timestamp, message, data, state_details FROM flow_run_state
         WHERE workspace_id = $1 AND flow_run_id = $2 ORDER BY timestamp, id LIMIT $3";
    /// The states of a task run, oldest first.
    scoped TASK_RUN_STATES: (TaskRunId, i64) => StateRow =
        "SELECT id, state_type, name, timestamp, message, data, state_details FROM task_run_state
         WHERE workspace_id = $1 AND task_run_id = $2 ORDER BY timestamp, id LIMIT $3";
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::stored_data;

    #[test]
    fn data_is_stored_unless_it_describes_an_unpersisted_result() {
        for data in [json!({"type": "reference"}), json!({"encoding": "result"}), json!("unpersisted"), json!([1])] {
            assert_eq!(stored_data(Some(&data)).unwrap().0, data);
        }
        assert!(stored_data(Some(&json!({"type": "unpersisted", "artifact_type": "result"}))).is_none());
        assert!(stored_data(None).is_none());
    }
}

//! States of flow runs and of task runs: two tables with the same columns.

use model::{
    id::{FlowRunId, StateId, TaskRunId},
    state::{State, StateDetails, StateType},
    time::Timestamp,
};
use serde_json::Value;

use crate::{record, row::nested, statements};

nested! {
    for State {
        id: StateId,
        state_type: StateType,
        name: String,
        timestamp: Timestamp,
        message: Option<String>,
        data: Option<Value>,
        state_details: StateDetails,
    }
}

record! {
    /// A state of a flow run, to be inserted.
    pub struct FlowRunStateRow {
        pub flow_run_id: FlowRunId,
        pub state: State,
    }
}

record! {
    /// A state of a task run, to be inserted.
    pub struct TaskRunStateRow {
        pub task_run_id: TaskRunId,
        pub state: State,
    }
}

impl FlowRunStateRow {
    /// The row of a flow run's state.
    #[must_use]
    pub fn new(flow_run_id: FlowRunId, state: &State) -> Self {
        Self { flow_run_id, state: stored(state.clone()) }
    }
}

impl TaskRunStateRow {
    /// The row of a task run's state.
    #[must_use]
    pub fn new(task_run_id: TaskRunId, state: &State) -> Self {
        Self { task_run_id, state: stored(state.clone()) }
    }
}

/// What is stored of a state. The description of a result that the client did not persist is of no use and is dropped.
fn stored(mut state: State) -> State {
    state.data.take_if(|data| data.get("type").and_then(Value::as_str) == Some("unpersisted"));
    state
}

statements! {
    /// Adds states of flow runs.
    scoped bulk INSERT_FLOW_RUN_STATES: FlowRunStateRow => "flow_run_state" "";
    /// Adds states of task runs, except those that are stored already.
    scoped bulk INSERT_TASK_RUN_STATES: TaskRunStateRow => "task_run_state" "ON CONFLICT (workspace_id, id) DO NOTHING";
    /// The states of a flow run, oldest first. Limited, because a run may change its state any number of times.
    scoped FLOW_RUN_STATES: (FlowRunId, i64) => State = select
        "FROM flow_run_state
         WHERE workspace_id = $1 AND flow_run_id = $2 ORDER BY timestamp, id LIMIT $3";
    /// The states of a task run, oldest first.
    scoped TASK_RUN_STATES: (TaskRunId, i64) => State = select
        "FROM task_run_state
         WHERE workspace_id = $1 AND task_run_id = $2 ORDER BY timestamp, id LIMIT $3";
}

#[cfg(test)]
mod tests {
    use model::{
        id::StateId,
        state::{State, StateDetails, StateType},
        time::Timestamp,
    };
    use serde_json::json;

    use super::stored;

    #[test]
    fn data_is_stored_unless_it_describes_an_unpersisted_result() {
        let state = |data| State {
            id: StateId(uuid::Uuid::nil()),
            state_type: StateType::Completed,
            name: "Completed".to_owned(),
            timestamp: Timestamp::from_micros(0),
            message: None,
            data,
            state_details: StateDetails::default(),
        };
        for data in [json!({"type": "reference"}), json!({"encoding": "result"}), json!("unpersisted"), json!([1])] {
            assert_eq!(stored(state(Some(data.clone()))).data, Some(data));
        }
        assert_eq!(stored(state(Some(json!({"type": "unpersisted", "artifact_type": "result"})))).data, None);
        assert_eq!(stored(state(None)).data, None);
    }
}

//! The page that lists flow runs.

use model::{filter::query::FlowRunQuery, id::FlowRunId, state::StateType, time::Timestamp};

use crate::{
    column::Json,
    filter::{List, Selection, SortBy},
    record,
    row::Joined,
    statements,
};

record! {
    /// A flow run on the page that lists runs.
    pub struct RunListRow {
        pub id: FlowRunId,
        pub name: String,
        pub tags: Vec<String>,
        pub state_type: Option<StateType>,
        pub state_name: Option<String>,
        pub expected_start_time: Option<Timestamp>,
        pub start_time: Option<Timestamp>,
        pub end_time: Option<Timestamp>,
        pub sort_time: Timestamp,
    }
}

record! {
    /// The flow of such a run.
    pub struct FlowNameRow {
        pub name: String,
    }
}

/// A run on the page that lists runs, and its flow.
pub type ListedRun = Joined<RunListRow, FlowNameRow>;

/// The list of the page of runs: only the columns that it shows.
#[derive(Clone, Debug)]
pub struct ListedRuns(pub FlowRunQuery);

impl List for ListedRuns {
    type Row = ListedRun;
    const TABLE: &'static str = "flow_run";
    const NARROWED_BY: &'static str = "flow_runs.start_time";
    const JOINED: Option<(&'static str, &'static str)> = Some(("flow", "flow_id"));

    fn selection(&self) -> Selection<'_> {
        self.0.selection()
    }

    fn order(&self) -> SortBy {
        self.0.order()
    }
}

statements! {
    /// How many task runs each of these flow runs has, counted up to a limit.
    scoped COUNT_TASK_RUNS: (Json<Vec<FlowRunId>>, i64) => (FlowRunId, i64) =
        "SELECT r.id, (SELECT COUNT(*) FROM
            (SELECT 1 FROM task_run t WHERE t.workspace_id = $1 AND t.flow_run_id = r.id LIMIT $3) AS counted)
         FROM flow_run r WHERE r.workspace_id = $1 AND r.id IN " ids "$2";
}

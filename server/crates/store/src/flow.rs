//! Flows and their tags.

use model::{
    filter::query::FlowQuery,
    flow::{Flow, FlowFilter, FlowSort},
    id::FlowId,
    label::Labels,
    time::Timestamp,
};

use crate::{
    filter::{
        List, Selection, SortBy, filter_columns,
        relation::{RUN_OF_FLOW, TASK_RUN_OF_RUN},
    },
    record, statements,
    tag::tags,
};

record! {
    for Flow {
        id: FlowId,
        name: String,
        tags: Vec<String>,
        labels: Labels,
        created: Timestamp,
        updated: Timestamp,
    }
}

tags!(FlowTagRow { flow_id: FlowId } in "flow_tag", INSERT_FLOW_TAGS);

filter_columns! {
    FlowFilter on "flow" {
        id: "id",
        name: "name",
        tags: "tags",
        deployment: "id",
    }
}

impl List for FlowQuery {
    type Row = Flow;
    const TABLE: &'static str = "flow";
    const NARROWED_BY: &'static str = "flows.name";

    fn selection(&self) -> Selection<'_> {
        let task_runs = Selection::new("task_run", self.task_runs.as_ref());
        let runs = Selection::new("flow_run", self.flow_runs.as_ref()).with(&TASK_RUN_OF_RUN, task_runs);
        Selection::new("flow", self.flows.as_ref()).with(&RUN_OF_FLOW, runs)
    }

    fn order(&self) -> SortBy {
        match self.sort {
            FlowSort::CreatedDesc => SortBy::desc("created"),
            FlowSort::UpdatedDesc => SortBy::desc("updated"),
            FlowSort::NameAsc => SortBy::asc("name"),
            FlowSort::NameDesc => SortBy::desc("name"),
        }
    }
}

statements! {
    /// Adds a flow, unless its name is taken.
    scoped bulk INSERT_FLOW: Flow => "flow" "ON CONFLICT (workspace_id, name) DO NOTHING";
    /// The flow of this name.
    scoped FLOW_BY_NAME: (String,) => Flow = select "FROM flow WHERE workspace_id = $1 AND name = $2";
    /// The flow of this id.
    scoped FLOW_BY_ID: (FlowId,) => Flow = select "FROM flow WHERE workspace_id = $1 AND id = $2";
    /// The id and labels of a flow for which a run is created.
    scoped FLOW_LABELS: (FlowId,) => (FlowId, Labels) =
        "SELECT id, labels FROM flow WHERE workspace_id = $1 AND id = $2";
}

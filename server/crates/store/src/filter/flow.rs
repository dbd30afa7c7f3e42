//! Flows.

use model::{
    filter::query::FlowQuery,
    flow::{Flow, FlowFilter, FlowSort},
};

use super::{
    filter_columns,
    list::{List, SortBy},
    relation::{RUN_OF_FLOW, TASK_RUN_OF_RUN},
    selection::Selection,
};

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

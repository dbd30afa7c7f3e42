//! Flows.

use model::{
    filter::{
        flow::{FlowFilter, FlowSort},
        query::FlowQuery,
    },
    flow::Flow,
};
use sea_query::{Cond, Order};

use super::{
    condition::all,
    filter_columns,
    list::{List, sent},
    relation::{RUN_OF_FLOW, TASK_RUN_OF_RUN},
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

    fn condition(&self) -> Option<Cond> {
        let task_runs = TASK_RUN_OF_RUN.exists([sent(self.task_runs.as_ref())]);
        all([sent(self.flows.as_ref()), RUN_OF_FLOW.exists([sent(self.flow_runs.as_ref()), task_runs])])
    }

    fn order(&self) -> (&'static str, Order) {
        match self.sort {
            FlowSort::CreatedDesc => ("created", Order::Desc),
            FlowSort::UpdatedDesc => ("updated", Order::Desc),
            FlowSort::NameAsc => ("name", Order::Asc),
            FlowSort::NameDesc => ("name", Order::Desc),
        }
    }
}

//! Log lines.

use model::filter::{
    log::{LogFilter, LogSort},
    query::LogQuery,
};
use sea_query::{Cond, Order};

use super::{
    filter_columns,
    list::{List, sent},
};
use crate::log::LogRow;

filter_columns! {
    LogFilter on "log" {
        level: "level",
        timestamp: "timestamp",
        flow_run_id: "flow_run_id",
        task_run_id: "task_run_id",
        text: "message",
    }
}

impl List for LogQuery {
    type Row = LogRow;
    const TABLE: &'static str = "log";

    fn condition(&self) -> Option<Cond> {
        sent(self.logs.as_ref())
    }

    /// Ids ascend within a batch, so lines with the same time keep the order in which the client sent them.
    fn order(&self) -> (&'static str, Order) {
        match self.sort {
            LogSort::TimestampAsc => ("timestamp", Order::Asc),
            LogSort::TimestampDesc => ("timestamp", Order::Desc),
            LogSort::LevelAsc => ("level", Order::Asc),
            LogSort::LevelDesc => ("level", Order::Desc),
            LogSort::FlowRunIdAsc => ("flow_run_id", Order::Asc),
            LogSort::FlowRunIdDesc => ("flow_run_id", Order::Desc),
            LogSort::TaskRunIdAsc => ("task_run_id", Order::Asc),
            LogSort::TaskRunIdDesc => ("task_run_id", Order::Desc),
        }
    }

    fn order_is_total(&self) -> bool {
        use LogSort::{LevelAsc, LevelDesc, TimestampAsc, TimestampDesc};
        matches!(self.sort, TimestampAsc | TimestampDesc | LevelAsc | LevelDesc)
    }
}

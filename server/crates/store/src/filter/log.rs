//! The filter of log lines.

use model::{
    filter::{
        Operator,
        log::{LogFilter, LogQuery, LogSort},
    },
    page::Page,
};
use sea_query::{ExprTrait, Order, Query, SelectStatement};

use super::{OptionalCond, between, column, columns, id, join, optional_id, paginate, single};
use crate::{log::LogRow, row::Record};

const LOG: &str = "log";

fn condition(filter: Option<&LogFilter>) -> OptionalCond {
    let filter = filter?;
    let level = filter.level.as_ref().and_then(|level| {
        let from = level.ge_.map(|least| single(column(LOG, "level").gte(least)));
        let to = level.le_.map(|most| single(column(LOG, "level").lte(most)));
        join(Operator::And, [from, to])
    });
    let timestamp =
        filter.timestamp.as_ref().and_then(|time| between(&column(LOG, "timestamp"), time.after_, time.before_));
    join(
        filter.operator,
        [
            level,
            timestamp,
            id(filter.flow_run_id.as_ref(), &column(LOG, "flow_run_id")),
            optional_id(filter.task_run_id.as_ref(), &column(LOG, "task_run_id")),
        ],
    )
}

/// Selects the log lines that match a client's query.
#[must_use]
pub fn select_logs(query: &LogQuery, page: Page) -> SelectStatement {
    let mut select = Query::select();
    columns(&mut select, LOG, LogRow::NAMES);
    select.from(LOG);
    if let Some(condition) = condition(query.logs.as_ref()) {
        select.cond_where(condition);
    }
    let direction = match query.sort {
        LogSort::TimestampAsc => Order::Asc,
        LogSort::TimestampDesc => Order::Desc,
    };
    // Ids ascend within a batch, so lines with the same time keep the order in which the client sent them.
    select.order_by((LOG, "timestamp"), direction.clone()).order_by((LOG, "id"), direction);
    paginate(&mut select, page);
    select
}

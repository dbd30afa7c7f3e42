//! Which log lines.

use model::{
    filter::{
        Operator,
        log::{LogFilter, LogQuery, LogSort},
    },
    page::Page,
};
use sea_query::{ExprTrait, Order, Query, SelectStatement};

use super::{Part, between, column, columns, id, join, just, optional_id, page};
use crate::{log::LogRow, row::Record};

const LOG: &str = "log";

fn condition(filter: Option<&LogFilter>) -> Part {
    let filter = filter?;
    let level = filter.level.as_ref().and_then(|level| {
        let from = level.ge_.map(|least| just(column(LOG, "level").gte(least)));
        let to = level.le_.map(|most| just(column(LOG, "level").lte(most)));
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

/// The log lines that a client asks for.
#[must_use]
pub fn select_logs(query: &LogQuery, wanted: Page) -> SelectStatement {
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
    // Ids follow the places in a batch: lines of one time stand in the order in which they were written.
    select.order_by((LOG, "timestamp"), direction.clone()).order_by((LOG, "id"), direction);
    page(&mut select, wanted);
    select
}

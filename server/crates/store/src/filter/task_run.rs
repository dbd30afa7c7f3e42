//! Which task runs.

use model::{
    filter::task_run::{TaskRunFilter, TaskRunQuery, TaskRunSort},
    page::Page,
};
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

use super::{Part, Tags, column, columns, id, join, just, name, optional_id, order, page, state, time};
use crate::{row::Record, state::StateRow, task_run::TaskRunRow};

const RUN: &str = "task_run";
const STATE: &str = "task_run_state";
const TAGS: Tags = Tags { tagged: RUN, tags: "task_run_tag", whose: "task_run_id" };

fn condition(filter: Option<&TaskRunFilter>) -> Part {
    let filter = filter?;
    let subflows = filter.subflow_runs.as_ref().and_then(|subflows| subflows.exists_).map(|exist| {
        let standing_for = Expr::exists(subflow());
        just(if exist { standing_for } else { standing_for.not() })
    });
    join(
        filter.operator,
        [
            id(filter.id.as_ref(), &column(RUN, "id")),
            name(filter.name.as_ref(), &column(RUN, "name")),
            TAGS.condition(filter.tags.as_ref()),
            state(filter.state.as_ref(), RUN),
            time(filter.start_time.as_ref(), &column(RUN, "start_time")),
            optional_id(filter.flow_run_id.as_ref(), &column(RUN, "flow_run_id")),
            subflows,
        ],
    )
}

/// The flow run that the task run stands for.
fn subflow() -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(Expr::value(1))
        .from("flow_run")
        .and_where(column("flow_run", "workspace_id").equals((RUN, "workspace_id")))
        .and_where(column("flow_run", "parent_task_run_id").equals((RUN, "id")));
    select
}

/// The task runs that a client asks for, with their states, in the order of a `TaskRunWithState`.
///
/// Only the order by id has an index: the others sort the task runs of a flow run, or whatever else a filter leaves within the time limit
/// of a read.
#[must_use]
pub fn select_task_runs(query: &TaskRunQuery, wanted: Page) -> SelectStatement {
    let mut select = Query::select();
    columns(&mut select, RUN, TaskRunRow::NAMES);
    columns(&mut select, STATE, StateRow::NAMES);
    select.from(RUN).inner_join(
        STATE,
        column(STATE, "workspace_id").equals((RUN, "workspace_id")).and(column(STATE, "id").equals((RUN, "state_id"))),
    );
    if let Some(condition) = condition(query.task_runs.as_ref()) {
        select.cond_where(condition);
    }
    let (by, direction) = match query.sort {
        TaskRunSort::IdDesc => ("id", Order::Desc),
        TaskRunSort::ExpectedStartTimeAsc => ("expected_start_time", Order::Asc),
        TaskRunSort::ExpectedStartTimeDesc => ("expected_start_time", Order::Desc),
        TaskRunSort::NameAsc => ("name", Order::Asc),
        TaskRunSort::NameDesc => ("name", Order::Desc),
        TaskRunSort::NextScheduledStartTimeAsc => ("next_scheduled_start_time", Order::Asc),
        TaskRunSort::EndTimeDesc => ("end_time", Order::Desc),
    };
    order(&mut select, RUN, by, direction);
    page(&mut select, wanted);
    select
}

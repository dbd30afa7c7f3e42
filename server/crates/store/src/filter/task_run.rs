//! The filter of task runs.

use model::{
    filter::task_run::{TaskRunFilter, TaskRunQuery, TaskRunSort},
    page::Page,
};
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

use super::{OptionalCond, Tags, column, columns, id, join, name, optional_id, order, paginate, single, state, time};
use crate::{row::Record, state::StateRow, task_run::TaskRunRow};

const RUN: &str = "task_run";
const STATE: &str = "task_run_state";
const TAGS: Tags = Tags { owner: RUN, tags: "task_run_tag", owner_column: "task_run_id" };

fn condition(filter: Option<&TaskRunFilter>) -> OptionalCond {
    let filter = filter?;
    let subflows = filter.subflow_runs.as_ref().and_then(|subflows| subflows.exists_).map(|exist| {
        let exists = Expr::exists(subflow());
        single(if exist { exists } else { exists.not() })
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

/// The subflow run whose parent is this task run.
fn subflow() -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(Expr::value(1))
        .from("flow_run")
        .and_where(column("flow_run", "workspace_id").equals((RUN, "workspace_id")))
        .and_where(column("flow_run", "parent_task_run_id").equals((RUN, "id")));
    select
}

/// Selects the task runs that match a client's query, with their states, as rows of `TaskRunWithState`.
///
/// Only the order by id has an index. The others sort the rows that the filter leaves, usually the task runs of one flow run; the time
/// limit of a read bounds them.
#[must_use]
pub fn select_task_runs(query: &TaskRunQuery, page: Page) -> SelectStatement {
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
    paginate(&mut select, page);
    select
}

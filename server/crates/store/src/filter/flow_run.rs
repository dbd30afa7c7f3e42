//! The filter of flow runs.

use model::{
    filter::{
        Operator,
        flow::FlowFilter,
        flow_run::{FlowRunFilter, FlowRunQuery, FlowRunSort},
    },
    page::Page,
};
use sea_query::{Asterisk, Expr, ExprTrait, Func, Order, Query, SelectStatement};

use super::{
    OptionalCond, Tags, column, columns, flow, id, join, name, optional_id, order, paginate, single, state, time,
};
use crate::{flow_run::FlowRunRow, row::Record, state::StateRow};

const RUN: &str = "flow_run";
const STATE: &str = "flow_run_state";
const TAGS: Tags = Tags { owner: RUN, tags: "flow_run_tag", owner_column: "flow_run_id" };

fn condition(filter: Option<&FlowRunFilter>) -> OptionalCond {
    let filter = filter?;
    join(
        filter.operator,
        [
            id(filter.id.as_ref(), &column(RUN, "id")),
            name(filter.name.as_ref(), &column(RUN, "name")),
            TAGS.condition(filter.tags.as_ref()),
            optional_id(filter.deployment_id.as_ref(), &column(RUN, "deployment_id")),
            state(filter.state.as_ref(), RUN),
            time(filter.start_time.as_ref(), &column(RUN, "start_time")),
            time(filter.end_time.as_ref(), &column(RUN, "end_time")),
            time(filter.expected_start_time.as_ref(), &column(RUN, "expected_start_time")),
            time(filter.next_scheduled_start_time.as_ref(), &column(RUN, "next_scheduled_start_time")),
            optional_id(filter.parent_task_run_id.as_ref(), &column(RUN, "parent_task_run_id")),
        ],
    )
}

/// Runs owner_column flow matches.
fn of_flows(filter: Option<&FlowFilter>) -> OptionalCond {
    let condition = flow::condition(filter)?;
    let mut flows = Query::select();
    flows
        .expr(Expr::value(1))
        .from("flow")
        .and_where(column("flow", "workspace_id").equals((RUN, "workspace_id")))
        .and_where(column("flow", "id").equals((RUN, "flow_id")))
        .cond_where(condition);
    Some(single(Expr::exists(flows)))
}

fn matching(query: &FlowRunQuery) -> OptionalCond {
    join(Operator::And, [condition(query.flow_runs.as_ref()), of_flows(query.flows.as_ref())])
}

/// Selects the flow runs that match a client's query, with their states, as rows of `FlowRunWithState`.
///
/// The orders by id, start and expected start have an index. Those by name, end and next scheduled start have none, because every insert
/// of a run would pay for one more index. Clients use them with a filter that leaves few runs to sort (by id, parent or tag) or on a
/// command line, and the time limit of a read bounds the rest.
#[must_use]
pub fn select_flow_runs(query: &FlowRunQuery, page: Page) -> SelectStatement {
    let mut select = Query::select();
    columns(&mut select, RUN, FlowRunRow::NAMES);
    columns(&mut select, STATE, StateRow::NAMES);
    select.from(RUN).inner_join(
        STATE,
        column(STATE, "workspace_id").equals((RUN, "workspace_id")).and(column(STATE, "id").equals((RUN, "state_id"))),
    );
    if let Some(condition) = matching(query) {
        select.cond_where(condition);
    }
    let (by, direction) = match query.sort {
        FlowRunSort::IdDesc => ("id", Order::Desc),
        FlowRunSort::StartTimeAsc => ("sort_time", Order::Asc),
        FlowRunSort::StartTimeDesc => ("sort_time", Order::Desc),
        FlowRunSort::ExpectedStartTimeAsc => ("expected_start_time", Order::Asc),
        FlowRunSort::ExpectedStartTimeDesc => ("expected_start_time", Order::Desc),
        FlowRunSort::NameAsc => ("name", Order::Asc),
        FlowRunSort::NameDesc => ("name", Order::Desc),
        FlowRunSort::NextScheduledStartTimeAsc => ("next_scheduled_start_time", Order::Asc),
        FlowRunSort::EndTimeDesc => ("end_time", Order::Desc),
    };
    if !matches!(by, "sort_time" | "expected_start_time") {
        order(&mut select, RUN, by, direction);
    } else if selects_few_runs(query.flow_runs.as_ref()) {
        // No index has the sum. Ordered by the bare column, SQLite would scan the index of all runs to find a few.
        select.order_by_expr(column(RUN, by).add(0), direction.clone()).order_by((RUN, "id"), direction);
    } else {
        // These columns are never NULL, and with NULLS LAST no index could be used.
        select.order_by((RUN, by), direction.clone()).order_by((RUN, "id"), direction);
    }
    paginate(&mut select, page);
    select
}

/// Whether the filter lists ids of runs or of parent task runs.
fn selects_few_runs(filter: Option<&FlowRunFilter>) -> bool {
    let Some(filter) = filter.filter(|filter| filter.operator == Operator::And) else { return false };
    let by_parent = filter.parent_task_run_id.as_ref().is_some_and(|ids| ids.any_.is_some() && ids.is_null_.is_none());
    by_parent || filter.id.as_ref().is_some_and(|ids| ids.any_.is_some())
}

/// Counts the flow runs that match, for filters that the counters can't answer. Clients get the exact number, so only the time limit of a
/// read bounds this.
#[must_use]
pub fn count_flow_runs(query: &FlowRunQuery) -> SelectStatement {
    let mut select = Query::select();
    select.expr(Func::count(Expr::col(Asterisk))).from(RUN);
    if let Some(condition) = matching(query) {
        select.cond_where(condition);
    }
    select
}

/// The types of states that the query selects, if it has no other condition: then the counters can answer. `None` inside means all types.
#[must_use]
pub fn flow_runs_counted_by_state(query: &FlowRunQuery) -> Option<Option<&[model::state::StateType]>> {
    if query.flows.is_some() {
        return None;
    }
    let Some(filter) = &query.flow_runs else { return Some(None) };
    if (FlowRunFilter { state: None, ..filter.clone() }) != FlowRunFilter::default() {
        return None;
    }
    match &filter.state {
        None => Some(None),
        Some(state) if state.name.is_none() => Some(state.state_type.as_ref().and_then(|types| types.any_.as_deref())),
        Some(_) => None,
    }
}

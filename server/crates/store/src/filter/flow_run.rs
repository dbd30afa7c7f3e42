//! Which flow runs.

use model::{
    filter::{
        Operator,
        flow::FlowFilter,
        flow_run::{FlowRunFilter, FlowRunQuery, FlowRunSort},
    },
    page::Page,
};
use sea_query::{Asterisk, Expr, ExprTrait, Func, Order, Query, SelectStatement};

use super::{Part, Tags, column, columns, flow, id, join, just, name, optional_id, order, page, state, time};
use crate::{flow_run::FlowRunRow, row::Record, state::StateRow};

const RUN: &str = "flow_run";
const STATE: &str = "flow_run_state";
const TAGS: Tags = Tags { tagged: RUN, tags: "flow_run_tag", whose: "flow_run_id" };

fn condition(filter: Option<&FlowRunFilter>) -> Part {
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

/// Runs whose flow matches.
fn of_flows(filter: Option<&FlowFilter>) -> Part {
    let condition = flow::condition(filter)?;
    let mut flows = Query::select();
    flows
        .expr(Expr::value(1))
        .from("flow")
        .and_where(column("flow", "workspace_id").equals((RUN, "workspace_id")))
        .and_where(column("flow", "id").equals((RUN, "flow_id")))
        .cond_where(condition);
    Some(just(Expr::exists(flows)))
}

fn matching(query: &FlowRunQuery) -> Part {
    join(Operator::And, [condition(query.flow_runs.as_ref()), of_flows(query.flows.as_ref())])
}

/// The flow runs that a client asks for, with their states, in the order of a `FlowRunWithState`.
///
/// The orders by id, start and expected start have an index. Those by name, end and next scheduled start have none: each would cost
/// every run a place in one more index, and clients ask for them with a filter that leaves few runs to sort (by id, parent or tag) or on
/// a command line; the time limit of a read bounds the rest.
#[must_use]
pub fn select_flow_runs(query: &FlowRunQuery, wanted: Page) -> SelectStatement {
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
    } else if names_few(query.flow_runs.as_ref()) {
        // A sum is in no index: or else SQLite walks all runs in this order to find the few.
        select.order_by_expr(column(RUN, by).add(0), direction.clone()).order_by((RUN, "id"), direction);
    } else {
        // Never NULL, and an index knows no NULLS LAST.
        select.order_by((RUN, by), direction.clone()).order_by((RUN, "id"), direction);
    }
    page(&mut select, wanted);
    select
}

/// Whether the client names the runs, or the task runs that they stand for.
fn names_few(filter: Option<&FlowRunFilter>) -> bool {
    let Some(filter) = filter.filter(|filter| filter.operator == Operator::And) else { return false };
    let by_parent = filter.parent_task_run_id.as_ref().is_some_and(|ids| ids.any_.is_some() && ids.is_null_.is_none());
    by_parent || filter.id.as_ref().is_some_and(|ids| ids.any_.is_some())
}

/// How many flow runs match, by looking at them: for filters that the counters can't answer. A client is told the number itself, so this one
/// stops at nothing but the time limit of a read.
#[must_use]
pub fn count_flow_runs(query: &FlowRunQuery) -> SelectStatement {
    let mut select = Query::select();
    select.expr(Func::count(Expr::col(Asterisk))).from(RUN);
    if let Some(condition) = matching(query) {
        select.cond_where(condition);
    }
    select
}

/// The condition on states, if that is all that the client asks about: then the counters answer.
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

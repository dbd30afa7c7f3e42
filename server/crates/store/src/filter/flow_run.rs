//! Which flow runs.

use model::{
    filter::{
        Operator,
        flow::FlowFilter,
        flow_run::{FlowRunFilter, FlowRunQuery, FlowRunSort},
    },
    id::FlowRunId,
    page::Page,
    time::Timestamp,
};
use sea_query::{Asterisk, Expr, ExprTrait, Func, Order, Query, SelectStatement};

use super::{Part, Tags, column, columns, flow, id, join, just, name, optional_id, order, page, state, time};
use crate::{flow_run::FlowRunRow, row::Record, state::StateRow};

const RUN: &str = "flow_run";
const STATE: &str = "flow_run_state";
const TAGS: Tags = Tags { runs: RUN, tags: "flow_run_tag", run_id: "flow_run_id" };

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

/// Runs with their states, in the order of a `FlowRunWithState`.
fn with_state(condition: Part) -> SelectStatement {
    let mut select = Query::select();
    columns(&mut select, RUN, FlowRunRow::NAMES);
    columns(&mut select, STATE, StateRow::NAMES);
    select.from(RUN).inner_join(
        STATE,
        column(STATE, "workspace_id").equals((RUN, "workspace_id")).and(column(STATE, "id").equals((RUN, "state_id"))),
    );
    if let Some(condition) = condition {
        select.cond_where(condition);
    }
    select
}

/// The flow runs that a client asks for.
#[must_use]
pub fn select_flow_runs(query: &FlowRunQuery, wanted: Page) -> SelectStatement {
    let mut select = with_state(matching(query));
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
    if by == "sort_time" {
        // Never NULL, and its index knows no NULLS LAST.
        select.order_by((RUN, by), direction.clone()).order_by((RUN, "id"), direction);
    } else {
        order(&mut select, RUN, by, direction);
    }
    page(&mut select, wanted);
    select
}

/// The last row of the page before: the next page begins after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct After {
    pub sort_time: Timestamp,
    pub id: FlowRunId,
}

/// The newest flow runs that match, from a place on: the cost does not grow with how deep the page lies.
#[must_use]
pub fn select_flow_runs_after(query: &FlowRunQuery, after: Option<After>, limit: u64) -> SelectStatement {
    let mut select = with_state(matching(query));
    if let Some(after) = after {
        let place = Expr::tuple([column(RUN, "sort_time"), column(RUN, "id")]);
        select.and_where(place.lt(Expr::tuple([Expr::value(after.sort_time.micros()), Expr::value(after.id.0)])));
    }
    select.order_by((RUN, "sort_time"), Order::Desc).order_by((RUN, "id"), Order::Desc).limit(limit);
    select
}

/// How many flow runs match, by looking at them: for filters that the counters can't answer.
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

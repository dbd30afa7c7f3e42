//! The flow runs on the page that lists them.
//!
//! A list of several states is read by several selects, each of which reads one index in the page's order. So each state costs one page of
//! rows, however many runs there are. The caller merges the rows.

use std::collections::BTreeSet;

use model::{
    filter::Operator,
    id::FlowRunId,
    screen::{RunCursor, RunFilter, RunSortKey},
    state::StateType,
    time::Timestamp,
};
use sea_query::{Cond, Expr, ExprTrait, Order, Query, SelectStatement};

use super::{
    condition::{OptionalCond, any_of, between, column, join, single},
    key::is_default_name,
};
use crate::{
    row::{Joined, Record},
    screen::{FlowNameRow, RunListRow},
};

const RUN: &str = "flow_run";
const FLOW: &str = "flow";

/// A run and its flow.
pub type ListedRun = Joined<RunListRow, FlowNameRow>;

/// Selects a page of the runs that match. The caller merges the rows: each select yields the `limit` runs nearest to the cursor, nearest
/// first, and two selects may yield the same run.
#[must_use]
pub fn select_run_list(filter: &RunFilter, now: Timestamp, cursor: RunCursor, limit: u64) -> Vec<SelectStatement> {
    let conditions =
        index_ranges(filter).into_iter().map(|range| join(Operator::And, [range.condition(), time(filter, now)]));
    conditions.map(|condition| page(select_rows(condition), cursor, limit)).collect()
}

fn page(mut select: SelectStatement, cursor: RunCursor, limit: u64) -> SelectStatement {
    let row = || Expr::tuple([column(RUN, "sort_time"), column(RUN, "id")]);
    let position = |place: RunSortKey| Expr::tuple([Expr::value(place.time.micros()), Expr::value(place.id.0)]);
    let direction = match cursor {
        RunCursor::Newest => Order::Desc,
        RunCursor::After(place) => {
            select.and_where(row().lt(position(place)));
            Order::Desc
        }
        RunCursor::Before(place) => {
            select.and_where(row().gt(position(place)));
            Order::Asc
        }
    };
    select.order_by((RUN, "sort_time"), direction.clone()).order_by((RUN, "id"), direction).limit(limit);
    select
}

/// Selects those of the runs with these ids that match.
#[must_use]
pub fn select_matching_runs(
    filter: &RunFilter,
    now: Timestamp,
    ids: impl IntoIterator<Item = FlowRunId>,
) -> SelectStatement {
    let state = join(Operator::Or, index_ranges(filter).into_iter().map(IndexRange::condition));
    let among = any_of(column(RUN, "id"), ids.into_iter().map(|id| id.0));
    select_rows(join(Operator::And, [Some(among), state, time(filter, now)]))
}

/// Selects the ids of the runs that match, to be counted, for filters that the counters can't answer. Each run is in exactly one select.
#[must_use]
pub fn select_run_list_ids(filter: &RunFilter, now: Timestamp) -> Vec<SelectStatement> {
    let types = || filter.types.iter().map(|state_type| state_type.as_str());
    let excluded = |range: &IndexRange<'_>| match range {
        IndexRange::Named(_) if !filter.types.is_empty() => Some(single(column(RUN, "state_type").is_not_in(types()))),
        _ => None,
    };
    let select = |range: IndexRange<'_>| {
        let mut ids = Query::select();
        ids.column((RUN, "id")).from(RUN);
        if let Some(condition) = join(Operator::And, [excluded(&range), range.condition(), time(filter, now)]) {
            ids.cond_where(condition);
        }
        ids
    };
    index_ranges(filter).into_iter().map(select).collect()
}

/// A part of the matching runs that is contiguous in one index, newest first.
enum IndexRange<'f> {
    All,
    Typed(StateType),
    /// A custom name of a state. The index of names leaves out default names, because most states have them.
    Named(&'f str),
    /// The default name of a type.
    Default(StateType, &'f str),
}

fn index_ranges(filter: &RunFilter) -> Vec<IndexRange<'_>> {
    let types: BTreeSet<StateType> = filter.types.iter().copied().collect();
    let names: BTreeSet<&str> = filter.names.iter().map(String::as_str).collect();
    if types.is_empty() && names.is_empty() {
        return vec![IndexRange::All];
    }
    let default = |name: &&'_ str| StateType::parse(&name.to_uppercase()).filter(|named| !types.contains(named));
    let defaults =
        names.iter().filter_map(|name| default(name).map(|named| IndexRange::Default(named, name))).collect::<Vec<_>>();
    types
        .iter()
        .copied()
        .map(IndexRange::Typed)
        .chain(names.into_iter().map(IndexRange::Named))
        .chain(defaults)
        .collect()
}

impl IndexRange<'_> {
    fn condition(self) -> OptionalCond {
        let typed = |state_type: StateType| single(column(RUN, "state_type").eq(state_type.as_str()));
        let named = |name: &str| single(column(RUN, "state_name").eq(name));
        match self {
            Self::All => None,
            Self::Typed(state_type) => Some(typed(state_type)),
            Self::Named(name) => Some(named(name).add(is_default_name(RUN, false))),
            Self::Default(state_type, name) => Some(typed(state_type).add(named(name)).add(is_default_name(RUN, true))),
        }
    }
}

fn time(filter: &RunFilter, now: Timestamp) -> OptionalCond {
    let (from, to) = filter.since.bounds(now);
    between(&column(RUN, "sort_time"), from, to)
}

fn select_rows(condition: OptionalCond) -> SelectStatement {
    let mut select = Query::select();
    select.columns(RunListRow::NAMES.iter().map(|name| (RUN, *name)));
    select.columns(FlowNameRow::NAMES.iter().map(|name| (FLOW, *name)));
    select.from(RUN).inner_join(
        FLOW,
        column(FLOW, "workspace_id").equals((RUN, "workspace_id")).and(column(FLOW, "id").equals((RUN, "flow_id"))),
    );
    select.cond_where(condition.unwrap_or_else(Cond::all));
    select
}

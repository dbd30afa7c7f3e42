//! Which flow runs a page lists.
//!
//! A list of several states is read as several lists, each of which lies in one index in the order of the page: so it costs a page a state,
//! however many runs there are. Whoever reads them merges them.

use std::collections::BTreeSet;

use model::{
    filter::Operator,
    id::FlowRunId,
    screen::{RunCursor, RunFilter, RunPlace},
    state::StateType,
    time::Timestamp,
};
use sea_query::{Cond, Expr, ExprTrait, Order, Query, SelectStatement};

use super::{Part, any_of, between, column, columns, is_default_name, join, just};
use crate::{
    row::{Beside, Record},
    screen::{FlowNameRow, RunListRow},
};

const RUN: &str = "flow_run";
const FLOW: &str = "flow";

/// A run of the list with its flow.
pub type ListedRun = Beside<RunListRow, FlowNameRow>;

/// A page of the runs that match, as selects whose rows are to be merged: each yields its `limit` nearest to the cursor, nearest first.
/// A run may be yielded by two of them.
#[must_use]
pub fn select_run_list(filter: &RunFilter, now: Timestamp, cursor: RunCursor, limit: u64) -> Vec<SelectStatement> {
    let lists = shares(filter).into_iter().map(|share| join(Operator::And, [share.condition(), time(filter, now)]));
    lists.map(|matching| page(listed(matching), cursor, limit)).collect()
}

fn page(mut select: SelectStatement, cursor: RunCursor, limit: u64) -> SelectStatement {
    let row = || Expr::tuple([column(RUN, "sort_time"), column(RUN, "id")]);
    let here = |place: RunPlace| Expr::tuple([Expr::value(place.time.micros()), Expr::value(place.id.0)]);
    let direction = match cursor {
        RunCursor::Newest => Order::Desc,
        RunCursor::After(place) => {
            select.and_where(row().lt(here(place)));
            Order::Desc
        }
        RunCursor::Before(place) => {
            select.and_where(row().gt(here(place)));
            Order::Asc
        }
    };
    select.order_by((RUN, "sort_time"), direction.clone()).order_by((RUN, "id"), direction).limit(limit);
    select
}

/// Those of these runs that match.
#[must_use]
pub fn select_listed(filter: &RunFilter, now: Timestamp, ids: impl IntoIterator<Item = FlowRunId>) -> SelectStatement {
    let state = join(Operator::Or, shares(filter).into_iter().map(Share::condition));
    let among = any_of(column(RUN, "id"), ids.into_iter().map(|id| id.0));
    listed(join(Operator::And, [Some(among), state, time(filter, now)]))
}

/// The runs that match, as selects that are to be counted: each run is in one of them. For filters that the counters can't answer.
#[must_use]
pub fn match_run_list(filter: &RunFilter, now: Timestamp) -> Vec<SelectStatement> {
    let types = || filter.types.iter().map(|state_type| state_type.as_str());
    let apart = |share: &Share<'_>| match share {
        Share::Named(_) if !filter.types.is_empty() => Some(just(column(RUN, "state_type").is_not_in(types()))),
        _ => None,
    };
    let select = |share: Share<'_>| {
        let mut ids = Query::select();
        ids.column((RUN, "id")).from(RUN);
        if let Some(condition) = join(Operator::And, [apart(&share), share.condition(), time(filter, now)]) {
            ids.cond_where(condition);
        }
        ids
    };
    shares(filter).into_iter().map(select).collect()
}

/// The runs that a filter lets through and that lie side by side in one index, newest first.
enum Share<'f> {
    All,
    Typed(StateType),
    /// Under a name of its own: most runs have the default name of their state's type, and those are not in the index of names.
    Named(&'f str),
    /// Under the default name of the type.
    Default(StateType, &'f str),
}

fn shares(filter: &RunFilter) -> Vec<Share<'_>> {
    let types: BTreeSet<StateType> = filter.types.iter().copied().collect();
    let names: BTreeSet<&str> = filter.names.iter().map(String::as_str).collect();
    if types.is_empty() && names.is_empty() {
        return vec![Share::All];
    }
    let default = |name: &&'_ str| StateType::from_word(&name.to_uppercase()).filter(|named| !types.contains(named));
    let defaults =
        names.iter().filter_map(|name| default(name).map(|named| Share::Default(named, name))).collect::<Vec<_>>();
    types.iter().copied().map(Share::Typed).chain(names.into_iter().map(Share::Named)).chain(defaults).collect()
}

impl Share<'_> {
    fn condition(self) -> Part {
        let typed = |state_type: StateType| just(column(RUN, "state_type").eq(state_type.as_str()));
        let named = |name: &str| just(column(RUN, "state_name").eq(name));
        match self {
            Self::All => None,
            Self::Typed(state_type) => Some(typed(state_type)),
            Self::Named(name) => Some(named(name).add(is_default_name(RUN, false))),
            Self::Default(state_type, name) => Some(typed(state_type).add(named(name)).add(is_default_name(RUN, true))),
        }
    }
}

fn time(filter: &RunFilter, now: Timestamp) -> Part {
    let (from, to) = filter.since.bounds(now);
    between(&column(RUN, "sort_time"), from, to)
}

fn listed(matching: Part) -> SelectStatement {
    let mut select = Query::select();
    columns(&mut select, RUN, RunListRow::NAMES);
    columns(&mut select, FLOW, FlowNameRow::NAMES);
    select.from(RUN).inner_join(
        FLOW,
        column(FLOW, "workspace_id").equals((RUN, "workspace_id")).and(column(FLOW, "id").equals((RUN, "flow_id"))),
    );
    select.cond_where(matching.unwrap_or_else(Cond::all));
    select
}

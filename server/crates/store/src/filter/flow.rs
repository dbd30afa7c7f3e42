//! The filter of flows.

use model::filter::flow::{FlowFilter, FlowQuery, FlowSort};
use sea_query::{Order, Query, SelectStatement};

use super::{OptionalCond, Tags, column, columns, id, join, name, order, paginate};
use crate::{flow::FlowRow, row::Record};

const FLOW: &str = "flow";
const TAGS: Tags = Tags { owner: FLOW, tags: "flow_tag", owner_column: "flow_id" };

pub(super) fn condition(filter: Option<&FlowFilter>) -> OptionalCond {
    let filter = filter?;
    join(
        filter.operator,
        [
            id(filter.id.as_ref(), &column(FLOW, "id")),
            name(filter.name.as_ref(), &column(FLOW, "name")),
            TAGS.condition(filter.tags.as_ref()),
        ],
    )
}

/// Selects the flows that match a client's query.
#[must_use]
pub fn select_flows(query: &FlowQuery, page: model::page::Page) -> SelectStatement {
    let mut select = Query::select();
    columns(&mut select, FLOW, FlowRow::NAMES);
    select.from(FLOW);
    if let Some(condition) = condition(query.flows.as_ref()) {
        select.cond_where(condition);
    }
    let (by, direction) = match query.sort {
        FlowSort::CreatedDesc => ("created", Order::Desc),
        FlowSort::UpdatedDesc => ("updated", Order::Desc),
        FlowSort::NameAsc => ("name", Order::Asc),
        FlowSort::NameDesc => ("name", Order::Desc),
    };
    order(&mut select, FLOW, by, direction);
    paginate(&mut select, page);
    select
}

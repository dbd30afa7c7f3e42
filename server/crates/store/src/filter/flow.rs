//! Which flows.

use model::filter::flow::{FlowFilter, FlowQuery, FlowSort};
use sea_query::{Cond, Expr, ExprTrait, Order, Query, SelectStatement};

use super::{Part, column, columns, id, join, name, order, page};
use crate::{flow::FlowRow, row::Record};

const FLOW: &str = "flow";

/// The condition on flows. Tags of flows are few and rarely asked for: they are looked up in the flow's own list.
pub(super) fn condition(filter: Option<&FlowFilter>) -> Part {
    let filter = filter?;
    let by_id = id(filter.id.as_ref(), &column(FLOW, "id"));
    let by_name = name(filter.name.as_ref(), &column(FLOW, "name"));
    let tags = filter.tags.as_ref();
    let all = tags.and_then(|tags| tags.all_.as_ref()).filter(|tags| !tags.is_empty());
    let any = tags.and_then(|tags| tags.any_.as_ref());
    let by_all = all.map(|tags| tags.iter().fold(Cond::all(), |all, tag| all.add(has_tag(tag))));
    let by_any =
        any.map(|tags| tags.iter().fold(Cond::any().add(Expr::value(1).eq(0)), |any, tag| any.add(has_tag(tag))));
    let untagged = tags.and_then(|tags| tags.is_null_).map(|null| {
        let empty = column(FLOW, "tags").eq("[]");
        Cond::all().add(if null { empty } else { empty.not() })
    });
    let by_tags = join(tags.map(|tags| tags.operator).unwrap_or_default(), [by_all, by_any, untagged]);
    join(filter.operator, [by_id, by_name, by_tags])
}

/// Whether the JSON list of tags holds this one: as JSON text, with its quotes.
fn has_tag(tag: &str) -> Expr {
    let json = serde_json::Value::from(tag).to_string();
    // Case counts, and LIKE would fold it on SQLite.
    Expr::expr(sea_query::Func::cust("replace").args([column(FLOW, "tags"), Expr::value(json), Expr::value("")]))
        .ne(column(FLOW, "tags"))
}

/// The flows that a client asks for.
#[must_use]
pub fn select_flows(query: &FlowQuery, wanted: model::page::Page) -> SelectStatement {
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
    page(&mut select, wanted);
    select
}

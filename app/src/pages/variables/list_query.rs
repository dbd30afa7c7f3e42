//! The query of the page's URL: search, order and page of the list, and the dialog that is open.

use leptos_router::params::ParamsMap;
use model::{
    screen::{VariableListQuery, VariableOrder},
    variable::VariableId,
};
use serde::{Deserialize, Serialize};

use crate::links::add_to_query;

/// The dialog that the URL opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum DialogTarget {
    #[default]
    Closed,
    New,
    /// A variable with its value.
    Variable(VariableId),
    /// The question whether to delete a variable.
    Delete(VariableId),
}

/// The parsed query.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PageQuery {
    pub list: VariableListQuery,
    pub dialog: DialogTarget,
    /// The labels of values that are invalid and ignored.
    pub invalid: Vec<&'static str>,
}

impl PageQuery {
    /// Parses the query of the URL.
    pub fn parse(query: &ParamsMap) -> Self {
        let mut invalid = Vec::new();
        let mut list = VariableListQuery { search: query.get("search").unwrap_or_default(), ..Default::default() };
        if !list.has_valid_search() {
            list.search.clear();
            invalid.push("Search");
        }
        if query.get("sort").as_deref() == Some(CHANGED) {
            list.order = VariableOrder::Changed;
        }
        if let Some(page) = query.get("page") {
            list.page = page.parse::<u32>().ok().and_then(|page| page.checked_sub(1)).unwrap_or(u32::MAX);
        }
        if !list.has_valid_page() {
            list.page = 0;
            invalid.push("Page");
        }
        Self { list, dialog: parse_dialog(query), invalid }
    }
}

fn parse_dialog(query: &ParamsMap) -> DialogTarget {
    let id = |name| query.get(name).and_then(|id| id.parse::<VariableId>().ok());
    match (query.get("new"), id("variable"), id("delete")) {
        (Some(_), ..) => DialogTarget::New,
        (None, Some(id), _) => DialogTarget::Variable(id),
        (None, None, Some(id)) => DialogTarget::Delete(id),
        (None, None, None) => DialogTarget::Closed,
    }
}

/// The value of the order by the last change.
const CHANGED: &str = "changed";

/// The value of an order; none for the default.
pub fn sort_value(order: VariableOrder) -> Option<&'static str> {
    match order {
        VariableOrder::Name => None,
        VariableOrder::Changed => Some(CHANGED),
    }
}

/// The URL of a page of the list with a dialog; `path` is the list's path without a query.
pub fn list_href(path: &str, list: &VariableListQuery, dialog: DialogTarget) -> String {
    let mut query = String::new();
    if let Some(sort) = sort_value(list.order) {
        add_to_query(&mut query, "sort", sort);
    }
    if !list.search.is_empty() {
        add_to_query(&mut query, "search", &list.search);
    }
    if list.page > 0 {
        add_to_query(&mut query, "page", &(list.page + 1).to_string());
    }
    match dialog {
        DialogTarget::Closed => {}
        DialogTarget::New => add_to_query(&mut query, "new", ""),
        DialogTarget::Variable(id) => add_to_query(&mut query, "variable", &id.to_string()),
        DialogTarget::Delete(id) => add_to_query(&mut query, "delete", &id.to_string()),
    }
    format!("{path}{query}")
}

#[cfg(test)]
mod tests {
    use leptos_router::params::ParamsMap;
    use model::screen::{VariableListQuery, VariableOrder};

    use super::{DialogTarget, PageQuery, list_href};

    const ID: &str = "0196f5a0-0000-7000-8000-000000000001";

    fn parse(pairs: &[(&'static str, &str)]) -> PageQuery {
        let mut query = ParamsMap::new();
        for (name, value) in pairs {
            query.insert(*name, (*value).to_owned());
        }
        PageQuery::parse(&query)
    }

    #[test]
    fn search_order_and_page_round_trip_through_the_url() {
        let query = parse(&[("search", "a & b"), ("sort", "changed"), ("page", "3"), ("variable", ID)]);
        let list = VariableListQuery { search: "a & b".to_owned(), order: VariableOrder::Changed, page: 2 };
        assert_eq!(query, PageQuery { list, dialog: DialogTarget::Variable(ID.parse().unwrap()), invalid: Vec::new() });
        let href = list_href("/v", &query.list, query.dialog);
        assert_eq!(href, format!("/v?sort=changed&search=a%20%26%20b&page=3&variable={ID}"));
        assert_eq!(list_href("/v", &VariableListQuery::default(), DialogTarget::Closed), "/v");
    }

    #[test]
    fn the_url_opens_a_dialog() {
        let id = ID.parse().unwrap();
        for dialog in [DialogTarget::New, DialogTarget::Variable(id), DialogTarget::Delete(id), DialogTarget::Closed] {
            let href = list_href("/v", &VariableListQuery::default(), dialog);
            let query = href.split_once('?').and_then(|(_, query)| query.split_once('=')).unwrap_or_default();
            let name = ["new", "variable", "delete"].into_iter().find(|name| *name == query.0).unwrap_or("none");
            assert_eq!(parse(&[(name, query.1)]).dialog, dialog);
        }
        assert_eq!(parse(&[("variable", "x")]).dialog, DialogTarget::Closed);
    }

    #[test]
    fn invalid_values_are_reported_and_ignored() {
        for page in ["0", "-1", "201", "x"] {
            assert_eq!(parse(&[("page", page)]), PageQuery { invalid: vec!["Page"], ..PageQuery::default() }, "{page}");
        }
        assert_eq!(parse(&[("search", "a\0")]).invalid, ["Search"]);
        assert_eq!(parse(&[("search", &"x".repeat(513))]).invalid, ["Search"]);
        assert_eq!(parse(&[("sort", "sideways")]), PageQuery::default());
    }
}

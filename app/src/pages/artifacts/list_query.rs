//! The query of the list's URL: filter, view and page. It can be shared as a link and works without scripts.

use leptos_router::params::ParamsMap;
use model::{
    artifact::ArtifactKind,
    screen::{ARTIFACTS_PER_PAGE, ArtifactListFilter},
};

use crate::links::add_to_query;

/// How the artifacts are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ListView {
    /// Cards with previews.
    #[default]
    Grid,
    /// Rows.
    List,
}

/// The parsed query.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ArtifactListQuery {
    pub filter: ArtifactListFilter,
    pub view: ListView,
    /// How many artifacts precede the page.
    pub skip: u32,
}

impl ArtifactListQuery {
    /// Parses the query of the URL. What is invalid is ignored, but for a search that is too long, which the server refuses.
    pub fn parse(query: &ParamsMap) -> Self {
        let kind = query.get("type").and_then(|name| ArtifactKind::parse(&name));
        let search = query.get("search").map(|text| text.trim().to_owned()).unwrap_or_default();
        let view = match query.get("view").as_deref() {
            Some("list") => ListView::List,
            _ => ListView::Grid,
        };
        Self { filter: ArtifactListFilter { kind, search }, view, skip: parse_skip(query) }
    }

    /// The query; empty for the first page without a filter.
    pub fn href(&self, list: &str) -> String {
        let mut query = String::new();
        if let Some(kind) = self.filter.kind {
            add_to_query(&mut query, "type", kind.as_str());
        }
        if !self.filter.search.is_empty() {
            add_to_query(&mut query, "search", &self.filter.search);
        }
        if self.view == ListView::List {
            add_to_query(&mut query, "view", "list");
        }
        if self.skip > 0 {
            add_to_query(&mut query, "skip", &self.skip.to_string());
        }
        format!("{list}{query}")
    }

    /// The query of the filter alone, the same for all its pages and in both views.
    pub fn filter_query(&self) -> String {
        Self { filter: self.filter.clone(), ..Self::default() }.href("")
    }

    /// The first page of this kind.
    pub fn of_kind(&self, kind: Option<ArtifactKind>) -> Self {
        let filter = ArtifactListFilter { kind, ..self.filter.clone() };
        Self { filter, skip: 0, ..*self }
    }

    /// The same page in another view.
    pub fn in_view(&self, view: ListView) -> Self {
        Self { view, ..self.clone() }
    }

    /// The page before this one.
    pub fn previous(&self) -> Option<Self> {
        let skip = previous_skip(self.skip, ARTIFACTS_PER_PAGE)?;
        Some(Self { skip, ..self.clone() })
    }

    /// The page after this one, which has `shown` of `total` artifacts.
    pub fn next(&self, shown: usize, total: u64) -> Option<Self> {
        let skip = next_skip(self.skip, shown, total)?;
        Some(Self { skip, ..self.clone() })
    }
}

/// How many rows precede the page that the URL names.
pub fn parse_skip(query: &ParamsMap) -> u32 {
    query.get("skip").and_then(|skip| skip.parse().ok()).unwrap_or_default()
}

/// How many rows precede the page before this one.
pub fn previous_skip(skip: u32, per_page: usize) -> Option<u32> {
    (skip > 0).then(|| skip.saturating_sub(u32::try_from(per_page).unwrap_or(u32::MAX)))
}

/// How many rows precede the page after this one, if there are more.
pub fn next_skip(skip: u32, shown: usize, total: u64) -> Option<u32> {
    let next = skip.saturating_add(u32::try_from(shown).ok()?);
    (shown > 0 && u64::from(next) < total).then_some(next)
}

#[cfg(test)]
mod tests {
    use leptos_router::params::ParamsMap;
    use model::artifact::ArtifactKind;

    use super::{ArtifactListQuery, ListView};

    fn parse(pairs: &[(&'static str, &str)]) -> ArtifactListQuery {
        let mut query = ParamsMap::new();
        for (name, value) in pairs {
            query.insert(*name, (*value).to_owned());
        }
        ArtifactListQuery::parse(&query)
    }

    #[test]
    fn query_round_trips_through_the_url() {
        let query = parse(&[("type", "table"), ("search", " or&d "), ("view", "list"), ("skip", "24")]);
        assert_eq!((query.filter.kind, &*query.filter.search), (Some(ArtifactKind::Table), "or&d"));
        assert_eq!((query.view, query.skip), (ListView::List, 24));
        assert_eq!(query.href("/a"), "/a?type=table&search=or%26d&view=list&skip=24");
        assert_eq!(parse(&[("type", "nonsense"), ("view", "x"), ("skip", "-1")]).href("/a"), "/a");
    }

    #[test]
    fn another_kind_begins_at_the_first_page() {
        let query = parse(&[("search", "x"), ("view", "list"), ("skip", "24")]);
        assert_eq!(query.of_kind(Some(ArtifactKind::Link)).href(""), "?type=link&search=x&view=list");
        assert_eq!(query.in_view(ListView::Grid).href(""), "?search=x&skip=24");
        assert_eq!(query.filter_query(), "?search=x");
    }

    #[test]
    fn pages_follow_each_other_without_a_gap() {
        let (first, second) = (parse(&[]), parse(&[("skip", "24")]));
        assert_eq!(first.previous(), None);
        assert_eq!(first.next(24, 30), Some(second.clone()));
        assert_eq!(second.previous(), Some(first));
        assert_eq!(second.next(6, 30), None);
        assert_eq!(parse(&[("skip", "9000")]).next(0, 30), None);
    }
}

//! The page of artifacts: a list that clients do not send. Its search walks the newest artifacts until the page is full.

use model::screen::{ARTIFACTS_PER_PAGE, ArtifactListFilter};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::filter::{LatestArtifacts, List, Selection, SortBy};

use super::{
    cases::{Case, Cases, Matches, NOTHING, SOME},
    rows::Shape,
};

/// The list, from the body of a case.
#[derive(Clone, Deserialize)]
#[serde(from = "Body")]
pub struct ArtifactPage(LatestArtifacts);

#[derive(Deserialize)]
struct Body {
    filter: ArtifactListFilter,
}

impl From<Body> for ArtifactPage {
    fn from(body: Body) -> Self {
        Self(LatestArtifacts(body.filter))
    }
}

impl List for ArtifactPage {
    type Row = <LatestArtifacts as List>::Row;
    const TABLE: &'static str = LatestArtifacts::TABLE;
    const NARROWED_BY: &'static str = LatestArtifacts::NARROWED_BY;

    fn selection(&self) -> Selection<'_> {
        self.0.selection()
    }

    fn order(&self) -> SortBy {
        self.0.order()
    }
}

pub fn cases(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("", count);
    let about = cases.rows(Shape::Paired).name("about", 42);
    let mut add = |name: &str, matches: Matches, filter: Json| {
        let body = json!({"filter": filter, "sort": "UPDATED_DESC", "limit": ARTIFACTS_PER_PAGE});
        cases.body(name, Shape::Paired, matches, body);
    };
    add("page", Matches::All, json!({}));
    for (kind, matches) in [("image", NOTHING), ("table", SOME), ("markdown", Matches::All)] {
        add("page, by kind", matches, json!({"kind": kind}));
    }
    // Parts of all keys, of the names of all flows, and of all descriptions.
    for search in ["key-", "flow-", "about-"] {
        add("page, by a common text", Matches::All, json!({"search": search}));
        add("page, by kind and a common text", Matches::All, json!({"kind": "markdown", "search": search}));
    }
    for (search, matches) in [("zzz", NOTHING), ("few", SOME), (&*about, Matches::Exactly(1))] {
        add("page, by a rare text", matches, json!({"search": search}));
    }
    cases.finish()
}

//! The list of the page of artifacts.

use model::{filter::KeyFilter, screen::ArtifactListFilter};
use sea_query::{Cond, ExprTrait};

use super::{
    access::{Access, Ranges},
    condition::{all, single},
    key::Key,
    key_column::KeyColumn,
    list::{List, SortBy},
    selection::{Conditions, Selection},
};
use crate::screen::artifact::LatestIdRow;

/// The newest of each key, the last updated first.
#[derive(Clone, Debug)]
pub struct LatestArtifacts(pub ArtifactListFilter);

impl LatestArtifacts {
    /// A part of a key, as people type it; filters of clients have the wildcards of SQL instead.
    fn key(&self) -> KeyFilter {
        let part = self.0.search.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        KeyFilter { like_: Some(part), ..KeyFilter::default() }
    }
}

const KEY: KeyColumn = KeyColumn::new("artifact_collection", "key");
const KIND: KeyColumn = KeyColumn::new("artifact_collection", "kind");

impl Conditions for LatestArtifacts {
    fn condition(&self, unindexed: bool) -> Option<Cond> {
        let kind = self.0.kind.map(|kind| single(KIND.with_unindexed(unindexed).expr().eq(kind.as_str())));
        all([kind, self.key().condition(KEY.with_unindexed(unindexed))])
    }

    fn access(&self, embedded: bool) -> Access {
        let kind = self.0.kind.map(|kind| Ranges::rows(single(KIND.expr().eq(kind.as_str()))).in_order_of("updated"));
        Access::all(kind.map(Access::from).into_iter().chain([self.key().access(KEY.with_embedded(embedded))]))
    }
}

impl List for LatestArtifacts {
    type Row = LatestIdRow;
    const TABLE: &'static str = "artifact_collection";
    const NARROWED_BY: &'static str = "artifacts.key";

    fn selection(&self) -> Selection<'_> {
        Selection::new("artifact_collection", Some(self))
    }

    fn order(&self) -> SortBy {
        SortBy::desc("updated")
    }
}

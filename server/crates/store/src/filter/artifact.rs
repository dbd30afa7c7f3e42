//! Artifacts, and the newest of each key.

use model::{
    artifact::{Artifact, ArtifactCollectionFilter, ArtifactFilter, ArtifactSort},
    filter::{
        KeyFilter,
        query::{ArtifactCollectionQuery, ArtifactQuery},
    },
    screen::ArtifactListFilter,
};
use sea_query::{Cond, ExprTrait};

use super::{
    access::{Access, Ranges},
    condition::{all, single},
    filter_columns,
    key::Key,
    key_column::KeyColumn,
    list::{List, SortBy},
    relation::{FLOW_OF_RUN, RUN_OF_ARTIFACT, RUN_OF_COLLECTION, TASK_RUN_OF_ARTIFACT, TASK_RUN_OF_COLLECTION},
    selection::{Conditions, Selection},
};
use crate::{artifact::LatestArtifact, screen::artifact::LatestIdRow};

filter_columns! {
    ArtifactFilter on "artifact" {
        id: "id",
        key: "key",
        flow_run_id: "flow_run_id",
        task_run_id: "task_run_id",
        r#type: "artifact_type",
    }
}

filter_columns! {
    ArtifactCollectionFilter on "artifact_collection" {
        latest_id: "latest_id",
        key: "key",
        flow_run_id: "flow_run_id",
        task_run_id: "task_run_id",
        r#type: "artifact_type",
    }
}

fn sort_by(sort: ArtifactSort) -> SortBy {
    match sort {
        ArtifactSort::CreatedDesc => SortBy::desc("created"),
        ArtifactSort::UpdatedDesc => SortBy::desc("updated"),
        ArtifactSort::IdDesc => SortBy::desc("id"),
        ArtifactSort::KeyDesc => SortBy::desc("key"),
        ArtifactSort::KeyAsc => SortBy::asc("key"),
    }
}

impl List for ArtifactQuery {
    type Row = Artifact;
    const TABLE: &'static str = "artifact";
    const NARROWED_BY: &'static str = "artifacts.key";

    fn selection(&self) -> Selection<'_> {
        let flows = Selection::new("flow", self.flows.as_ref());
        let runs = Selection::new("flow_run", self.flow_runs.as_ref()).with(&FLOW_OF_RUN, flows);
        Selection::new("artifact", self.artifacts.as_ref())
            .with(&RUN_OF_ARTIFACT, runs)
            .with(&TASK_RUN_OF_ARTIFACT, Selection::new("task_run", self.task_runs.as_ref()))
    }

    fn order(&self) -> SortBy {
        match self.sort {
            ArtifactSort::KeyAsc | ArtifactSort::KeyDesc => sort_by(self.sort).nulls_last(""),
            sort => sort_by(sort),
        }
    }
}

impl List for ArtifactCollectionQuery {
    type Row = LatestArtifact;
    const TABLE: &'static str = "artifact_collection";
    const NARROWED_BY: &'static str = "artifacts.key";
    const JOINED: Option<(&'static str, &'static str)> = Some(("artifact", "latest_id"));

    fn selection(&self) -> Selection<'_> {
        let flows = Selection::new("flow", self.flows.as_ref());
        let runs = Selection::new("flow_run", self.flow_runs.as_ref()).with(&FLOW_OF_RUN, flows);
        Selection::new("artifact_collection", self.artifacts.as_ref())
            .with(&RUN_OF_COLLECTION, runs)
            .with(&TASK_RUN_OF_COLLECTION, Selection::new("task_run", self.task_runs.as_ref()))
    }

    fn order(&self) -> SortBy {
        sort_by(self.sort)
    }
}

/// The list of the page of artifacts: the newest of each key, the last updated first.
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

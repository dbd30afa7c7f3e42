//! Artifacts, and the newest of each key.

use model::{
    artifact::Artifact,
    filter::{
        artifact::{ArtifactCollectionFilter, ArtifactFilter, ArtifactSort},
        query::{ArtifactCollectionQuery, ArtifactQuery},
    },
};
use sea_query::{Cond, Order};

use super::{
    condition::all,
    filter_columns,
    list::{List, sent},
    relation::{FLOW_OF_RUN, Relation},
};
use crate::artifact::LatestArtifact;

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

fn order(sort: ArtifactSort) -> (&'static str, Order) {
    match sort {
        ArtifactSort::CreatedDesc => ("created", Order::Desc),
        ArtifactSort::UpdatedDesc => ("updated", Order::Desc),
        ArtifactSort::IdDesc => ("id", Order::Desc),
        ArtifactSort::KeyDesc => ("key", Order::Desc),
        ArtifactSort::KeyAsc => ("key", Order::Asc),
    }
}

impl List for ArtifactQuery {
    type Row = Artifact;
    const TABLE: &'static str = "artifact";

    fn condition(&self) -> Option<Cond> {
        let run = Relation::new(("artifact", "flow_run_id"), ("flow_run", "id"));
        let task_run = Relation::new(("artifact", "task_run_id"), ("task_run", "id"));
        let flows = FLOW_OF_RUN.exists([sent(self.flows.as_ref())]);
        let runs = run.exists([sent(self.flow_runs.as_ref()), flows]);
        all([sent(self.artifacts.as_ref()), runs, task_run.exists([sent(self.task_runs.as_ref())])])
    }

    fn order(&self) -> (&'static str, Order) {
        order(self.sort)
    }

    fn order_is_total(&self) -> bool {
        !matches!(self.sort, ArtifactSort::KeyAsc | ArtifactSort::KeyDesc)
    }
}

impl List for ArtifactCollectionQuery {
    type Row = LatestArtifact;
    const TABLE: &'static str = "artifact_collection";
    const JOINED: Option<(&'static str, &'static str)> = Some(("artifact", "latest_id"));

    fn condition(&self) -> Option<Cond> {
        let run = Relation::new(("artifact_collection", "flow_run_id"), ("flow_run", "id"));
        let task_run = Relation::new(("artifact_collection", "task_run_id"), ("task_run", "id"));
        let flows = FLOW_OF_RUN.exists([sent(self.flows.as_ref())]);
        let runs = run.exists([sent(self.flow_runs.as_ref()), flows]);
        all([sent(self.artifacts.as_ref()), runs, task_run.exists([sent(self.task_runs.as_ref())])])
    }

    fn order(&self) -> (&'static str, Order) {
        order(self.sort)
    }
}

//! Artifacts, and the newest of each key.

use model::{
    artifact::{
        Artifact, ArtifactCollection, ArtifactCollectionFilter, ArtifactCollectionId, ArtifactFilter, ArtifactKind,
        ArtifactSort, Metadata,
    },
    filter::query::{ArtifactCollectionQuery, ArtifactQuery},
    id::{ArtifactId, FlowRunId, TaskRunId},
    time::Timestamp,
};
use serde_json::Value;

use crate::{
    column::id_columns,
    filter::{
        List, Selection, SortBy, filter_columns,
        relation::{FLOW_OF_RUN, RUN_OF_ARTIFACT, RUN_OF_COLLECTION, TASK_RUN_OF_ARTIFACT, TASK_RUN_OF_COLLECTION},
    },
    record,
    row::Joined,
    statements,
};

id_columns!(ArtifactCollectionId);

record! {
    for Artifact {
        id: ArtifactId,
        key: Option<String>,
        artifact_type: Option<String>,
        description: Option<String>,
        data: Option<Value>,
        metadata_: Option<Metadata>,
        flow_run_id: Option<FlowRunId>,
        task_run_id: Option<TaskRunId>,
        created: Timestamp,
        updated: Timestamp,
    }
}

record! {
    /// A row of `artifact_collection`.
    pub struct ArtifactCollectionRow {
        pub id: ArtifactCollectionId,
        pub key: String,
        pub latest_id: ArtifactId,
        pub artifact_type: Option<String>,
        pub kind: Option<ArtifactKind>,
        pub flow_run_id: Option<FlowRunId>,
        pub task_run_id: Option<TaskRunId>,
        pub created: Timestamp,
        pub updated: Timestamp,
    }
}

/// The newest artifact of a key.
pub type LatestArtifact = Joined<ArtifactCollectionRow, Artifact>;

impl From<LatestArtifact> for ArtifactCollection {
    fn from(Joined(row, latest): LatestArtifact) -> Self {
        Self {
            id: row.id,
            created: row.created,
            updated: row.updated,
            key: row.key,
            latest_id: row.latest_id,
            artifact_type: latest.artifact_type,
            description: latest.description,
            data: latest.data,
            metadata_: latest.metadata_,
            flow_run_id: latest.flow_run_id,
            task_run_id: latest.task_run_id,
        }
    }
}

record! {
    /// The columns of an artifact that a client may change.
    pub struct ArtifactEdit {
        pub id: ArtifactId,
        pub description: Option<String>,
        pub data: Option<Value>,
        pub metadata_: Option<Metadata>,
        pub updated: Timestamp,
    }
}

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

statements! {
    /// Adds artifacts, except those that are stored already.
    scoped bulk INSERT_ARTIFACTS: Artifact => "artifact" "ON CONFLICT (workspace_id, id) DO NOTHING";
    /// Makes an artifact the newest of its key.
    scoped bulk UPSERT_ARTIFACT_COLLECTIONS: ArtifactCollectionRow => "artifact_collection"
        "ON CONFLICT (workspace_id, key) DO UPDATE SET latest_id = excluded.latest_id, artifact_type = excluded.artifact_type,
            kind = excluded.kind, flow_run_id = excluded.flow_run_id, task_run_id = excluded.task_run_id, updated = excluded.updated";
    /// The artifact of this id.
    scoped ARTIFACT: (ArtifactId,) => Artifact = select "FROM artifact WHERE workspace_id = $1 AND id = $2";
    /// Locks the artifact of this id.
    scoped LOCK_ARTIFACT: (ArtifactId,) => Artifact = select for update "FROM artifact WHERE workspace_id = $1 AND id = $2";
    /// The newest artifact of a key.
    scoped LATEST_ARTIFACT: (String,) => LatestArtifact = select ("c", "a")
        "FROM artifact_collection c JOIN artifact a ON a.workspace_id = c.workspace_id AND a.id = c.latest_id
         WHERE c.workspace_id = $1 AND c.key = $2";
    /// Locks what is stored about a key.
    scoped LOCK_ARTIFACT_COLLECTION: (String,) => ArtifactCollectionRow = select for update
        "FROM artifact_collection WHERE workspace_id = $1 AND key = $2";
    /// The newest artifact of a key but one.
    scoped PREVIOUS_ARTIFACT: (String, ArtifactId) => Artifact = select
        "FROM artifact WHERE workspace_id = $1 AND key = $2 AND id <> $3 ORDER BY created DESC, id DESC LIMIT 1";
    /// Sets which artifact is the newest of a key.
    scoped update SET_LATEST_ARTIFACT: ArtifactCollectionRow => "artifact_collection";
    /// Deletes what is stored about a key.
    scoped DELETE_ARTIFACT_COLLECTION: (ArtifactCollectionId,) => () =
        "DELETE FROM artifact_collection WHERE workspace_id = $1 AND id = $2";
    /// Updates the columns that a client may change.
    scoped update EDIT_ARTIFACT: ArtifactEdit => "artifact";
    /// Sets when the newest artifact of a key was changed, and its kind then.
    scoped TOUCH_ARTIFACT_COLLECTION: (ArtifactId, Timestamp, Option<ArtifactKind>) => () =
        "UPDATE artifact_collection SET updated = $3, kind = $4 WHERE workspace_id = $1 AND latest_id = $2";
    /// Deletes the artifact of this id.
    scoped DELETE_ARTIFACT: (ArtifactId,) => () = "DELETE FROM artifact WHERE workspace_id = $1 AND id = $2";
}

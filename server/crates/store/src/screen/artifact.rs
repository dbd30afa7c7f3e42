//! What the pages of artifacts read: rows without data that is longer than a page shows.

use model::{
    artifact::Metadata,
    id::{ArtifactId, FlowRunId},
    time::Timestamp,
};

use crate::{column::Json, record, statements};

record! {
    /// The newest artifact of a key in the list of artifacts.
    pub struct LatestIdRow {
        pub latest_id: ArtifactId,
    }
}

record! {
    /// An artifact on a page, and the run that made it.
    pub struct ArtifactPageRow {
        pub id: ArtifactId,
        pub key: Option<String>,
        pub artifact_type: Option<String>,
        pub description: Option<String>,
        pub data: Option<String>,
        pub bytes: i64,
        pub created: Timestamp,
        pub updated: Timestamp,
        pub flow_run_id: Option<FlowRunId>,
        pub flow: Option<String>,
        pub flow_run: Option<String>,
        pub task_run: Option<String>,
    }
}

statements! {
    /// The artifacts with these ids, with the beginnings of their texts. The data is read only if it has at most so many bytes; both
    /// databases know the length without reading it.
    scoped ARTIFACTS_ON_PAGE: (Json<Vec<ArtifactId>>, i64) => ArtifactPageRow =
        "SELECT a.id, a.key, substr(a.artifact_type, 1, 100) AS artifact_type, substr(a.description, 1, 4000) AS description,
             CASE WHEN CAST(octet_length(a.data) AS BIGINT) <= $3 THEN a.data END AS data,
             COALESCE(CAST(octet_length(a.data) AS BIGINT), 0) AS bytes, a.created, a.updated,
             r.id AS flow_run_id, f.name AS flow, r.name AS flow_run, t.name AS task_run
         FROM artifact a
         LEFT JOIN task_run t ON t.workspace_id = a.workspace_id AND t.id = a.task_run_id
         LEFT JOIN flow_run r ON r.workspace_id = a.workspace_id AND r.id = COALESCE(a.flow_run_id, t.flow_run_id)
         LEFT JOIN flow f ON f.workspace_id = r.workspace_id AND f.id = r.flow_id
         WHERE a.workspace_id = $1 AND a.id IN " ids "$2";
    /// The key of an artifact.
    scoped ARTIFACT_KEY: (ArtifactId,) => (Option<String>,) =
        "SELECT key FROM artifact WHERE workspace_id = $1 AND id = $2";
    /// The newest artifact of a key.
    scoped LATEST_ARTIFACT_ID: (String,) => (ArtifactId,) =
        "SELECT latest_id FROM artifact_collection WHERE workspace_id = $1 AND key = $2";
    /// The artifacts of a key, newest first.
    scoped ARTIFACT_IDS_OF_KEY: (String, i64, i64) => (ArtifactId,) =
        "SELECT id FROM artifact WHERE workspace_id = $1 AND key = $2 ORDER BY created DESC, id DESC LIMIT $3 OFFSET $4";
    /// How many artifacts a key has, counted up to a limit.
    scoped COUNT_ARTIFACTS_OF_KEY: (String, i64) => (i64,) =
        "SELECT COUNT(*) FROM (SELECT 1 FROM artifact WHERE workspace_id = $1 AND key = $2 LIMIT $3) AS counted";
    /// The metadata of an artifact, if it has at most so many bytes.
    scoped ARTIFACT_METADATA: (ArtifactId, i64) => (Option<Metadata>,) =
        "SELECT metadata_ FROM artifact
         WHERE workspace_id = $1 AND id = $2 AND CAST(octet_length(metadata_) AS BIGINT) <= $3";
}

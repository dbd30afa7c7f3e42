//! Artifacts, and the newest of each key.

use model::{
    artifact::{
        Artifact, ArtifactCollection, ArtifactCollectionId, ArtifactCreate, ArtifactKind, ArtifactUpdate,
        ResultDescription,
    },
    filter::query::{ArtifactCollectionQuery, ArtifactQuery},
    id::{ArtifactId, FlowRunId, TaskRunId},
    permission::{ReadRuns, WriteRuns},
    state::State,
    time::Timestamp,
};
use store::{
    ScopedTx, Tenant, Tx, Write,
    artifact::{
        ARTIFACT, ArtifactCollectionRow, ArtifactEdit, DELETE_ARTIFACT, DELETE_ARTIFACT_COLLECTION, EDIT_ARTIFACT,
        INSERT_ARTIFACTS, LATEST_ARTIFACT, LOCK_ARTIFACT, LOCK_ARTIFACT_COLLECTION, PREVIOUS_ARTIFACT,
        SET_LATEST_ARTIFACT, TOUCH_ARTIFACT_COLLECTION, UPSERT_ARTIFACT_COLLECTIONS,
    },
};

use crate::{
    Cx, Error, Noun, Result,
    access::Workspace,
    changes::{Change, KeyDigest},
    list::list_query,
};

list_query!(ArtifactQuery by ReadRuns => Artifact);
list_query!(ArtifactCollectionQuery by ReadRuns => ArtifactCollection);

/// How errors name an artifact.
pub const NOUN: Noun = Noun::with_full_stop("Artifact");

/// Creates an artifact. With a key it becomes the newest artifact of the key.
///
/// # Errors
/// Only those of the database.
pub async fn create(cx: &Cx, ws: Workspace<WriteRuns>, create: ArtifactCreate) -> Result<Artifact> {
    let now = cx.clock.now();
    let artifact = Artifact {
        id: cx.ids.make(now),
        created: now,
        updated: now,
        key: create.key.map(String::from),
        artifact_type: create.artifact_type,
        description: create.description,
        data: create.data,
        metadata_: create.metadata_,
        flow_run_id: create.flow_run_id,
        task_run_id: create.task_run_id,
    };
    let collection_id = cx.ids.make(now);
    cx.db.write(CreateArtifact { tenant: *ws.tenant(), artifact, collection_id }).await
}

/// The artifact of this id.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(cx: &Cx, ws: Workspace<ReadRuns>, id: ArtifactId) -> Result<Artifact> {
    cx.db.of(ws.tenant()).optional(&ARTIFACT, (id,)).await?.ok_or(Error::not_found(NOUN, id))
}

/// The newest artifact of a key. As in the reference its id is that of the key's collection.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read_latest(cx: &Cx, ws: Workspace<ReadRuns>, key: &str) -> Result<Artifact> {
    let row = cx.db.of(ws.tenant()).optional(&LATEST_ARTIFACT, (key,)).await?;
    let collection = ArtifactCollection::from(row.ok_or(Error::missing(NOUN))?);
    Ok(Artifact {
        id: ArtifactId(collection.id.0),
        created: collection.created,
        updated: collection.updated,
        key: Some(collection.key),
        artifact_type: collection.artifact_type,
        description: collection.description,
        data: collection.data,
        metadata_: collection.metadata_,
        flow_run_id: collection.flow_run_id,
        task_run_id: collection.task_run_id,
    })
}

/// Updates the fields that the request contains.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn update(cx: &Cx, ws: Workspace<WriteRuns>, id: ArtifactId, update: ArtifactUpdate) -> Result<()> {
    cx.db.write(UpdateArtifact { tenant: *ws.tenant(), id, update, now: cx.clock.now() }).await
}

/// Deletes the artifact. If it was the newest of its key, the one before it becomes the newest.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(cx: &Cx, ws: Workspace<WriteRuns>, id: ArtifactId) -> Result<()> {
    cx.db.write(DeleteArtifact { tenant: *ws.tenant(), id }).await
}

struct CreateArtifact {
    tenant: Tenant,
    artifact: Artifact,
    collection_id: ArtifactCollectionId,
}

impl Write for CreateArtifact {
    type Out = Artifact;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Artifact> {
        insert(&mut tx.of(&self.tenant), &self.artifact, self.collection_id).await?;
        Ok(self.artifact.clone())
    }
}

/// Inserts an artifact and, with a key, makes it the newest of the key.
pub(crate) async fn insert(
    tx: &mut ScopedTx<'_>,
    artifact: &Artifact,
    collection_id: ArtifactCollectionId,
) -> Result<()> {
    tx.insert(&INSERT_ARTIFACTS, std::slice::from_ref(artifact)).await?;
    if let Some(key) = &artifact.key {
        let row = collection_row(collection_id, key, artifact);
        tx.insert(&UPSERT_ARTIFACT_COLLECTIONS, &[row]).await?;
        publish(tx, artifact);
    }
    Ok(())
}

fn publish(tx: &mut ScopedTx<'_>, artifact: &Artifact) {
    let key = artifact.key.as_deref().map(KeyDigest::of);
    tx.publish(Change::Artifact { workspace: tx.workspace(), artifact: artifact.id, key });
}

fn kind(artifact_type: Option<&str>, data: Option<&serde_json::Value>) -> Option<ArtifactKind> {
    ArtifactKind::of(artifact_type, data.and_then(serde_json::Value::as_str))
}

/// Inserts the artifact of a run's result, if the run's new state has data. Its id is that of the state, which has no other artifact.
pub(crate) async fn insert_result(
    tx: &mut ScopedTx<'_>,
    described: &ResultDescription,
    state: State,
    flow_run: impl Into<Option<FlowRunId>>,
    task_run: impl Into<Option<TaskRunId>>,
) -> Result<()> {
    let Some(data) = state.data else { return Ok(()) };
    let ResultDescription { key, artifact_type, description } = described.clone();
    let artifact = Artifact {
        id: ArtifactId(state.id.0),
        created: state.timestamp,
        updated: state.timestamp,
        key,
        artifact_type,
        description,
        data: Some(data),
        metadata_: None,
        flow_run_id: flow_run.into(),
        task_run_id: task_run.into(),
    };
    insert(tx, &artifact, ArtifactCollectionId(state.id.0)).await
}

fn collection_row(id: ArtifactCollectionId, key: &str, latest: &Artifact) -> ArtifactCollectionRow {
    ArtifactCollectionRow {
        id,
        key: key.to_owned(),
        latest_id: latest.id,
        artifact_type: latest.artifact_type.clone(),
        kind: kind(latest.artifact_type.as_deref(), latest.data.as_ref()),
        flow_run_id: latest.flow_run_id,
        task_run_id: latest.task_run_id,
        created: latest.created,
        updated: latest.updated,
    }
}

struct UpdateArtifact {
    tenant: Tenant,
    id: ArtifactId,
    update: ArtifactUpdate,
    now: Timestamp,
}

impl Write for UpdateArtifact {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut tx = tx.of(&self.tenant);
        let stored = tx.optional(&LOCK_ARTIFACT, (self.id,)).await?.ok_or(Error::not_found(NOUN, self.id))?;
        publish(&mut tx, &stored);
        let update = self.update.clone();
        let edit = ArtifactEdit {
            id: self.id,
            description: update.description.unwrap_or(stored.description),
            data: update.data.unwrap_or(stored.data),
            metadata_: update.metadata_.unwrap_or(stored.metadata_),
            updated: self.now,
        };
        tx.exactly_one(&EDIT_ARTIFACT, &edit).await?;
        let kind = kind(stored.artifact_type.as_deref(), edit.data.as_ref());
        tx.run(&TOUCH_ARTIFACT_COLLECTION, (self.id, self.now, kind)).await?;
        Ok(())
    }
}

struct DeleteArtifact {
    tenant: Tenant,
    id: ArtifactId,
}

impl Write for DeleteArtifact {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut tx = tx.of(&self.tenant);
        let artifact = tx.optional(&ARTIFACT, (self.id,)).await?.ok_or(Error::not_found(NOUN, self.id))?;
        if let Some(key) = &artifact.key {
            // Locked before the artifact's row, in the order in which a new artifact of the key changes both.
            let collection = tx.optional(&LOCK_ARTIFACT_COLLECTION, (key,)).await?;
            if let Some(collection) = collection.filter(|collection| collection.latest_id == self.id) {
                match tx.optional(&PREVIOUS_ARTIFACT, (key, self.id)).await? {
                    Some(previous) => {
                        tx.exactly_one(&SET_LATEST_ARTIFACT, &collection_row(collection.id, key, &previous)).await?;
                    }
                    None => tx.exactly_one(&DELETE_ARTIFACT_COLLECTION, (collection.id,)).await?,
                }
            }
        }
        if tx.run(&DELETE_ARTIFACT, (self.id,)).await? == 0 {
            return Err(Error::not_found(NOUN, self.id));
        }
        publish(&mut tx, &artifact);
        Ok(())
    }
}

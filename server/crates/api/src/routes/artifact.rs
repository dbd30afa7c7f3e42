//! Artifacts, and the newest of each key.

use axum::Json as JsonResponse;
use control::{Cx, artifact};
use http::StatusCode;
use model::{
    artifact::{Artifact, ArtifactCreate, ArtifactUpdate},
    filter::query::{ArtifactCollectionQuery, ArtifactQuery},
    id::ArtifactId,
    permission::{ReadRuns, WriteRuns},
};

use crate::{
    extract::{
        auth::InWorkspace,
        body::Json,
        path::{Id, Name},
    },
    list,
    reply::{NoContent, Reply, StatusReply},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/artifacts" => create,
        Get "/artifacts/{id}" => read,
        Get "/artifacts/{name}/latest" => read_latest,
        Post "/artifacts/filter" => list::objects::<ArtifactQuery>,
        Post "/artifacts/count" => list::count::<ArtifactQuery>,
        Post "/artifacts/latest/filter" => list::objects::<ArtifactCollectionQuery>,
        Post "/artifacts/latest/count" => list::count::<ArtifactCollectionQuery>,
        Patch "/artifacts/{id}" => update,
        Delete "/artifacts/{id}" => delete,
    ]
}

async fn create(
    InWorkspace(cx, ws): InWorkspace<WriteRuns>,
    Json(body): Json<ArtifactCreate>,
) -> StatusReply<Artifact> {
    Ok((StatusCode::CREATED, JsonResponse(artifact::create(&cx, ws, body).await?)))
}

async fn read(InWorkspace(cx, ws): InWorkspace<ReadRuns>, Id(id): Id<ArtifactId>) -> Reply<Artifact> {
    Ok(JsonResponse(artifact::read(&cx, ws, id).await?))
}

async fn read_latest(InWorkspace(cx, ws): InWorkspace<ReadRuns>, Name(key): Name) -> Reply<Artifact> {
    Ok(JsonResponse(artifact::read_latest(&cx, ws, &key).await?))
}

async fn update(
    InWorkspace(cx, ws): InWorkspace<WriteRuns>,
    Id(id): Id<ArtifactId>,
    Json(body): Json<ArtifactUpdate>,
) -> NoContent {
    artifact::update(&cx, ws, id, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete(InWorkspace(cx, ws): InWorkspace<WriteRuns>, Id(id): Id<ArtifactId>) -> NoContent {
    artifact::delete(&cx, ws, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

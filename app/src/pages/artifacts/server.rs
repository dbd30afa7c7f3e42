//! The server functions of the pages, which call `control::screen`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::screen::{ArtifactList, ArtifactListFilter, ArtifactRef, ArtifactScreen};

use crate::{error::Error, links::WorkspaceRef};

/// A page of the newest artifacts of the keys that match.
#[server(prefix = "/ui", endpoint = "artifacts", input = Postcard, output = Postcard)]
pub async fn list_artifacts(
    workspace: WorkspaceRef,
    filter: ArtifactListFilter,
    skip: u32,
) -> Result<ArtifactList, Error> {
    let (cx, at) = crate::context::authorize::<model::permission::ReadRuns>(workspace).await?;
    Ok(control::screen::artifact_list(&cx, at, filter, skip).await?)
}

/// The key of an artifact: what its page needs before it begins.
#[server(prefix = "/ui", endpoint = "artifact-key", input = Postcard, output = Postcard)]
pub async fn read_artifact_key(workspace: WorkspaceRef, artifact: ArtifactRef) -> Result<Option<String>, Error> {
    let (cx, at) = crate::context::authorize::<model::permission::ReadRuns>(workspace).await?;
    Ok(control::screen::artifact_key(&cx, at, artifact).await?)
}

/// An artifact, and a page of the history of its key.
#[server(prefix = "/ui", endpoint = "artifact", input = Postcard, output = Postcard)]
pub async fn read_artifact(workspace: WorkspaceRef, artifact: ArtifactRef, skip: u32) -> Result<ArtifactScreen, Error> {
    let (cx, at) = crate::context::authorize::<model::permission::ReadRuns>(workspace).await?;
    Ok(control::screen::artifact(&cx, at, artifact, skip).await?)
}

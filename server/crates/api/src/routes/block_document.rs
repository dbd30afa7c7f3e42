//! Block documents.

use axum::Json as JsonResponse;
use control::{Cx, block::document};
use http::StatusCode;
use model::{
    block::{BlockDocument, BlockDocumentCreate},
    id::BlockDocumentId,
    permission::{ReadBlocks, WriteBlocks},
};

use crate::{
    extract::{auth::InWorkspace, body::Json, path::Id},
    reply::{Reply, StatusReply},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/block_documents" => create,
        Get "/block_documents/{id}" => read,
    ]
}

async fn create(
    InWorkspace(cx, ws): InWorkspace<WriteBlocks>,
    Json(body): Json<BlockDocumentCreate>,
) -> StatusReply<BlockDocument> {
    Ok((StatusCode::CREATED, JsonResponse(document::create(&cx, ws, body).await?)))
}

/// The query parameter `include_secrets` is ignored: schemas with secrets are rejected, so no document has any.
async fn read(InWorkspace(cx, ws): InWorkspace<ReadBlocks>, Id(id): Id<BlockDocumentId>) -> Reply<BlockDocument> {
    Ok(JsonResponse(document::read(&cx, ws, id).await?))
}

//! Block documents.

use axum::{Json as Body, extract::State};
use control::{Cx, block::document};
use http::StatusCode;
use model::{
    block::{BlockDocument, BlockDocumentCreate},
    id::BlockDocumentId,
    permission::{ReadBlocks, WriteBlocks},
};

use crate::{
    body::Json,
    gate::In,
    path::Id,
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
    In(ws): In<WriteBlocks>,
    State(cx): State<Cx>,
    Json(body): Json<BlockDocumentCreate>,
) -> StatusReply<BlockDocument> {
    Ok((StatusCode::CREATED, Body(document::create(&cx, ws, body).await?)))
}

/// `include_secrets` changes nothing: schemas with secrets are refused, so no document holds any.
async fn read(In(ws): In<ReadBlocks>, State(cx): State<Cx>, Id(id): Id<BlockDocumentId>) -> Reply<BlockDocument> {
    Ok(Body(document::read(&cx, ws, id).await?))
}

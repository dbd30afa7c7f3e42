//! Block types.

use axum::Json as JsonResponse;
use control::{Cx, block::block_type};
use http::StatusCode;
use model::{
    block::{BlockType, BlockTypeCreate, BlockTypeUpdate},
    id::BlockTypeId,
    permission::{ReadBlocks, WriteBlocks},
};

use crate::{
    extract::{
        auth::InWorkspace,
        body::Json,
        path::{Id, Name},
    },
    reply::{NoContent, Reply, StatusReply},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/block_types" => create,
        Get "/block_types/slug/{name}" => read_by_slug,
        Patch "/block_types/{id}" => update,
    ]
}

async fn create(
    InWorkspace(cx, ws): InWorkspace<WriteBlocks>,
    Json(body): Json<BlockTypeCreate>,
) -> StatusReply<BlockType> {
    Ok((StatusCode::CREATED, JsonResponse(block_type::create(&cx, ws, body).await?)))
}

async fn read_by_slug(InWorkspace(cx, ws): InWorkspace<ReadBlocks>, Name(slug): Name) -> Reply<BlockType> {
    Ok(JsonResponse(block_type::read_by_slug(&cx, ws, &slug).await?))
}

async fn update(
    InWorkspace(cx, ws): InWorkspace<WriteBlocks>,
    Id(id): Id<BlockTypeId>,
    Json(body): Json<BlockTypeUpdate>,
) -> NoContent {
    block_type::update(&cx, ws, id, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Block types.

use axum::{Json as Body, extract::State};
use control::{Cx, block::block_type};
use http::StatusCode;
use model::{
    block::{BlockType, BlockTypeCreate, BlockTypeUpdate},
    id::BlockTypeId,
    permission::{ReadBlocks, WriteBlocks},
};

use crate::{
    body::Json,
    gate::In,
    path::{Id, Named},
    reply::{Done, Reply, StatusReply},
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
    In(ws): In<WriteBlocks>,
    State(cx): State<Cx>,
    Json(body): Json<BlockTypeCreate>,
) -> StatusReply<BlockType> {
    Ok((StatusCode::CREATED, Body(block_type::create(&cx, ws, body).await?)))
}

async fn read_by_slug(In(ws): In<ReadBlocks>, State(cx): State<Cx>, Named(slug): Named) -> Reply<BlockType> {
    Ok(Body(block_type::read_by_slug(&cx, ws, &slug).await?))
}

async fn update(
    In(ws): In<WriteBlocks>,
    State(cx): State<Cx>,
    Id(id): Id<BlockTypeId>,
    Json(body): Json<BlockTypeUpdate>,
) -> Done {
    block_type::update(&cx, ws, id, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Block schemas.

use axum::{Json as Body, extract::State};
use control::{Cx, block::schema};
use model::{
    block::{BlockSchema, BlockSchemaCreate},
    permission::{ReadBlocks, WriteBlocks},
};
use serde::Deserialize;

use crate::{
    body::Json,
    gate::In,
    path::Named,
    query::Query,
    reply::{Reply, StatusReply, made},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/block_schemas" => create,
        Get "/block_schemas/checksum/{name}" => read_by_checksum,
    ]
}

async fn create(
    In(ws): In<WriteBlocks>,
    State(cx): State<Cx>,
    Json(body): Json<BlockSchemaCreate>,
) -> StatusReply<BlockSchema> {
    Ok(made(schema::create(&cx, ws, body).await?))
}

#[derive(Deserialize)]
struct Versioned {
    version: Option<String>,
}

async fn read_by_checksum(
    In(ws): In<ReadBlocks>,
    State(cx): State<Cx>,
    Named(checksum): Named,
    Query(query): Query<Versioned>,
) -> Reply<BlockSchema> {
    Ok(Body(schema::read_by_checksum(&cx, ws, &checksum, query.version.as_deref()).await?))
}

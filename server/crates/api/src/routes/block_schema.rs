//! Block schemas.

use axum::Json as JsonResponse;
use control::{Cx, block::schema};
use model::{
    block::{BlockSchema, BlockSchemaCreate},
    permission::{ReadBlocks, WriteBlocks},
};
use serde::Deserialize;

use crate::{
    extract::{auth::InWorkspace, body::Json, path::Name, query::Query},
    reply::{Reply, StatusReply, upserted},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/block_schemas" => create,
        Get "/block_schemas/checksum/{name}" => read_by_checksum,
    ]
}

async fn create(
    InWorkspace(cx, ws): InWorkspace<WriteBlocks>,
    Json(body): Json<BlockSchemaCreate>,
) -> StatusReply<BlockSchema> {
    Ok(upserted(schema::create(&cx, ws, body).await?))
}

#[derive(Deserialize)]
struct ChecksumQuery {
    version: Option<String>,
}

async fn read_by_checksum(
    InWorkspace(cx, ws): InWorkspace<ReadBlocks>,
    Name(checksum): Name,
    Query(query): Query<ChecksumQuery>,
) -> Reply<BlockSchema> {
    Ok(JsonResponse(schema::read_by_checksum(&cx, ws, &checksum, query.version.as_deref()).await?))
}

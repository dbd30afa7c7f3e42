//! Variables.

use axum::Json as JsonResponse;
use control::{Cx, variable};
use http::StatusCode;
use model::{
    permission::{ReadVariables, WriteVariables},
    variable::{Variable, VariableCreate, VariableId, VariableQuery, VariableUpdate},
};

use crate::{
    extract::{auth::InWorkspace, body::Json, path::IdOrName},
    list,
    reply::{NoContent, Reply, StatusReply},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/variables" => create,
        Get "/variables/{id}" => read,
        Get "/variables/name/{name}" => read,
        Post "/variables/filter" => list::objects::<VariableQuery>,
        Post "/variables/count" => list::count::<VariableQuery>,
        Patch "/variables/{id}" => update,
        Patch "/variables/name/{name}" => update,
        Delete "/variables/{id}" => delete,
        Delete "/variables/name/{name}" => delete,
    ]
}

async fn create(
    InWorkspace(cx, ws): InWorkspace<WriteVariables>,
    Json(body): Json<VariableCreate>,
) -> StatusReply<Variable> {
    Ok((StatusCode::CREATED, JsonResponse(variable::create(&cx, ws, body).await?)))
}

async fn read(InWorkspace(cx, ws): InWorkspace<ReadVariables>, IdOrName(id): IdOrName<VariableId>) -> Reply<Variable> {
    Ok(JsonResponse(variable::read(&cx, ws, id).await?))
}

async fn update(
    InWorkspace(cx, ws): InWorkspace<WriteVariables>,
    IdOrName(id): IdOrName<VariableId>,
    Json(body): Json<VariableUpdate>,
) -> NoContent {
    variable::update(&cx, ws, id, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete(InWorkspace(cx, ws): InWorkspace<WriteVariables>, IdOrName(id): IdOrName<VariableId>) -> NoContent {
    variable::delete(&cx, ws, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

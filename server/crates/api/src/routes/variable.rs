//! Variables.

use axum::{Json as JsonResponse, extract::State};
use control::{Cx, variable};
use http::StatusCode;
use model::{
    filter::query::VariableQuery,
    id::VariableId,
    permission::{ReadVariables, WriteVariables},
    variable::{Variable, VariableCreate, VariableUpdate},
};

use crate::{
    extract::{
        auth::InWorkspace,
        body::{Json, JsonOrEmpty},
        path::IdOrName,
    },
    reply::{NoContent, Reply, StatusReply},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/variables" => create,
        Get "/variables/{id}" => read,
        Get "/variables/name/{name}" => read,
        Post "/variables/filter" => list,
        Post "/variables/count" => count,
        Patch "/variables/{id}" => update,
        Patch "/variables/name/{name}" => update,
        Delete "/variables/{id}" => delete,
        Delete "/variables/name/{name}" => delete,
    ]
}

async fn create(
    InWorkspace(ws): InWorkspace<WriteVariables>,
    State(cx): State<Cx>,
    Json(body): Json<VariableCreate>,
) -> StatusReply<Variable> {
    Ok((StatusCode::CREATED, JsonResponse(variable::create(&cx, ws, body).await?)))
}

async fn read(
    InWorkspace(ws): InWorkspace<ReadVariables>,
    State(cx): State<Cx>,
    IdOrName(variable): IdOrName<VariableId>,
) -> Reply<Variable> {
    Ok(JsonResponse(variable::read(&cx, ws, variable).await?))
}

async fn list(
    InWorkspace(ws): InWorkspace<ReadVariables>,
    State(cx): State<Cx>,
    JsonOrEmpty(query): JsonOrEmpty<VariableQuery>,
) -> Reply<Vec<Variable>> {
    let page = query.page()?;
    Ok(JsonResponse(variable::list(&cx, ws, &query, page).await?))
}

async fn count(
    InWorkspace(ws): InWorkspace<ReadVariables>,
    State(cx): State<Cx>,
    JsonOrEmpty(query): JsonOrEmpty<VariableQuery>,
) -> Reply<i64> {
    Ok(JsonResponse(variable::count(&cx, ws, &query).await?))
}

async fn update(
    InWorkspace(ws): InWorkspace<WriteVariables>,
    State(cx): State<Cx>,
    IdOrName(variable): IdOrName<VariableId>,
    Json(body): Json<VariableUpdate>,
) -> NoContent {
    variable::update(&cx, ws, variable, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete(
    InWorkspace(ws): InWorkspace<WriteVariables>,
    State(cx): State<Cx>,
    IdOrName(variable): IdOrName<VariableId>,
) -> NoContent {
    variable::delete(&cx, ws, variable).await?;
    Ok(StatusCode::NO_CONTENT)
}

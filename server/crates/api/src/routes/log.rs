//! Log lines.

use axum::Json as JsonResponse;
use control::{Cx, log};
use http::StatusCode;
use model::{
    log::{Log, LogCreate, LogQuery},
    permission::{ReadRuns, WriteRuns},
};

use crate::{
    extract::{
        auth::InWorkspace,
        body::{Json, JsonOrEmpty},
    },
    reply::{Reply, StatusReply},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/logs" => write,
        Post "/logs/filter" => list,
    ]
}

async fn write(InWorkspace(cx, ws): InWorkspace<WriteRuns>, Json(lines): Json<Vec<LogCreate>>) -> StatusReply<()> {
    log::write(&cx, ws, lines).await?;
    Ok((StatusCode::CREATED, JsonResponse(())))
}

async fn list(
    InWorkspace(cx, ws): InWorkspace<ReadRuns>,
    JsonOrEmpty(query): JsonOrEmpty<LogQuery>,
) -> Reply<Vec<Log>> {
    let page = query.page()?;
    Ok(JsonResponse(log::list(&cx, ws, &query, page).await?))
}

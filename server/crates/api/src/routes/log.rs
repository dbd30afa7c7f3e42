//! Log lines.

use axum::Json as JsonResponse;
use control::{Cx, log};
use http::StatusCode;
use model::{
    log::{LogCreate, LogQuery},
    permission::WriteRuns,
};

use crate::{
    extract::{auth::InWorkspace, body::Json},
    list,
    reply::StatusReply,
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/logs" => write,
        Post "/logs/filter" => list::objects::<LogQuery>,
    ]
}

async fn write(InWorkspace(cx, ws): InWorkspace<WriteRuns>, Json(lines): Json<Vec<LogCreate>>) -> StatusReply<()> {
    log::write(&cx, ws, lines).await?;
    Ok((StatusCode::CREATED, JsonResponse(())))
}

//! Log lines.

use axum::{Json as Body, extract::State};
use control::{Cx, log};
use http::StatusCode;
use model::{
    filter::log::LogQuery,
    log::{Log, LogCreate},
    permission::{ReadRuns, WriteRuns},
};

use crate::{
    body::{Json, JsonOrEmpty},
    gate::In,
    reply::{Reply, StatusReply},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/logs" => write,
        Post "/logs/filter" => list,
    ]
}

async fn write(In(ws): In<WriteRuns>, State(cx): State<Cx>, Json(lines): Json<Vec<LogCreate>>) -> StatusReply<()> {
    log::write(&cx, ws, lines).await?;
    Ok((StatusCode::CREATED, Body(())))
}

async fn list(
    In(ws): In<ReadRuns>,
    State(cx): State<Cx>,
    JsonOrEmpty(query): JsonOrEmpty<LogQuery>,
) -> Reply<Vec<Log>> {
    let page = query.page()?;
    Ok(Body(log::list(&cx, ws, &query, page).await?))
}

//! Flow runs and their state history.

use axum::Json as JsonResponse;
use control::{Cx, flow_run};
use http::StatusCode;
use model::{
    filter::query::FlowRunQuery,
    flow_run::{FlowRun, FlowRunCreate, FlowRunUpdate},
    id::FlowRunId,
    orchestration::SetState,
    permission::{ReadRuns, WriteRuns},
    state::State as RunState,
};
use serde::Deserialize;

use crate::{
    extract::{auth::InWorkspace, automation::Automation, body::Json, path::Id, query::Query},
    list,
    reply::{NoContent, Reply, SetStateReply, StatusReply, upserted},
    route::{Route, routes},
    version::ClientVersion,
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/flow_runs" => create,
        Get "/flow_runs/{id}" => read,
        Patch "/flow_runs/{id}" => edit,
        Post "/flow_runs/{id}/set_state" => set_state,
        Post "/flow_runs/filter" => list::objects::<FlowRunQuery>,
        Post "/flow_runs/count" => list::count::<FlowRunQuery>,
        Get "/flow_run_states" => states,
    ]
}

async fn create(
    InWorkspace(cx, ws): InWorkspace<WriteRuns>,
    ClientVersion(client): ClientVersion,
    Automation(created_by): Automation,
    Json(body): Json<FlowRunCreate>,
) -> StatusReply<FlowRun> {
    let body = FlowRunCreate { created_by, ..body };
    Ok(upserted(flow_run::create(&cx, ws, body, client).await?))
}

async fn read(InWorkspace(cx, ws): InWorkspace<ReadRuns>, Id(id): Id<FlowRunId>) -> Reply<FlowRun> {
    Ok(JsonResponse(flow_run::read(&cx, ws, id).await?))
}

async fn edit(
    InWorkspace(cx, ws): InWorkspace<WriteRuns>,
    Id(id): Id<FlowRunId>,
    Json(body): Json<FlowRunUpdate>,
) -> NoContent {
    flow_run::edit(&cx, ws, id, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_state(
    InWorkspace(cx, ws): InWorkspace<WriteRuns>,
    Id(id): Id<FlowRunId>,
    ClientVersion(client): ClientVersion,
    Json(body): Json<SetState>,
) -> SetStateReply {
    Ok(upserted(flow_run::set_state(&cx, ws, id, body, client).await?))
}

#[derive(Deserialize)]
struct FlowRunStatesQuery {
    flow_run_id: FlowRunId,
}

async fn states(
    InWorkspace(cx, ws): InWorkspace<ReadRuns>,
    Query(query): Query<FlowRunStatesQuery>,
) -> Reply<Vec<RunState>> {
    Ok(JsonResponse(flow_run::states(&cx, ws, query.flow_run_id).await?))
}

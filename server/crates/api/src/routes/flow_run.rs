//! Flow runs, and the states they went through.

use axum::{Json as Body, extract::State};
use control::{Cx, flow_run};
use http::StatusCode;
use model::{
    filter::flow_run::FlowRunQuery,
    flow_run::{FlowRun, FlowRunCreate, FlowRunUpdate},
    id::FlowRunId,
    orchestration::{OrchestrationResult, SetState},
    permission::{ReadRuns, WriteRuns},
    state::State as RunState,
};
use serde::Deserialize;

use crate::{
    body::{Json, JsonOrEmpty},
    error::ApiError,
    gate::In,
    path::Id,
    query::Query,
    reply::{Done, Reply, StatusReply, made, moved},
    route::{Route, routes},
    version::Calling,
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/flow_runs" => create,
        Get "/flow_runs/{id}" => read,
        Patch "/flow_runs/{id}" => edit,
        Post "/flow_runs/{id}/set_state" => set_state,
        Post "/flow_runs/filter" => list,
        Post "/flow_runs/count" => count,
        Get "/flow_run_states" => states,
    ]
}

async fn create(
    In(ws): In<WriteRuns>,
    State(cx): State<Cx>,
    Calling(client): Calling,
    Json(body): Json<FlowRunCreate>,
) -> StatusReply<FlowRun> {
    Ok(made(flow_run::create(&cx, ws, body, client).await?))
}

async fn read(In(ws): In<ReadRuns>, State(cx): State<Cx>, Id(id): Id<FlowRunId>) -> Reply<FlowRun> {
    Ok(Body(flow_run::read(&cx, ws, id).await?))
}

async fn edit(
    In(ws): In<WriteRuns>,
    State(cx): State<Cx>,
    Id(id): Id<FlowRunId>,
    Json(body): Json<FlowRunUpdate>,
) -> Done {
    flow_run::edit(&cx, ws, id, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_state(
    In(ws): In<WriteRuns>,
    State(cx): State<Cx>,
    Id(id): Id<FlowRunId>,
    Calling(client): Calling,
    Json(body): Json<SetState>,
) -> StatusReply<OrchestrationResult> {
    let began = cx.clock.now();
    let answer = flow_run::set_state(&cx, ws, id, body, client).await;
    answer.map(|answer| moved(answer, began)).map_err(|error| ApiError::from(error).of_action(id))
}

async fn list(
    In(ws): In<ReadRuns>,
    State(cx): State<Cx>,
    JsonOrEmpty(query): JsonOrEmpty<FlowRunQuery>,
) -> Reply<Vec<FlowRun>> {
    let page = query.page()?;
    Ok(Body(flow_run::list(&cx, ws, &query, page).await?))
}

async fn count(
    In(ws): In<ReadRuns>,
    State(cx): State<Cx>,
    JsonOrEmpty(query): JsonOrEmpty<FlowRunQuery>,
) -> Reply<i64> {
    Ok(Body(flow_run::count(&cx, ws, &query).await?))
}

#[derive(Deserialize)]
struct OfRun {
    flow_run_id: FlowRunId,
}

async fn states(In(ws): In<ReadRuns>, State(cx): State<Cx>, Query(of): Query<OfRun>) -> Reply<Vec<RunState>> {
    Ok(Body(flow_run::states(&cx, ws, of.flow_run_id).await?))
}

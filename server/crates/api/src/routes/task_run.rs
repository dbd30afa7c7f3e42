//! Task runs, and the states they went through.

use axum::{Json as Body, extract::State};
use control::{Cx, task_run};
use model::{
    filter::task_run::TaskRunQuery,
    id::TaskRunId,
    orchestration::{OrchestrationResult, SetState},
    permission::{ReadRuns, WriteRuns},
    state::State as RunState,
    task_run::{TaskRun, TaskRunCreate},
};
use serde::Deserialize;

use crate::{
    body::{Json, JsonOrEmpty},
    error::ApiError,
    gate::In,
    path::Id,
    query::Query,
    reply::{Reply, StatusReply, made, moved},
    route::{Route, routes},
    version::Calling,
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/task_runs" => create,
        Get "/task_runs/{id}" => read,
        Post "/task_runs/{id}/set_state" => set_state,
        Post "/task_runs/filter" => list,
        Get "/task_run_states" => states,
    ]
}

async fn create(In(ws): In<WriteRuns>, State(cx): State<Cx>, Json(body): Json<TaskRunCreate>) -> StatusReply<TaskRun> {
    Ok(made(task_run::create(&cx, ws, body).await?))
}

async fn read(In(ws): In<ReadRuns>, State(cx): State<Cx>, Id(id): Id<TaskRunId>) -> Reply<TaskRun> {
    Ok(Body(task_run::read(&cx, ws, id).await?))
}

async fn set_state(
    In(ws): In<WriteRuns>,
    State(cx): State<Cx>,
    Id(id): Id<TaskRunId>,
    Calling(client): Calling,
    Json(body): Json<SetState>,
) -> StatusReply<OrchestrationResult> {
    let began = cx.clock.now();
    let answer = task_run::set_state(&cx, ws, id, body, client).await;
    answer.map(|answer| moved(answer, began)).map_err(|error| ApiError::from(error).of_action(id))
}

async fn list(
    In(ws): In<ReadRuns>,
    State(cx): State<Cx>,
    JsonOrEmpty(query): JsonOrEmpty<TaskRunQuery>,
) -> Reply<Vec<TaskRun>> {
    let page = query.page()?;
    Ok(Body(task_run::list(&cx, ws, &query, page).await?))
}

#[derive(Deserialize)]
struct OfRun {
    task_run_id: TaskRunId,
}

async fn states(In(ws): In<ReadRuns>, State(cx): State<Cx>, Query(of): Query<OfRun>) -> Reply<Vec<RunState>> {
    Ok(Body(task_run::states(&cx, ws, of.task_run_id).await?))
}

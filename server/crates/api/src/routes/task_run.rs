//! Task runs and their state history.

use axum::Json as JsonResponse;
use control::{Cx, task_run};
use model::{
    filter::query::TaskRunQuery,
    id::TaskRunId,
    orchestration::SetState,
    permission::{ReadRuns, WriteRuns},
    state::State as RunState,
    task_run::{TaskRun, TaskRunCreate},
};
use serde::Deserialize;

use crate::{
    extract::{auth::InWorkspace, body::Json, path::Id, query::Query},
    list,
    reply::{Reply, SetStateReply, StatusReply, upserted},
    route::{Route, routes},
    version::ClientVersion,
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/task_runs" => create,
        Get "/task_runs/{id}" => read,
        Post "/task_runs/{id}/set_state" => set_state,
        Post "/task_runs/filter" => list::objects::<TaskRunQuery>,
        Post "/task_runs/count" => list::count::<TaskRunQuery>,
        Get "/task_run_states" => states,
    ]
}

async fn create(InWorkspace(cx, ws): InWorkspace<WriteRuns>, Json(body): Json<TaskRunCreate>) -> StatusReply<TaskRun> {
    Ok(upserted(task_run::create(&cx, ws, body).await?))
}

async fn read(InWorkspace(cx, ws): InWorkspace<ReadRuns>, Id(id): Id<TaskRunId>) -> Reply<TaskRun> {
    Ok(JsonResponse(task_run::read(&cx, ws, id).await?))
}

async fn set_state(
    InWorkspace(cx, ws): InWorkspace<WriteRuns>,
    Id(id): Id<TaskRunId>,
    ClientVersion(client): ClientVersion,
    Json(body): Json<SetState>,
) -> SetStateReply {
    Ok(upserted(task_run::set_state(&cx, ws, id, body, client).await?))
}

#[derive(Deserialize)]
struct TaskRunStatesQuery {
    task_run_id: TaskRunId,
}

async fn states(
    InWorkspace(cx, ws): InWorkspace<ReadRuns>,
    Query(query): Query<TaskRunStatesQuery>,
) -> Reply<Vec<RunState>> {
    Ok(JsonResponse(task_run::states(&cx, ws, query.task_run_id).await?))
}

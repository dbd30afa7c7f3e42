//! Flows.

use axum::Json as JsonResponse;
use control::{Cx, flow};
use model::{
    filter::query::FlowQuery,
    flow::{Flow, FlowCreate},
    id::FlowId,
    permission::{ReadRuns, WriteRuns},
};

use crate::{
    extract::{
        auth::InWorkspace,
        body::Json,
        path::{Id, Name},
    },
    list,
    reply::{Reply, StatusReply, upserted},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/flows" => create,
        Get "/flows/{id}" => read,
        Get "/flows/name/{name}" => read_by_name,
        Post "/flows/filter" => list::objects::<FlowQuery>,
        Post "/flows/count" => list::count::<FlowQuery>,
    ]
}

async fn create(InWorkspace(cx, ws): InWorkspace<WriteRuns>, Json(body): Json<FlowCreate>) -> StatusReply<Flow> {
    Ok(upserted(flow::create(&cx, ws, body).await?))
}

async fn read(InWorkspace(cx, ws): InWorkspace<ReadRuns>, Id(id): Id<FlowId>) -> Reply<Flow> {
    Ok(JsonResponse(flow::read(&cx, ws, id).await?))
}

async fn read_by_name(InWorkspace(cx, ws): InWorkspace<ReadRuns>, Name(name): Name) -> Reply<Flow> {
    Ok(JsonResponse(flow::read_by_name(&cx, ws, &name).await?))
}

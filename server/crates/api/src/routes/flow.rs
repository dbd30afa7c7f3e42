//! Flows.

use axum::{Json as Body, extract::State};
use control::{Cx, flow};
use model::{
    filter::flow::FlowQuery,
    flow::{Flow, FlowCreate},
    id::FlowId,
    permission::{ReadRuns, WriteRuns},
};

use crate::{
    body::{Json, JsonOrEmpty},
    gate::In,
    path::{Id, Named},
    reply::{Reply, StatusReply, made},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/flows" => create,
        Get "/flows/{id}" => read,
        Get "/flows/name/{name}" => read_by_name,
        Post "/flows/filter" => list,
    ]
}

async fn create(In(ws): In<WriteRuns>, State(cx): State<Cx>, Json(body): Json<FlowCreate>) -> StatusReply<Flow> {
    Ok(made(flow::create(&cx, ws, body).await?))
}

async fn read(In(ws): In<ReadRuns>, State(cx): State<Cx>, Id(id): Id<FlowId>) -> Reply<Flow> {
    Ok(Body(flow::read(&cx, ws, id).await?))
}

async fn read_by_name(In(ws): In<ReadRuns>, State(cx): State<Cx>, Named(name): Named) -> Reply<Flow> {
    Ok(Body(flow::read_by_name(&cx, ws, &name).await?))
}

async fn list(
    In(ws): In<ReadRuns>,
    State(cx): State<Cx>,
    JsonOrEmpty(query): JsonOrEmpty<FlowQuery>,
) -> Reply<Vec<Flow>> {
    let page = query.page()?;
    Ok(Body(flow::list(&cx, ws, &query, page).await?))
}

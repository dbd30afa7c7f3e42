//! Concurrency limits, and leases on their slots.

use axum::Json as JsonResponse;
use control::{
    Cx,
    concurrency::{lease, limit},
};
use http::StatusCode;
use model::{
    concurrency::{
        ConcurrencyLimit, ConcurrencyLimitCreate, ConcurrencyLimitSummary, LeaseGranted, RenewLease, ReturnSlots,
        TakeSlots,
    },
    id::LeaseId,
    permission::{ReadLimits, WriteLimits, WriteRuns},
};

use crate::{
    extract::{
        auth::InWorkspace,
        body::Json,
        path::{Id, Name},
    },
    reply::{NoContent, Reply, StatusReply},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/v2/concurrency_limits" => create,
        Get "/v2/concurrency_limits/{name}" => read,
        Delete "/v2/concurrency_limits/{name}" => delete,
        Post "/v2/concurrency_limits/increment-with-lease" => increment_with_lease,
        Post "/v2/concurrency_limits/decrement-with-lease" => decrement_with_lease,
        Post "/v2/concurrency_limits/leases/{id}/renew" => renew,
    ]
}

async fn create(
    InWorkspace(cx, ws): InWorkspace<WriteLimits>,
    Json(body): Json<ConcurrencyLimitCreate>,
) -> StatusReply<ConcurrencyLimit> {
    Ok((StatusCode::CREATED, JsonResponse(limit::create(&cx, ws, body).await?)))
}

async fn read(InWorkspace(cx, ws): InWorkspace<ReadLimits>, Name(id_or_name): Name) -> Reply<ConcurrencyLimitSummary> {
    Ok(JsonResponse(limit::read(&cx, ws, &id_or_name).await?))
}

async fn delete(InWorkspace(cx, ws): InWorkspace<WriteLimits>, Name(id_or_name): Name) -> NoContent {
    limit::delete(&cx, ws, &id_or_name).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn increment_with_lease(
    InWorkspace(cx, ws): InWorkspace<WriteRuns>,
    Json(body): Json<TakeSlots>,
) -> Reply<LeaseGranted> {
    Ok(JsonResponse(lease::acquire(&cx, ws, body).await?))
}

async fn decrement_with_lease(InWorkspace(cx, ws): InWorkspace<WriteRuns>, Json(body): Json<ReturnSlots>) -> NoContent {
    lease::release(&cx, ws, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn renew(
    InWorkspace(cx, ws): InWorkspace<WriteRuns>,
    Id(id): Id<LeaseId>,
    Json(body): Json<RenewLease>,
) -> NoContent {
    lease::renew(&cx, ws, id, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

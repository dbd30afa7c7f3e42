//! Concurrency limits, and leases on their slots.

use axum::{Json as Body, extract::State};
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
    body::Json,
    gate::In,
    path::{Id, Named},
    reply::{Done, Reply, StatusReply},
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Post "/v2/concurrency_limits" => create,
        Get "/v2/concurrency_limits/{name}" => read,
        Delete "/v2/concurrency_limits/{name}" => delete,
        Post "/v2/concurrency_limits/increment-with-lease" => take,
        Post "/v2/concurrency_limits/decrement-with-lease" => give_back,
        Post "/v2/concurrency_limits/leases/{id}/renew" => renew,
    ]
}

async fn create(
    In(ws): In<WriteLimits>,
    State(cx): State<Cx>,
    Json(body): Json<ConcurrencyLimitCreate>,
) -> StatusReply<ConcurrencyLimit> {
    Ok((StatusCode::CREATED, Body(limit::create(&cx, ws, body).await?)))
}

async fn read(
    In(ws): In<ReadLimits>,
    State(cx): State<Cx>,
    Named(id_or_name): Named,
) -> Reply<ConcurrencyLimitSummary> {
    Ok(Body(limit::read(&cx, ws, &id_or_name).await?))
}

async fn delete(In(ws): In<WriteLimits>, State(cx): State<Cx>, Named(id_or_name): Named) -> Done {
    limit::delete(&cx, ws, &id_or_name).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn take(In(ws): In<WriteRuns>, State(cx): State<Cx>, Json(body): Json<TakeSlots>) -> Reply<LeaseGranted> {
    Ok(Body(lease::take(&cx, ws, body).await?))
}

async fn give_back(In(ws): In<WriteRuns>, State(cx): State<Cx>, Json(body): Json<ReturnSlots>) -> Done {
    lease::give_back(&cx, ws, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn renew(In(ws): In<WriteRuns>, State(cx): State<Cx>, Id(id): Id<LeaseId>, Json(body): Json<RenewLease>) -> Done {
    lease::renew(&cx, ws, id, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

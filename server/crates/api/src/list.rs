//! The handlers of lists and counts, the same for all kinds of objects.

use axum::Json as JsonResponse;
use control::list::{self, ListQuery};
use serde::de::DeserializeOwned;

use crate::{
    extract::{auth::InWorkspace, body::JsonOrEmpty},
    reply::Reply,
};

/// The objects that match.
pub async fn objects<Q: ListQuery + DeserializeOwned + Default>(
    InWorkspace(cx, ws): InWorkspace<Q::Permission>,
    JsonOrEmpty(query): JsonOrEmpty<Q>,
) -> Reply<Vec<Q::Object>> {
    let page = query.page()?;
    Ok(JsonResponse(list::objects(&cx, ws, &query, page).await?))
}

/// How many objects match.
pub async fn count<Q: ListQuery + DeserializeOwned + Default>(
    InWorkspace(cx, ws): InWorkspace<Q::Permission>,
    JsonOrEmpty(query): JsonOrEmpty<Q>,
) -> Reply<i64> {
    Ok(JsonResponse(list::count(&cx, ws, &query).await?))
}

//! Whether the server can serve calls.

use store::access::KEY_HOLDER;

use crate::{Cx, Error, Result};

/// Runs a query that is cheap however much is stored.
///
/// # Errors
/// [`Error::Unavailable`] if the database does not answer.
pub async fn check(cx: &Cx) -> Result<()> {
    cx.db.optional(&KEY_HOLDER, (String::new(),)).await.map(drop).map_err(|error| {
        // A load balancer must send no calls to an overloaded server either.
        tracing::warn!(%error, "the server is not ready");
        Error::Unavailable
    })
}

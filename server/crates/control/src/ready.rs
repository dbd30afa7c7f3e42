//! Whether calls can be served.

use store::access::KEY_HOLDER;

use crate::{Cx, Error, Result};

/// Asks the database something that it can answer at once, whatever it holds.
///
/// # Errors
/// [`Error::Unavailable`] if it does not answer.
pub async fn check(cx: &Cx) -> Result<()> {
    cx.db.optional(&KEY_HOLDER, (String::new(),)).await.map(drop).map_err(|error| {
        // For whoever sends calls here, too much to do is as good as away.
        tracing::warn!(%error, "the server is not ready");
        Error::Unavailable
    })
}

//! Whether calls can be served.

use store::access::KEY_HOLDER;

use crate::{Cx, Result};

/// Asks the database something that it can answer at once, whatever it holds.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable) if it does not answer.
pub async fn check(cx: &Cx) -> Result<()> {
    cx.db.optional(&KEY_HOLDER, (String::new(),)).await?;
    Ok(())
}

//! The proof that a caller administers the server.

use store::person::IS_ADMIN;

use super::Caller;
use crate::{Cx, Error, Result};

/// A caller who administers the server. In local mode every caller does.
#[derive(Clone, Copy, Debug)]
pub struct Administrator(Caller);

impl Administrator {
    /// The caller.
    #[must_use]
    pub fn caller(&self) -> Caller {
        self.0
    }
}

/// Authorizes a caller as an administrator of the server.
///
/// # Errors
/// [`Error::NotFound`] for any other caller, who must not learn what there is to administer.
pub async fn authorize_administrator(cx: &Cx, caller: Caller) -> Result<Administrator> {
    let is_stored = async || Ok::<_, Error>(cx.db.optional(&IS_ADMIN, (caller.person(),)).await? == Some((true,)));
    let is_admin = cx.settings.local || is_stored().await?;
    is_admin.then_some(Administrator(caller)).ok_or(Error::missing("Page"))
}

//! Where the operator demands it, people do nothing until they have verified their address.

use store::person::IS_VERIFIED;

use super::{Caller, Credential};
use crate::{Cx, Error, Result};

/// Demands that the caller has verified their address, if the operator's rule for registrations does. Server functions, the live socket and
/// the look-ups of API keys call it.
///
/// # Errors
/// [`Error::AddressUnverified`] if not.
pub async fn require_verified_address(cx: &Cx, caller: Caller) -> Result<()> {
    let is_exempt = matches!(caller.credential(), Credential::Local | Credential::Shell);
    if is_exempt || !cx.settings.sign_up.demands_verified_address() {
        return Ok(());
    }
    match cx.db.optional(&IS_VERIFIED, (caller.person(),)).await? {
        Some((true,)) => Ok(()),
        _ => Err(Error::AddressUnverified),
    }
}

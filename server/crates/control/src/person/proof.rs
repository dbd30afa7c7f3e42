//! Shows once more who is signed in, by password.

use identity::{Email, Password, Verification};
use store::identity::PASSWORD_OF_PERSON;

use super::{no_password, verify_within_limits};
use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    session::{Method, Verified, renew_proof},
};

/// Records that the caller has typed their password, so that they may change how they sign in.
///
/// # Errors
/// [`Error::Invalid`] for the field `password`; [`Error::TooManyRequests`] after too many failed attempts; [`Error::Forbidden`] for a
/// person without a password; [`Error::Unauthenticated`] outside of a browser session, and if the password was changed meanwhile.
pub async fn prove_password(cx: &Cx, caller: Caller, typed: &Password, client: ClientInfo) -> Result<()> {
    let key = caller.session().ok_or(Error::Unauthenticated)?;
    let stored = cx.db.optional(&PASSWORD_OF_PERSON, (caller.person(),)).await?.ok_or_else(no_password)?;
    let email: Email = stored.subject.parse().map_err(|_| store::Error::Corrupt("email address"))?;
    let checked = verify_within_limits(cx, &email, typed, Some(stored), client).await?;
    match (checked.verification, checked.stored) {
        (Verification::Match | Verification::NeedsRehash, Some(row)) => {
            let compared = row.secret.ok_or_else(wrong)?;
            let method = Method::Password { compared, renewed: None };
            renew_proof(cx, key, Verified { person: caller.person(), identity: row.id, method }).await
        }
        _ => Err(wrong()),
    }
}

fn wrong() -> Error {
    Error::invalid("password", "This is not your password.")
}

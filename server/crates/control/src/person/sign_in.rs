//! Signs a person in with e-mail address and password.

use identity::{Email, Password, Verification};
use model::{audit::AuditEvent, validation::sentence};
use store::identity::{PASSWORD_BY_EMAIL, PasswordRow};

use super::{hash, verify_within_limits, wrong_password};
use crate::{
    Cx, Error, Result,
    access::ClientInfo,
    audit::AuditRecord,
    session::{self, Method, Session, Verified},
};

/// The form with which a person signs in.
#[derive(Debug)]
pub struct SignIn {
    pub email: String,
    pub password: Password,
}

/// How often the password is verified if its hash is replaced meanwhile: by another sign-in that renews the hash, or by a new password.
const MAX_ATTEMPTS: usize = 2;

/// Signs a browser in by password. Neither the result nor its time reveals whether the address is registered.
///
/// # Errors
/// Those of [`verify_password`].
pub async fn sign_in(cx: &Cx, browser: &Session, form: &SignIn, client: ClientInfo) -> Result<()> {
    for _ in 0..MAX_ATTEMPTS {
        let verified = verify_password(cx, form, client).await?;
        match session::begin(cx, browser, verified, client).await {
            Err(Error::Unauthenticated) => {}
            begun => return begun,
        }
    }
    Err(wrong_password())
}

/// Verifies a person by e-mail address and password.
///
/// # Errors
/// [`Error::Invalid`] for `email` if it is not an e-mail address, for `password` if the two don't match;
/// [`Error::TooManyRequests`] after too many failed attempts.
pub async fn verify_password(cx: &Cx, form: &SignIn, client: ClientInfo) -> Result<Verified> {
    let email: Email =
        form.email.parse().map_err(|why: identity::EmailError| Error::invalid("email", sentence(&why.to_string())))?;
    let stored = cx.db.optional(&PASSWORD_BY_EMAIL, (email.as_str(),)).await?;
    let checked = verify_within_limits(cx, &email, &form.password, stored, client).await?;
    match (checked.verification, checked.stored) {
        (
            Verification::Match | Verification::NeedsRehash,
            Some(PasswordRow { id, person_id, secret: Some(compared), .. }),
        ) => {
            let renewed = if checked.verification == Verification::NeedsRehash {
                renewed(cx, &form.password).await?
            } else {
                None
            };
            Ok(Verified { person: person_id, identity: id, method: Method::Password { compared, renewed } })
        }
        (_, stored) => {
            // For an unknown address there is no person whose log could show a record. The response does not wait for the insert, so it
            // takes the same time with and without one.
            if let Some(row) = stored {
                AuditRecord::by_person(cx, Some(row.person_id), AuditEvent::SignInRefused, client).spawn_insert(cx);
            }
            Err(wrong_password())
        }
    }
}

/// A new hash for a password whose hash is weaker than today's. A password that today's rules reject keeps its old hash.
async fn renewed(cx: &Cx, typed: &Password) -> Result<Option<String>> {
    match typed.clone().validate_as_new(&[]) {
        Ok(password) => hash(cx, &password).await.map(Some),
        Err(_) => Ok(None),
    }
}

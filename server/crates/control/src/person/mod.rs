//! People: registering, signing in, passwords. Passwords are judged by `identity`; what is stored of them are hashes.

mod password;
mod register;
mod sign_in;

use std::{net::Ipv4Addr, time::Duration};

pub use identity::Password;
use identity::{ClientIp, Email, HashError, NewPassword, RetryAfter, Verdict};
use model::{id::UserId, user::Person};
pub use password::{ChangePassword, change_password, set_password};
pub use register::{Registered, Registration, register};
pub use sign_in::{SignIn, sign_in};
use store::{identity::PasswordRow, person::PERSON, session::Proof};

use crate::{
    Cx, Error, Result,
    access::{Caller, Origin},
};

/// The proof that somebody has just shown who they are: what a session begins with, unless the password is changed first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedIn {
    pub(crate) person: UserId,
    pub(crate) proof: Proof,
}

impl SignedIn {
    /// Who it is.
    #[must_use]
    pub fn person(&self) -> UserId {
        self.person
    }
}

/// What is said of an address and a password that don't go together, whatever the reason.
pub(crate) fn wrong_password() -> Error {
    Error::invalid("password", "Email or password isn’t right.")
}

/// The caller, as pages show them.
///
/// # Errors
/// [`Error::Unauthenticated`] if the person is gone.
pub async fn person(cx: &Cx, caller: Caller) -> Result<Person> {
    let row = cx.db.optional(&PERSON, (caller.person(),)).await?;
    row.map(Person::from).ok_or(Error::Unauthenticated)
}

/// A try at a password: what was stored, and what the comparison found.
struct Tried {
    stored: Option<PasswordRow>,
    verdict: Verdict,
}

/// Compares a password with what is stored for an address, within the limits on failed attempts: a right one does not count, a wrong one does.
async fn compare(
    cx: &Cx,
    email: &Email,
    typed: &Password,
    stored: Option<PasswordRow>,
    origin: Origin,
) -> Result<Tried> {
    let attempt = cx.throttle.attempt(client(origin), email, cx.clock.now()).map_err(too_many)?;
    let secret = stored.as_ref().and_then(|row| row.secret.as_deref());
    match cx.hasher.verify(typed, secret).await {
        Ok(Verdict::Wrong) => Ok(Tried { stored, verdict: Verdict::Wrong }),
        Ok(verdict) => {
            attempt.give_back();
            Ok(Tried { stored, verdict })
        }
        Err(error) => {
            attempt.give_back();
            Err(not_hashed(error))
        }
    }
}

/// Without a known address all are one client.
fn client(origin: Origin) -> ClientIp {
    ClientIp(origin.address.unwrap_or(Ipv4Addr::UNSPECIFIED.into()))
}

fn too_many(refused: RetryAfter) -> Error {
    Error::TooMany { retry_after: Duration::from_secs(refused.seconds()) }
}

/// The hash of a new password.
async fn hash(cx: &Cx, password: &NewPassword) -> Result<String> {
    let mut salt = [0; 16];
    cx.ids.fill(&mut salt);
    cx.hasher.hash(password, salt).await.map_err(not_hashed)
}

fn not_hashed(error: HashError) -> Error {
    match error {
        HashError::Busy => Error::TooMany { retry_after: Duration::from_secs(3) },
        HashError::Stored(_) | HashError::Argon2(_) | HashError::Ended => {
            tracing::error!(%error, "a password could not be hashed or compared");
            Error::Internal
        }
    }
}

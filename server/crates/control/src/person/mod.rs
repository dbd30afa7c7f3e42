//! People: registration, sign-in, passwords, accounts at providers, and who of them administers the server. `identity` checks passwords
//! and hashes them; only hashes are stored.

mod administrator;
mod password;
mod provider;
mod register;
mod sign_in;
mod zone;

use std::{net::Ipv4Addr, time::Duration};

pub use administrator::set_administrator;
use identity::{ClientIp, Email, HashError, NewPassword, RetryAfter, Verification};
pub use identity::{Password, ProviderAccount};
use model::user::Person;
pub use password::{ChangePassword, change_password, set_password};
pub use provider::{connect_provider, verify_provider};
pub use register::{Registered, Registration, register};
pub use sign_in::{SignIn, sign_in, verify_password};
use store::{identity::PasswordRow, person::PERSON};
pub use zone::{keep_zone, zone};

use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo, Credential},
};

/// The error for an e-mail address and a password that don't match, whatever the reason.
fn wrong_password() -> Error {
    Error::invalid("password", "The email or password is incorrect.")
}

/// The caller's name, handle and address, and whether they administer the server.
///
/// # Errors
/// [`Error::Unauthenticated`] if the person no longer exists.
pub async fn person(cx: &Cx, caller: Caller) -> Result<Person> {
    let row = cx.db.optional(&PERSON, (caller.person(),)).await?;
    let person = row.ok_or(Error::Unauthenticated)?;
    Ok(Person { is_admin: person.is_admin || cx.settings.local, ..person })
}

/// Rejects every caller except the admin command line on the server's machine, the only one that may call the use case.
fn require_shell(caller: Caller) -> Result<()> {
    match caller.credential() {
        Credential::Shell => Ok(()),
        _ => Err(Error::Forbidden("You can do this only from the command line on the server.".to_owned())),
    }
}

/// The result of verifying a password, with the stored row.
struct CheckedPassword {
    stored: Option<PasswordRow>,
    verification: Verification,
}

/// Verifies a password against the hash stored for an e-mail address, within the limits on attempts. Only wrong passwords count.
async fn verify_within_limits(
    cx: &Cx,
    email: &Email,
    typed: &Password,
    stored: Option<PasswordRow>,
    client: ClientInfo,
) -> Result<CheckedPassword> {
    let attempt = cx.throttle.attempt(client_ip(client), email, cx.clock.now()).map_err(too_many)?;
    let secret = stored.as_ref().and_then(|row| row.secret.as_deref());
    match cx.hasher.verify(typed, secret).await {
        Ok(Verification::Mismatch) => Ok(CheckedPassword { stored, verification: Verification::Mismatch }),
        Ok(verification) => {
            attempt.refund();
            Ok(CheckedPassword { stored, verification })
        }
        Err(error) => {
            attempt.refund();
            Err(hash_error(error))
        }
    }
}

/// The IP address that the throttle counts by. Clients without a known one share one counter.
fn client_ip(client: ClientInfo) -> ClientIp {
    ClientIp(client.address.unwrap_or(Ipv4Addr::UNSPECIFIED.into()))
}

fn too_many(wait: RetryAfter) -> Error {
    Error::TooManyRequests { retry_after: Duration::from_secs(wait.seconds()) }
}

/// The hash of a new password.
async fn hash(cx: &Cx, password: &NewPassword) -> Result<String> {
    let mut salt = [0; 16];
    cx.ids.fill(&mut salt);
    cx.hasher.hash(password, salt).await.map_err(hash_error)
}

fn hash_error(error: HashError) -> Error {
    match error {
        HashError::Busy => Error::TooManyRequests { retry_after: Duration::from_secs(3) },
        HashError::Stored(_) | HashError::Argon2(_) | HashError::Ended => {
            tracing::error!(%error, "failed to hash or compare a password");
            Error::Internal
        }
    }
}

//! E-mail addresses that people have verified, and those that others only claim.

use identity::Email;
use model::{id::UserId, time::Timestamp};
use store::{
    Tx,
    identity::{SET_PASSWORD_ADDRESS, UNVERIFIED_PASSWORD},
    person::VERIFIED_ADDRESSES,
};

/// Whether a person has verified this address. Says nothing of who it is.
pub(crate) async fn is_verified(tx: &mut Tx<'_>, email: &str) -> store::Result<bool> {
    Ok(tx.one(&VERIFIED_ADDRESSES, (email,)).await?.0 > 0)
}

/// Takes an address that `person` has verified away from the password of another person who only claimed it, so that the owner of the
/// address can use it.
pub(crate) async fn release_password(
    tx: &mut Tx<'_>,
    email: &Email,
    person: UserId,
    now: Timestamp,
) -> store::Result<()> {
    if let Some((identity,)) = tx.optional(&UNVERIFIED_PASSWORD, (email.as_str(), person)).await? {
        tx.exactly_one(&SET_PASSWORD_ADDRESS, (identity, format!("released:{}", identity.0), now)).await?;
    }
    Ok(())
}

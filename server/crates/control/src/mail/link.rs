//! The links in mails: a token is valid once, for its purpose and address, and not for long.

use identity::MailToken;
use model::{
    id::UserId,
    time::{Span, Timestamp},
};
use store::{
    Tx,
    access::hash_text,
    mail::{CANCEL_MAILS, DELETE_TOKEN, TAKE_TOKEN, TOKEN, TokenPurpose, TokenRow},
};

use super::Kind;
use crate::{Cx, Error, Result};

/// How long a link that verifies an address works.
const VERIFICATION_LIFETIME: Span = Span::from_micros(86_400_000_000);
/// How long a link for a new password works.
const RESET_LIFETIME: Span = Span::from_micros(1_800_000_000);

/// The error for a token that was never made, was used, is void or expired, or is for something else.
pub(crate) fn invalid() -> Error {
    Error::Gone("This link has expired or was already used. Ask for a new one.")
}

/// When a token of this purpose expires that is made now.
pub(super) fn expiry(purpose: TokenPurpose, now: Timestamp) -> Timestamp {
    let lifetime = match purpose {
        TokenPurpose::Verify | TokenPurpose::Change => VERIFICATION_LIFETIME,
        TokenPurpose::Reset => RESET_LIFETIME,
    };
    now.plus_micros(lifetime.micros())
}

/// The hash of the token in a link.
///
/// # Errors
/// [`Error::Gone`] if the text is no token.
pub(crate) fn hash(token: &str) -> Result<String> {
    let token: MailToken = token.parse().map_err(|_| invalid())?;
    Ok(hash_text(&token.sha256()))
}

/// The token with this hash, if it is valid now. It is not taken.
///
/// # Errors
/// [`Error::Gone`] if it is not valid.
pub(crate) async fn find(cx: &Cx, hash: &str, purposes: &[TokenPurpose]) -> Result<TokenRow> {
    valid(cx.db.optional(&TOKEN, (hash,)).await?, purposes, cx.clock.now())
}

/// Takes the token with this hash, which is then used up.
///
/// # Errors
/// [`Error::Gone`] if it is not valid.
pub(crate) async fn take(tx: &mut Tx<'_>, hash: &str, purposes: &[TokenPurpose], now: Timestamp) -> Result<TokenRow> {
    valid(tx.optional(&TAKE_TOKEN, (hash,)).await?, purposes, now)
}

fn valid(found: Option<TokenRow>, purposes: &[TokenPurpose], now: Timestamp) -> Result<TokenRow> {
    found.filter(|row| now < row.expires && purposes.contains(&row.purpose)).ok_or_else(invalid)
}

/// Voids the links with which others may have begun to take the account over: for a new password and for another address.
///
/// # Errors
/// Only those of the database.
pub(crate) async fn void(tx: &mut Tx<'_>, person: UserId) -> store::Result<()> {
    void_change(tx, person).await?;
    tx.run(&DELETE_TOKEN, (person, TokenPurpose::Reset)).await?;
    Ok(())
}

/// Voids the link for another address. A mail that still waits to be sent gets no token any more.
///
/// # Errors
/// Only those of the database.
pub(crate) async fn void_change(tx: &mut Tx<'_>, person: UserId) -> store::Result<()> {
    tx.run(&CANCEL_MAILS, (person, Kind::CONFIRM_ADDRESS.name)).await?;
    tx.run(&DELETE_TOKEN, (person, TokenPurpose::Change)).await?;
    Ok(())
}

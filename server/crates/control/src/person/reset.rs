//! Resets a forgotten password by a link that is mailed to the address.

use identity::{Email, Password};
use model::{audit::AuditEvent, validation::sentence};
use store::{
    Change, Tx, Write,
    api_key::DELETE_API_KEYS_OF_PERSON,
    identity::{DELETE_PROVIDER_ACCOUNTS, PASSWORD_BY_EMAIL, SET_PASSWORD_HASH},
    mail::TokenPurpose,
    person::{CONTACT, PERSON},
    session::DELETE_SESSIONS_OF_PERSON,
};

use super::{
    client_ip, hash,
    password::check_new_password,
    too_many,
    verification::{Queue, set_verified},
};
use crate::{
    Cx, Error, Result,
    access::ClientInfo,
    audit::AuditRecord,
    mail::{self, Content, Mail, Notice, link},
};

/// Asks for a link to a new password for an address. The same row is written for every address, and nothing is looked up before the mail is
/// sent, so that neither the result nor its time reveals whether the address has an account.
///
/// # Errors
/// [`Error::Invalid`] for the field `email`; [`Error::TooManyRequests`] after too many requests from the client.
pub async fn request_password_reset(cx: &Cx, email: &str, client: ClientInfo) -> Result<()> {
    let email: Email =
        email.parse().map_err(|why: identity::EmailError| Error::invalid("email", sentence(&why.to_string())))?;
    cx.throttle.register(client_ip(client), cx.clock.now()).map_err(too_many)?;
    cx.db.write(Queue(Mail::to_address(cx, email.as_str(), Content::ResetPassword))).await
}

/// Sets a new password by the token of the link. All sessions of the person end; the person signs in with the new password.
///
/// # Errors
/// [`Error::Gone`] if the link is not valid; [`Error::Invalid`] for the field `new`.
pub async fn reset_password(cx: &Cx, token: &str, new: Password, client: ClientInfo) -> Result<()> {
    let token_hash = link::hash(token)?;
    let holder = link::find(cx, &token_hash, &[TokenPurpose::Reset]).await?;
    let person = cx.db.optional(&PERSON, (holder.person_id,)).await?.ok_or_else(link::invalid)?;
    // Before the token is taken: whoever types a password that is too short may try again.
    let new = check_new_password(&person, new)?;
    let new_hash = hash(cx, &new).await?;
    let notice = mail::notice(cx, holder.person_id, Notice::PasswordChanged);
    let audit = AuditRecord::by_person(cx, Some(holder.person_id), AuditEvent::PasswordReset, client);
    cx.db.write(ResetPassword { token_hash, new_hash, notice, audit }).await
}

struct ResetPassword {
    token_hash: String,
    new_hash: String,
    notice: Mail,
    audit: AuditRecord,
}

impl Write for ResetPassword {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let now = self.audit.occurred_at();
        let token = link::take(tx, &self.token_hash, &[TokenPurpose::Reset], now).await?;
        let person = token.person_id;
        // The address may have become that of another password since the link was sent.
        let password = tx.optional(&PASSWORD_BY_EMAIL, (&token.address,)).await?;
        if password.is_none_or(|password| password.person_id != person) {
            return Err(link::invalid());
        }
        tx.exactly_one(&SET_PASSWORD_HASH, (person, &self.new_hash, now)).await?;
        tx.run(&DELETE_SESSIONS_OF_PERSON, (person,)).await?;
        tx.publish(Change::SessionsEnded { person });
        // Who opened the link has shown that the address is theirs.
        let contact = tx.optional(&CONTACT, (person,)).await?;
        if contact == Some((Some(token.address.clone()), None)) {
            let email: Email = token.address.parse().map_err(|_| store::Error::Corrupt("email address"))?;
            set_verified(tx, person, &email, now).await?;
            // Until now nobody had shown that: whoever registered with the address must not keep a way into the account.
            tx.run(&DELETE_PROVIDER_ACCOUNTS, (person,)).await?;
            tx.run(&DELETE_API_KEYS_OF_PERSON, (person,)).await?;
        }
        mail::void(tx, person).await?;
        self.notice.queue(tx).await?;
        Ok(self.audit.insert(tx, None).await?)
    }
}

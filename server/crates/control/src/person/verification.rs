//! Verifies e-mail addresses by a link that is mailed to them, and changes the address of a person.

use identity::Email;
use model::{audit::AuditEvent, id::UserId, validation::sentence};
use store::{
    Tx, Write,
    identity::{PASSWORD_OF_PERSON, SET_PASSWORD_ADDRESS},
    mail::{TokenPurpose, TokenRow},
    person::{CONTACT, LOCK_PERSON, SET_VERIFIED_EMAIL},
};

use super::{
    address::{is_verified, release_password},
    client_ip, too_many,
};
use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
    mail::{self, Content, Mail, Notice, link},
    session::require_recent_proof,
};

/// Mails the caller another link that verifies their address. The link before is void. Does nothing if the address is verified.
///
/// # Errors
/// [`Error::TooManyRequests`] after too many requests from the client.
pub async fn send_verification(cx: &Cx, caller: Caller, client: ClientInfo) -> Result<()> {
    cx.throttle.register(client_ip(client), cx.clock.now()).map_err(too_many)?;
    let Some((Some(email), None)) = cx.db.optional(&CONTACT, (caller.person(),)).await? else { return Ok(()) };
    cx.db.write(Queue(Mail::to_address_of(cx, caller.person(), &email, Content::VerifyAddress))).await
}

/// Queues a mail that no other write causes.
pub(super) struct Queue(pub(super) Mail);

impl Write for Queue {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        Ok(self.0.queue(tx).await?)
    }
}

/// Begins to change the caller's address: the new one gets a link that verifies it, the old one a notice. Until then the old one is the
/// person's. Whether the new one has an account is told only to who opens its link.
///
/// # Errors
/// Those of [`require_recent_proof`]; [`Error::Invalid`] for the field `email`; [`Error::TooManyRequests`] after too many requests from
/// the client.
pub async fn change_email(cx: &Cx, caller: Caller, new: &str, client: ClientInfo) -> Result<()> {
    require_recent_proof(cx, caller).await?;
    let new = new.parse::<Email>().map_err(|why| why.to_string());
    let new = new.and_then(|new| cx.settings.sign_up.check_typed(new));
    let new = new.map_err(|why| Error::invalid("email", sentence(&why)))?;
    cx.throttle.register(client_ip(client), cx.clock.now()).map_err(too_many)?;
    let person = caller.person();
    let notice = Notice::AddressChange { new: new.to_string() };
    let write = RequestChange {
        person,
        confirm: Mail::to_address_of(cx, person, new.as_str(), Content::ConfirmAddress),
        notice: mail::notice(cx, person, notice),
        new,
        audit: AuditRecord::by_caller(cx, caller, AuditEvent::EmailChangeRequested, client),
    };
    cx.db.write(write).await
}

struct RequestChange {
    person: UserId,
    new: Email,
    confirm: Mail,
    notice: Mail,
    audit: AuditRecord,
}

impl Write for RequestChange {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.optional(&LOCK_PERSON, (self.person,)).await?;
        let contact = tx.optional(&CONTACT, (self.person,)).await?;
        if contact.is_some_and(|(email, _)| email.as_deref() == Some(self.new.as_str())) {
            return Err(Error::invalid("email", "This is your address already."));
        }
        // A change that was requested before is void.
        mail::void_change(tx, self.person).await?;
        self.confirm.queue(tx).await?;
        self.notice.queue(tx).await?;
        Ok(self.audit.insert(tx, None).await?)
    }
}

/// Verifies an address by the token of the link that was mailed to it. If it is a new address, it becomes the person's.
///
/// # Errors
/// [`Error::Gone`] if the link is not valid; [`Error::Conflict`] if another person has verified the address.
pub async fn verify_email(cx: &Cx, token: &str, client: ClientInfo) -> Result<()> {
    let hash = link::hash(token)?;
    let holder = link::find(cx, &hash, &VERIFYING).await?;
    let event = match holder.purpose {
        TokenPurpose::Change => AuditEvent::EmailChanged,
        TokenPurpose::Verify | TokenPurpose::Reset => AuditEvent::EmailVerified,
    };
    let audit = AuditRecord::by_person(cx, Some(holder.person_id), event, client);
    cx.db.write(VerifyEmail { hash, audit }).await
}

/// The purposes of links that verify an address.
const VERIFYING: [TokenPurpose; 2] = [TokenPurpose::Verify, TokenPurpose::Change];

struct VerifyEmail {
    hash: String,
    audit: AuditRecord,
}

impl Write for VerifyEmail {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let now = self.audit.occurred_at();
        let TokenRow { purpose, person_id, address, .. } = link::take(tx, &self.hash, &VERIFYING, now).await?;
        let email: Email = address.parse().map_err(|_| store::Error::Corrupt("email address"))?;
        tx.optional(&LOCK_PERSON, (person_id,)).await?;
        let contact = tx.optional(&CONTACT, (person_id,)).await?.ok_or_else(link::invalid)?;
        // The person has changed the address since the link was sent.
        if purpose == TokenPurpose::Verify && contact.0.as_deref() != Some(email.as_str()) {
            return Err(link::invalid());
        }
        set_verified(tx, person_id, &email, self.audit.occurred_at()).await?;
        if purpose == TokenPurpose::Change {
            if let Some(password) = tx.optional(&PASSWORD_OF_PERSON, (person_id,)).await? {
                tx.exactly_one(&SET_PASSWORD_ADDRESS, (password.id, email.to_string(), now)).await?;
            }
            // A link that was mailed to the old address must not change the password any more.
            mail::void(tx, person_id).await?;
        }
        Ok(self.audit.insert(tx, Some(email.as_str())).await?)
    }
}

/// Makes an address that the person has shown to be theirs their verified one, and takes it away from a password of another person who only
/// claimed it.
pub(super) async fn set_verified(
    tx: &mut Tx<'_>,
    person: UserId,
    email: &Email,
    now: model::time::Timestamp,
) -> Result<()> {
    let contact = tx.optional(&CONTACT, (person,)).await?;
    if matches!(contact, Some((Some(own), Some(_))) if own == email.as_str()) {
        return Ok(());
    }
    if is_verified(tx, email.as_str()).await? {
        return Err(Error::Conflict("This address belongs to another account.".to_owned()));
    }
    release_password(tx, email, person, now).await?;
    tx.exactly_one(&SET_VERIFIED_EMAIL, (person, email.as_str(), now)).await?;
    Ok(())
}

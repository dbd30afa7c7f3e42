//! Changes a password: the person with the current password, or the admin command line without it. A person who has none may set one.

use identity::{Email, NewPassword, Password, Verification};
use model::{
    audit::AuditEvent,
    id::{IdentityId, UserId},
    user::Person,
    validation::sentence,
};
use store::{
    Change, Tx, Write,
    identity::{
        DELETE_RELEASED_PASSWORDS, INSERT_PASSWORD, PASSWORD_OF_PERSON, PasswordRow, REPLACE_PASSWORD_HASH,
        SET_PASSWORD_HASH,
    },
    person::{HAS_VERIFIED, LOCK_PERSON, SET_FIRST_EMAIL},
    session::{DELETE_OTHER_SESSIONS, DELETE_SESSIONS_OF_PERSON, SessionKey},
};

use super::{
    address::{is_verified, release_password},
    hash, no_password, person, require_shell, verify_within_limits,
};
use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
    mail::{self, Content, Mail, Notice},
    session::require_recent_proof,
};

/// The form with which a person changes their password.
#[derive(Debug)]
pub struct ChangePassword {
    pub current: Password,
    pub new: Password,
}

/// Changes the caller's password. All other sessions of the person end, and their websockets close.
///
/// # Errors
/// [`Error::Invalid`] for the fields `current` and `new`; [`Error::TooManyRequests`] after too many failed attempts;
/// [`Error::Forbidden`] for a person without a password; [`Error::Conflict`] if the password was changed at the same time.
pub async fn change_password(cx: &Cx, caller: Caller, change: ChangePassword, client: ClientInfo) -> Result<()> {
    let new = validate_new_password(cx, caller, change.new).await?;
    let stored = cx.db.optional(&PASSWORD_OF_PERSON, (caller.person(),)).await?.ok_or_else(no_password)?;
    let email: Email = stored.subject.parse().map_err(|_| store::Error::Corrupt("email address"))?;
    let checked = verify_within_limits(cx, &email, &change.current, Some(stored), client).await?;
    let (Verification::Match | Verification::NeedsRehash, Some(PasswordRow { id, secret: Some(old_hash), .. })) =
        (checked.verification, checked.stored)
    else {
        return Err(Error::invalid("current", "This is not your current password."));
    };
    let new_hash = hash(cx, &new).await?;
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::PasswordChanged, client);
    cx.db
        .write(ReplacePassword {
            notice: mail::notice(cx, caller.person(), Notice::PasswordChanged),
            person: caller.person(),
            identity: id,
            old_hash,
            new_hash,
            keep: caller.session(),
            audit,
        })
        .await
}

/// The form with which a person without a password sets one.
#[derive(Debug)]
pub struct FirstPassword {
    /// The address to sign in with; used only if the person has none.
    pub email: String,
    pub new: Password,
}

/// Sets the password of a caller who has none. All other sessions of the person end, and their websockets close.
///
/// # Errors
/// Those of [`require_recent_proof`]; [`Error::Invalid`] for the fields `email` and `new`; [`Error::Conflict`] if the person has a
/// password, or another person one with the address.
pub async fn set_first_password(cx: &Cx, caller: Caller, form: FirstPassword, client: ClientInfo) -> Result<()> {
    require_recent_proof(cx, caller).await?;
    let known = person(cx, caller).await?.email;
    let typed = known.as_ref().map_or_else(|| form.email.parse::<Email>(), |email| email.parse());
    let email = typed.map_err(|why| Error::invalid("email", sentence(&why.to_string())))?;
    let new = validate_new_password(cx, caller, form.new).await?;
    let secret = hash(cx, &new).await?;
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::PasswordSet, client);
    let identity = cx.ids.make(audit.occurred_at());
    let keep = caller.session();
    let (person, is_new) = (caller.person(), known.is_none());
    let notice = mail::notice(cx, person, Notice::MethodAdded { method: "Password".to_owned() });
    let verification = is_new.then(|| Mail::to_address_of(cx, person, email.as_str(), Content::VerifyAddress));
    cx.db.write(SetFirstPassword { person, identity, email, is_new, secret, keep, notice, verification, audit }).await
}

/// Sets a person's password without the current one, and ends all their sessions: for the admin command line on the server's machine.
///
/// # Errors
/// [`Error::Forbidden`] for any other caller and for a person without a password; [`Error::Invalid`] for the field `new`.
pub async fn set_password(cx: &Cx, operator: Caller, new: Password) -> Result<()> {
    require_shell(operator)?;
    let new = validate_new_password(cx, operator, new).await?;
    let new_hash = hash(cx, &new).await?;
    let audit = AuditRecord::by_caller(cx, operator, AuditEvent::PasswordChanged, ClientInfo::default());
    let notice = mail::notice(cx, operator.person(), Notice::PasswordChanged);
    cx.db.write(SetPassword { person: operator.person(), new_hash, notice, audit }).await
}

async fn validate_new_password(cx: &Cx, caller: Caller, new: Password) -> Result<NewPassword> {
    check_new_password(&person(cx, caller).await?, new)
}

/// Checks a new password of a person. The field is `new`.
pub(super) fn check_new_password(person: &Person, new: Password) -> Result<NewPassword> {
    let about = [&person.name, person.handle.as_str(), person.email.as_deref().unwrap_or_default()];
    new.validate_as_new(&about).map_err(|why| Error::invalid("new", sentence(&why.to_string())))
}

struct ReplacePassword {
    person: UserId,
    identity: IdentityId,
    old_hash: String,
    new_hash: String,
    keep: Option<SessionKey>,
    notice: Mail,
    audit: AuditRecord,
}

impl Write for ReplacePassword {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        if tx
            .run(&REPLACE_PASSWORD_HASH, (self.identity, &self.old_hash, &self.new_hash, self.audit.occurred_at()))
            .await?
            == 0
        {
            return Err(Error::Conflict(
                "Your password was changed somewhere else at the same time. Try again.".to_owned(),
            ));
        }
        end_other_sessions(tx, self.person, self.keep).await?;
        mail::void(tx, self.person).await?;
        self.notice.queue(tx).await?;
        Ok(self.audit.insert(tx, None).await?)
    }
}

struct SetFirstPassword {
    person: UserId,
    identity: IdentityId,
    email: Email,
    /// Whether the person had no address before.
    is_new: bool,
    secret: String,
    keep: Option<SessionKey>,
    notice: Mail,
    /// The mail with which the person verifies a new address.
    verification: Option<Mail>,
    audit: AuditRecord,
}

impl Write for SetFirstPassword {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (email, now) = (self.email.as_str(), self.audit.occurred_at());
        tx.optional(&LOCK_PERSON, (self.person,)).await?;
        if tx.optional(&PASSWORD_OF_PERSON, (self.person,)).await?.is_some() {
            return Err(Error::Conflict("You already have a password. Change it instead.".to_owned()));
        }
        if self.is_new {
            if is_verified(tx, email).await? {
                return Err(address_taken());
            }
            tx.run(&SET_FIRST_EMAIL, (self.person, email, now)).await?;
        } else if tx.optional(&HAS_VERIFIED, (self.person, email)).await?.is_some() {
            release_password(tx, &self.email, self.person, now).await?;
        }
        tx.run(&DELETE_RELEASED_PASSWORDS, (self.person,)).await?;
        if tx.run(&INSERT_PASSWORD, (self.identity, self.person, email, self.secret.as_str(), now)).await? == 0 {
            return Err(address_taken());
        }
        end_other_sessions(tx, self.person, self.keep).await?;
        mail::void(tx, self.person).await?;
        self.notice.queue(tx).await?;
        if let Some(mail) = &self.verification {
            mail.queue(tx).await?;
        }
        Ok(self.audit.insert(tx, None).await?)
    }
}

fn address_taken() -> Error {
    Error::invalid("email", "Another account signs in with this email address.")
}

/// Ends all sessions of a person but one, and closes their websockets.
async fn end_other_sessions(tx: &mut Tx<'_>, person: UserId, keep: Option<SessionKey>) -> store::Result<()> {
    match keep {
        Some(keep) => tx.run(&DELETE_OTHER_SESSIONS, (person, keep)).await?,
        None => tx.run(&DELETE_SESSIONS_OF_PERSON, (person,)).await?,
    };
    tx.publish(Change::SessionsEnded { person });
    Ok(())
}

struct SetPassword {
    person: UserId,
    new_hash: String,
    notice: Mail,
    audit: AuditRecord,
}

impl Write for SetPassword {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        if tx.run(&SET_PASSWORD_HASH, (self.person, &self.new_hash, self.audit.occurred_at())).await? == 0 {
            return Err(no_password());
        }
        tx.run(&DELETE_SESSIONS_OF_PERSON, (self.person,)).await?;
        tx.publish(Change::SessionsEnded { person: self.person });
        mail::void(tx, self.person).await?;
        self.notice.queue(tx).await?;
        Ok(self.audit.insert(tx, None).await?)
    }
}

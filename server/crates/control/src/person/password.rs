//! Changes a password: the person with the current password, or the admin command line without it.

use identity::{Email, NewPassword, Password, Verification};
use model::{
    audit::AuditEvent,
    id::{IdentityId, UserId},
    validation::sentence,
};
use store::{
    Change, Tx, Write,
    identity::{PASSWORD_OF_PERSON, PasswordRow, REPLACE_PASSWORD_HASH, SET_PASSWORD_HASH},
    session::{DELETE_OTHER_SESSIONS, DELETE_SESSIONS_OF_PERSON, SessionKey},
};

use super::{hash, person, require_shell, verify_within_limits};
use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
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
            person: caller.person(),
            identity: id,
            old_hash,
            new_hash,
            keep: caller.session(),
            audit,
        })
        .await
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
    cx.db.write(SetPassword { person: operator.person(), new_hash, audit }).await
}

async fn validate_new_password(cx: &Cx, caller: Caller, new: Password) -> Result<NewPassword> {
    let person = person(cx, caller).await?;
    let about = [&person.name, person.handle.as_str(), person.email.as_deref().unwrap_or_default()];
    new.validate_as_new(&about).map_err(|why| Error::invalid("new", sentence(&why.to_string())))
}

fn no_password() -> Error {
    Error::Forbidden("This account doesn’t sign in with a password.".to_owned())
}

struct ReplacePassword {
    person: UserId,
    identity: IdentityId,
    old_hash: String,
    new_hash: String,
    keep: Option<SessionKey>,
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
        match self.keep {
            Some(keep) => tx.run(&DELETE_OTHER_SESSIONS, (self.person, keep)).await?,
            None => tx.run(&DELETE_SESSIONS_OF_PERSON, (self.person,)).await?,
        };
        tx.publish(Change::SessionsEnded { person: self.person });
        Ok(self.audit.insert(tx, None).await?)
    }
}

struct SetPassword {
    person: UserId,
    new_hash: String,
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
        Ok(self.audit.insert(tx, None).await?)
    }
}

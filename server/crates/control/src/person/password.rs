//! Changes a password.

use identity::{Email, NewPassword, Password, Verdict};
use model::{
    audit::AuditEvent,
    id::{IdentityId, UserId},
};
use store::{
    Change, Tx, Write,
    identity::{PASSWORD_OF_PERSON, PasswordRow, REPLACE_SECRET, SET_SECRET},
    session::{DELETE_OTHER_SESSIONS, DELETE_SESSIONS_OF_PERSON, SessionKey},
};

use super::{compare, demand_shell, hash, person};
use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
    form::sentence,
};

/// The form by which a person changes their password.
#[derive(Debug)]
pub struct ChangePassword {
    pub current: Password,
    pub new: Password,
}

/// Changes the caller's password. All other sessions of the person end, and their websockets close.
///
/// # Errors
/// [`Error::Invalid`] for the fields `current` and `new`; [`Error::TooMany`] after too many failed attempts;
/// [`Error::Forbidden`] for a person without a password.
pub async fn change_password(cx: &Cx, caller: Caller, change: ChangePassword, client: ClientInfo) -> Result<()> {
    let new = choose(cx, caller, change.new).await?;
    let stored = cx.db.optional(&PASSWORD_OF_PERSON, (caller.person(),)).await?.ok_or_else(no_password)?;
    let email: Email = stored.subject.parse().map_err(|_| store::Error::Corrupt("e-mail address"))?;
    let comparison = compare(cx, &email, &change.current, Some(stored), client).await?;
    let (Verdict::Right | Verdict::NeedsRehash, Some(PasswordRow { id, secret: Some(old), .. })) =
        (comparison.verdict, comparison.stored)
    else {
        return Err(Error::invalid("current", "This is not your current password."));
    };
    let new = hash(cx, &new).await?;
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::PasswordChanged, client);
    cx.db
        .write(ReplacePassword { person: caller.person(), identity: id, old, new, keep: caller.session(), audit })
        .await
}

/// Sets a person's password without the current one, and ends all their sessions: for a shell on the server's machine.
///
/// # Errors
/// [`Error::Forbidden`] for any other caller and for a person without a password; [`Error::Invalid`] for the field `new`.
pub async fn set_password(cx: &Cx, shell: Caller, new: Password) -> Result<()> {
    demand_shell(shell)?;
    let new = choose(cx, shell, new).await?;
    let secret = hash(cx, &new).await?;
    let audit = AuditRecord::by_caller(cx, shell, AuditEvent::PasswordChanged, ClientInfo::default());
    cx.db.write(SetPassword { person: shell.person(), secret, audit }).await
}

async fn choose(cx: &Cx, caller: Caller, new: Password) -> Result<NewPassword> {
    let person = person(cx, caller).await?;
    let about = [&person.name, person.handle.as_str(), person.email.as_deref().unwrap_or_default()];
    new.choose(&about).map_err(|why| Error::invalid("new", sentence(&why.to_string())))
}

fn no_password() -> Error {
    Error::Forbidden("This person does not sign in with a password.".to_owned())
}

struct ReplacePassword {
    person: UserId,
    identity: IdentityId,
    old: String,
    new: String,
    keep: Option<SessionKey>,
    audit: AuditRecord,
}

impl Write for ReplacePassword {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        if tx.run(&REPLACE_SECRET, (self.identity, &self.old, &self.new, self.audit.occurred())).await? == 0 {
            return Err(Error::Conflict("The password was changed at the same moment. Try again.".to_owned()));
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
    secret: String,
    audit: AuditRecord,
}

impl Write for SetPassword {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        if tx.run(&SET_SECRET, (self.person, &self.secret, self.audit.occurred())).await? == 0 {
            return Err(no_password());
        }
        tx.run(&DELETE_SESSIONS_OF_PERSON, (self.person,)).await?;
        tx.publish(Change::SessionsEnded { person: self.person });
        Ok(self.audit.insert(tx, None).await?)
    }
}

//! Registers a person, with an account of their own.

use identity::{Email, NewPassword, Password};
use model::{
    audit::AuditEvent,
    id::{AccountId, IdentityId, UserId},
    permission::Role,
    time::Timestamp,
    user::{MAX_NAME_CHARACTERS, Person},
    workspace::Account,
};
use store::{
    Tx, Write,
    account::{INSERT_ACCOUNT_MEMBER, INSERT_PERSONAL_ACCOUNT},
    identity::{INSERT_PASSWORD, PASSWORD_BY_EMAIL},
    person::INSERT_PERSON,
    session::{SessionToken, adopt},
};

use super::{client_ip, hash, too_many};
use crate::{
    Cx, Error, Result,
    access::ClientInfo,
    audit::AuditRecord,
    form::{Form, line},
    handle::{HandleRequest, Namespace},
    session::{NewSession, Session},
};

/// The form with which a person registers.
#[derive(Debug)]
pub struct Registration {
    pub name: String,
    pub email: String,
    /// None or empty: derived from the name.
    pub handle: Option<String>,
    pub password: Password,
}

/// A new person with their account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registered {
    pub person: Person,
    pub account: Account,
}

/// Registers a person and signs their browser in, if it is a browser that asks.
///
/// # Errors
/// [`Error::Invalid`] for the fields `name`, `email`, `handle` and `password`; also when the address or the handle is taken;
/// [`Error::TooManyRequests`] after too many registrations.
pub async fn register(
    cx: &Cx,
    browser: Option<&Session>,
    registration: Registration,
    client: ClientInfo,
) -> Result<Registered> {
    let Checked { name, email, handle, password } = check(registration)?;
    // Before the look-up, which reveals who is registered, and before hashing, which is expensive.
    cx.throttle.register(client_ip(client), cx.clock.now()).map_err(too_many)?;
    if cx.db.optional(&PASSWORD_BY_EMAIL, (email.as_str(),)).await?.is_some() {
        return Err(address_taken());
    }
    let secret = hash(cx, &password).await?;
    let now = cx.clock.now();
    let person: UserId = cx.ids.make(now);
    let register = Register {
        person,
        account: cx.ids.make(now),
        identity: cx.ids.make(now),
        name,
        email,
        handle,
        secret,
        now,
        session: browser.map(|browser| NewSession::of(cx, browser, person, client)),
        audit: AuditRecord::by_person(cx, Some(person), AuditEvent::Registered, client),
    };
    let (registered, token) = cx.db.write(register).await?;
    if let Some((browser, token)) = browser.zip(token) {
        adopt(browser, person, &token).await?;
    }
    Ok(registered)
}

fn address_taken() -> Error {
    Error::invalid("email", "This email already has an account. Sign in instead?")
}

struct Checked {
    name: String,
    email: Email,
    handle: HandleRequest,
    password: NewPassword,
}

fn check(typed: Registration) -> Result<Checked> {
    let mut form = Form::default();
    let name = form.read("name", line(&typed.name, MAX_NAME_CHARACTERS));
    let email = form.read("email", typed.email.parse::<Email>());
    // An invalid name is reported once: in its place a valid one is used for the handle.
    let handle = HandleRequest::read(typed.handle.as_deref(), name.as_deref().unwrap_or("unnamed"));
    let handle = form.read("handle", handle);
    let about = [&typed.name, &typed.email, typed.handle.as_deref().unwrap_or_default()];
    let password = form.read("password", typed.password.validate_as_new(&about));
    let (Some(name), Some(email), Some(handle), Some(password)) = (name, email, handle, password) else {
        return Err(form.into_error());
    };
    Ok(Checked { name, email, handle, password })
}

struct Register {
    person: UserId,
    account: AccountId,
    identity: IdentityId,
    name: String,
    email: Email,
    handle: HandleRequest,
    secret: String,
    now: Timestamp,
    session: Option<NewSession>,
    audit: AuditRecord,
}

impl Write for Register {
    type Out = (Registered, Option<SessionToken>);
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let (email, name, now) = (self.email.as_str(), self.name.as_str(), self.now);
        if tx.optional(&PASSWORD_BY_EMAIL, (email,)).await?.is_some() {
            return Err(address_taken());
        }
        let handle = Namespace::Accounts.pick(tx, &self.handle).await?;
        tx.exactly_one(&INSERT_PERSON, (self.person, name, now)).await?;
        let password = (self.identity, self.person, email, self.secret.as_str(), now);
        let account = (self.account, name, &handle, now);
        // A concurrent registration has taken the address or the handle after the queries above.
        if tx.run(&INSERT_PASSWORD, password).await? == 0 || tx.run(&INSERT_PERSONAL_ACCOUNT, account).await? == 0 {
            return Ok(tx.conflict()?);
        }
        tx.exactly_one(&INSERT_ACCOUNT_MEMBER, (self.account, self.person, Role::Owner, now)).await?;
        self.audit.insert_in(tx, Some(self.account), None, Some(handle.as_str())).await?;
        let token = match &self.session {
            Some(session) => Some(session.insert(tx).await?),
            None => None,
        };
        let registered = Registered {
            account: Account { id: self.account, name: self.name.clone(), handle: handle.clone() },
            person: Person {
                id: self.person,
                email: Some(email.to_owned()),
                handle,
                name: self.name.clone(),
                is_admin: false,
            },
        };
        Ok((registered, token))
    }
}

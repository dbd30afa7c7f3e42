//! A new person, with an account of their own.

use identity::{Email, NewPassword, Password};
use model::{
    audit::AuditEvent,
    id::{AccountId, IdentityId, UserId},
    permission::Role,
    time::Timestamp,
    user::{LONGEST_NAME, Person},
    workspace::Account,
};
use store::{
    Tx, Write,
    account::{INSERT_ACCOUNT_MEMBER, INSERT_PERSONAL_ACCOUNT},
    identity::{INSERT_PASSWORD, PASSWORD_OF_ADDRESS},
    person::INSERT_PERSON,
    session::Proof,
};

use super::{SignedIn, client, hash, too_many};
use crate::{
    Cx, Error, Result,
    access::Origin,
    audit::Act,
    form::{Form, line},
    handle::{Namespace, Wanted},
};

/// What somebody fills in to register.
#[derive(Debug)]
pub struct Registration {
    pub name: String,
    pub email: String,
    /// None or empty: made from the name.
    pub handle: Option<String>,
    pub password: Password,
}

/// Who has registered, already signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registered {
    pub signed_in: SignedIn,
    pub person: Person,
    pub account: Account,
}

/// Registers a person.
///
/// # Errors
/// [`Error::Invalid`] for the fields `name`, `email`, `handle` and `password`; also when the address or the handle is taken;
/// [`Error::TooMany`] after too many registrations.
pub async fn register(cx: &Cx, registration: Registration, origin: Origin) -> Result<Registered> {
    let Checked { name, email, handle, password } = check(registration)?;
    // Before anything is looked up that tells who is here, or is hashed, which is dear.
    cx.throttle.register(client(origin), cx.clock.now()).map_err(too_many)?;
    if cx.db.optional(&PASSWORD_OF_ADDRESS, (email.as_str(),)).await?.is_some() {
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
        act: Act::of_person(cx, Some(person), AuditEvent::Registered, origin),
    };
    cx.db.write(register).await
}

fn address_taken() -> Error {
    Error::invalid("email", "Somebody is registered with this address. Sign in instead?")
}

struct Checked {
    name: String,
    email: Email,
    handle: Wanted,
    password: NewPassword,
}

fn check(typed: Registration) -> Result<Checked> {
    let mut form = Form::default();
    let name = form.read("name", line(&typed.name, LONGEST_NAME));
    let email = form.read("email", typed.email.parse::<Email>());
    // Of a name that is wrong no handle is made, and nobody complains about it twice.
    let handle = Wanted::read(typed.handle.as_deref(), name.as_deref().unwrap_or("nobody"));
    let handle = form.read("handle", handle);
    let about = [&typed.name, &typed.email, typed.handle.as_deref().unwrap_or_default()];
    let password = form.read("password", typed.password.choose(&about));
    let (Some(name), Some(email), Some(handle), Some(password)) = (name, email, handle, password) else {
        return Err(form.refusal());
    };
    Ok(Checked { name, email, handle, password })
}

struct Register {
    person: UserId,
    account: AccountId,
    identity: IdentityId,
    name: String,
    email: Email,
    handle: Wanted,
    secret: String,
    now: Timestamp,
    act: Act,
}

impl Write for Register {
    type Out = Registered;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Registered> {
        let (email, name, now) = (self.email.as_str(), self.name.as_str(), self.now);
        if tx.optional(&PASSWORD_OF_ADDRESS, (email,)).await?.is_some() {
            return Err(address_taken());
        }
        let handle = Namespace::Accounts.pick(tx, &self.handle).await?;
        tx.exactly_one(&INSERT_PERSON, (self.person, name, now)).await?;
        let password = (self.identity, self.person, email, self.secret.as_str(), now);
        let account = (self.account, name, &handle, now);
        // Somebody else may have taken the address or the handle since this write looked.
        if tx.run(&INSERT_PASSWORD, password).await? == 0 || tx.run(&INSERT_PERSONAL_ACCOUNT, account).await? == 0 {
            return Ok(tx.again()?);
        }
        tx.exactly_one(&INSERT_ACCOUNT_MEMBER, (self.account, self.person, Role::Owner, now)).await?;
        self.act.note_in(tx, Some(self.account), None, Some(handle.as_str())).await?;
        Ok(Registered {
            signed_in: SignedIn {
                person: self.person,
                proof: Proof { identity: self.identity, secret: self.secret.clone() },
            },
            account: Account { id: self.account, name: self.name.clone(), handle: handle.clone() },
            person: Person { id: self.person, email: Some(email.to_owned()), handle, name: self.name.clone() },
        })
    }
}

//! Registers a person, with an account of their own.

use identity::{Email, NewPassword, Password, SetupToken};
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
    person::{INSERT_PERSON, SET_ADMIN},
    session::{SessionToken, adopt},
};

use super::{SignUp, address::is_verified, client_ip, hash, set_up, too_many};
use crate::{
    Cx, Error, Result,
    access::ClientInfo,
    audit::AuditRecord,
    form::{Form, line},
    handle::{HandleRequest, Namespace},
    mail::{Content, Mail},
    session::{NewSession, PASSWORD_METHOD, Session},
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

/// How a registration in a browser has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegisteredInBrowser {
    /// The browser is signed in.
    SignedIn,
    /// The address got a mail: to verify it, or that says that it has an account. The browser is not signed in, so that it does not learn
    /// which.
    CheckInbox,
}

/// Registers a person from a browser. If mail reaches people, neither the result nor a session reveals whether the address has an account.
///
/// # Errors
/// As [`register`]; that the address is taken only if mail does not reach people.
pub async fn register_in_browser(
    cx: &Cx,
    browser: &Session,
    registration: Registration,
    client: ClientInfo,
) -> Result<RegisteredInBrowser> {
    if !cx.mailer.reaches_people() {
        register(cx, Some(browser), registration, client).await?;
        return Ok(RegisteredInBrowser::SignedIn);
    }
    cx.settings.sign_up.check_form()?;
    let checked = check(registration, &cx.settings.sign_up)?;
    cx.throttle.register(client_ip(client), cx.clock.now()).map_err(too_many)?;
    let known = Known::Mail(Mail::to_address(cx, checked.email.as_str(), Content::AccountExists));
    let secret = hash(cx, &checked.password).await?;
    cx.db.write(Register::new(cx, checked, secret, None, known, client)).await?;
    Ok(RegisteredInBrowser::CheckInbox)
}

/// Registers a person and signs their browser in, if it is a browser that asks. The person gets a mail to verify the address.
///
/// # Errors
/// [`Error::Invalid`] for the fields `name`, `email`, `handle` and `password`; also when the address or the handle is taken;
/// [`Error::Forbidden`] if only administrators create accounts; [`Error::TooManyRequests`] after too many registrations.
pub async fn register(
    cx: &Cx,
    browser: Option<&Session>,
    registration: Registration,
    client: ClientInfo,
) -> Result<Registered> {
    cx.settings.sign_up.check_form()?;
    let checked = check(registration, &cx.settings.sign_up)?;
    register_checked(cx, browser, checked, None, client).await
}

/// Registers the first person by the link of [`issue_setup_token`](super::issue_setup_token), whatever the operator's rule, and makes
/// them an administrator of the server.
///
/// # Errors
/// As [`register`]; [`Error::Forbidden`] if the link is wrong, was used or replaced, or if there is a person already.
pub async fn register_first(
    cx: &Cx,
    browser: Option<&Session>,
    registration: Registration,
    token: &str,
    client: ClientInfo,
) -> Result<Registered> {
    let checked = check(registration, &SignUp::Open)?;
    let token = token.parse().map_err(|_| set_up::void_link())?;
    register_checked(cx, browser, checked, Some(token), client).await
}

/// Registers a person whatever the operator's rule: for the admin command line on the server's machine.
///
/// # Errors
/// As [`register`].
pub async fn register_from_shell(cx: &Cx, registration: Registration) -> Result<Registered> {
    let checked = check(registration, &SignUp::Open)?;
    register_checked(cx, None, checked, None, ClientInfo::default()).await
}

/// Registers a person, who becomes an administrator if there is a token.
async fn register_checked(
    cx: &Cx,
    browser: Option<&Session>,
    checked: Checked,
    token: Option<SetupToken>,
    client: ClientInfo,
) -> Result<Registered> {
    // Before the look-up, which reveals who is registered, and before hashing, which is expensive.
    cx.throttle.register(client_ip(client), cx.clock.now()).map_err(too_many)?;
    // With a setup link the write checks the link first: who has none must not learn whether the address is known.
    if token.is_none() && cx.db.optional(&PASSWORD_BY_EMAIL, (checked.email.as_str(),)).await?.is_some() {
        return Err(address_taken());
    }
    let secret = hash(cx, &checked.password).await?;
    let register = Register::new(cx, checked, secret, browser, Known::Report, client);
    let register = Register { first: token.map(|token| (token, register.granted(cx, client))), ..register };
    let (registered, token) = cx.db.write(register).await?.ok_or_else(address_taken)?;
    if let Some((browser, token)) = browser.zip(token) {
        adopt(browser, registered.person.id, &token).await?;
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

fn check(typed: Registration, rule: &SignUp) -> Result<Checked> {
    let mut form = Form::default();
    let name = form.read("name", line(&typed.name, MAX_NAME_CHARACTERS));
    let email = typed.email.parse::<Email>().map_err(|why| why.to_string());
    let email = form.read("email", email.and_then(|email| rule.check_typed(email)));
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
    /// The link of the first person, and the record that they are an administrator.
    first: Option<(SetupToken, AuditRecord)>,
    /// The mail with which the person verifies the address.
    verification: Mail,
    known: Known,
}

/// What happens if the address has an account.
enum Known {
    /// The form says so.
    Report,
    /// The address gets this mail, and the result is the same as for a new one.
    Mail(Mail),
}

impl Register {
    fn new(
        cx: &Cx,
        checked: Checked,
        secret: String,
        browser: Option<&Session>,
        known: Known,
        client: ClientInfo,
    ) -> Self {
        let Checked { name, email, handle, password: _ } = checked;
        let now = cx.clock.now();
        let person: UserId = cx.ids.make(now);
        Self {
            person,
            account: cx.ids.make(now),
            identity: cx.ids.make(now),
            verification: Mail::to_address_of(cx, person, email.as_str(), Content::VerifyAddress),
            name,
            email,
            handle,
            secret,
            now,
            session: browser.map(|browser| NewSession::of(cx, browser, person, PASSWORD_METHOD, client)),
            audit: AuditRecord::by_person(cx, Some(person), AuditEvent::Registered, client),
            known,
            first: None,
        }
    }

    /// The record that the person was made an administrator.
    fn granted(&self, cx: &Cx, client: ClientInfo) -> AuditRecord {
        AuditRecord::by_person(cx, Some(self.person), AuditEvent::AdministratorGranted, client)
    }
}

impl Write for Register {
    /// `None` if the address has an account, and got a mail.
    type Out = Option<(Registered, Option<SessionToken>)>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let (email, name, now) = (self.email.as_str(), self.name.as_str(), self.now);
        if let Some((token, _)) = &self.first {
            set_up::use_link(tx, token).await?;
        }
        let is_known = tx.optional(&PASSWORD_BY_EMAIL, (email,)).await?.is_some() || is_verified(tx, email).await?;
        if is_known && matches!(self.known, Known::Report) {
            return Err(address_taken());
        }
        // A handle that is taken is reported for a known address too.
        let handle = Namespace::Accounts.pick(tx, &self.handle, now).await?;
        if let (true, Known::Mail(mail)) = (is_known, &self.known) {
            mail.queue(tx).await?;
            return Ok(None);
        }
        tx.exactly_one(&INSERT_PERSON, (self.person, name, Some(email), None::<Timestamp>, now)).await?;
        let password = (self.identity, self.person, email, self.secret.as_str(), now);
        let account = (self.account, name, &handle, now);
        // A concurrent registration has taken the address or the handle after the queries above.
        if tx.run(&INSERT_PASSWORD, password).await? == 0 || tx.run(&INSERT_PERSONAL_ACCOUNT, account).await? == 0 {
            return Ok(tx.conflict()?);
        }
        tx.exactly_one(&INSERT_ACCOUNT_MEMBER, (self.account, self.person, Role::Owner, now)).await?;
        self.audit.insert_in(tx, Some(self.account), None, Some(handle.as_str())).await?;
        self.verification.queue(tx).await?;
        if let Some((_, audit)) = &self.first {
            tx.exactly_one(&SET_ADMIN, (self.person, true, now)).await?;
            audit.insert(tx, None).await?;
        }
        let token = match &self.session {
            Some(session) => Some(session.insert(tx).await?),
            None => None,
        };
        let registered = Registered {
            account: Account { id: self.account, name: self.name.clone(), handle: handle.clone() },
            person: Person {
                id: self.person,
                email: Some(email.to_owned()),
                email_verified: false,
                handle,
                name: self.name.clone(),
                is_admin: self.first.is_some(),
            },
        };
        Ok(Some((registered, token)))
    }
}

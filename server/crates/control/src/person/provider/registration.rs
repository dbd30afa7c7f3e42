//! Registers a person with an account at a provider: the provider confirms the account, then its holder chooses a name and a handle.

use identity::{
    Email, ProviderAccount,
    provider::{BrowserSecret, Confirmed},
};
use model::{
    audit::AuditEvent,
    handle::handle_from_name,
    id::{AccountId, IdentityId, UserId},
    permission::Role,
    time::{Span, Timestamp},
    user::{MAX_NAME_CHARACTERS, Person},
    workspace::Account,
};
use store::{
    Read, Tx, Write,
    account::{INSERT_ACCOUNT_MEMBER, INSERT_PERSONAL_ACCOUNT},
    identity::INSERT_PROVIDER_ACCOUNT,
    person::INSERT_PERSON,
    provider::{AttemptRow, DELETE_SURPLUS_PENDING, INSERT_PENDING, PENDING, PendingRow, TAKE_PENDING},
    session::{SessionToken, adopt},
};

use super::{Problem, Refusal, account::already_connected, attempt::MAX_SURPLUS};
use crate::{
    Cx, Error, Result,
    access::ClientInfo,
    audit::AuditRecord,
    form::{Form, line},
    handle::{HandleRequest, Namespace},
    mail::{Content, Mail},
    person::{
        Registered, SignUp,
        address::{is_verified, release_password},
        client_ip, too_many,
    },
    session::{NewSession, Session},
};

/// How long a person may take to choose a handle.
pub(super) const PENDING_LIFETIME: Span = Span::from_micros(1_800_000_000);
/// The most accounts whose holders are choosing a handle. A further one replaces the oldest.
const MAX_PENDING: i64 = 10_000;
/// The longest label that is stored.
const MAX_LABEL_CHARACTERS: usize = 254;

/// Keeps an account that belongs to no person until its holder has chosen a handle, in the browser that gets the returned secret.
///
/// The secret is a new one: another person may know that of the attempt, if they could set the browser's cookie before.
pub(super) async fn offer_registration(
    cx: &Cx,
    attempt: &AttemptRow,
    confirmed: Confirmed,
) -> Result<BrowserSecret, Refusal> {
    check_sign_up(cx, confirmed.email.as_ref(), confirmed.email_verified)?;
    let mut random = [0; 32];
    cx.ids.fill(&mut random);
    let token = BrowserSecret::new(random);
    let bounded = |text: String| text.chars().take(MAX_LABEL_CHARACTERS).collect::<String>();
    let row = PendingRow {
        token_hash: token.hash(),
        provider: attempt.provider.clone(),
        issuer: confirmed.account.provider().to_owned(),
        subject: confirmed.account.subject().to_owned(),
        label: confirmed.label.map(bounded),
        name: confirmed.name.and_then(|name| line(&name, MAX_NAME_CHARACTERS).ok()),
        email_verified: confirmed.email.is_some() && confirmed.email_verified,
        email: confirmed.email.map(|email| email.to_string()),
        destination: attempt.destination.clone(),
        created: cx.clock.now(),
    };
    if cx.db.write(OfferRegistration(row)).await? { Ok(token) } else { Err(Problem::AddressTaken.into()) }
}

/// Whether the operator lets the holder of an account register.
fn check_sign_up(cx: &Cx, email: Option<&Email>, verified: bool) -> Result<(), Problem> {
    let rule = &cx.settings.sign_up;
    match rule.check(email, verified) {
        Ok(()) => Ok(()),
        Err(_) if *rule == SignUp::Closed => Err(Problem::Closed),
        Err(_) if rule.check(email, true).is_ok() => Err(Problem::Unverified),
        Err(_) => Err(Problem::Domain),
    }
}

struct OfferRegistration(PendingRow);

impl Write for OfferRegistration {
    /// Whether the address, if it is verified, is free.
    type Out = bool;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if is_taken(tx, &self.0).await? {
            return Ok(false);
        }
        tx.run(&DELETE_SURPLUS_PENDING, (MAX_PENDING - 1, MAX_SURPLUS)).await?;
        tx.exactly_one(&INSERT_PENDING, &self.0).await?;
        Ok(true)
    }
}

/// Whether the provider has verified an address that is verified for a person already. An unverified address blocks nobody.
async fn is_taken(tx: &mut Tx<'_>, row: &PendingRow) -> store::Result<bool> {
    match row.email.as_deref().filter(|_| row.email_verified) {
        Some(email) => is_verified(tx, email).await,
        None => Ok(false),
    }
}

/// An account whose holder is choosing a handle, as its page shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PendingAccount {
    /// The provider's name in the settings.
    pub provider: String,
    /// The account's address or login at the provider.
    pub label: Option<String>,
    /// Suggestions for the form; empty if the provider has told no name.
    pub name: String,
    pub handle: String,
    /// The path to go to afterwards.
    pub to: Option<String>,
}

/// The account that waits for a handle in the browser with this secret; `None` if there is none (any more).
///
/// # Errors
/// Only those of the database.
pub async fn pending_account(cx: &Cx, token: &BrowserSecret) -> Result<Option<PendingAccount>> {
    cx.db.read(ReadPending { token_hash: token.hash(), now: cx.clock.now() }).await
}

struct ReadPending {
    token_hash: String,
    now: Timestamp,
}

impl Read for ReadPending {
    type Out = Option<PendingAccount>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<PendingAccount>> {
        let row = tx.optional(&PENDING, (self.token_hash.as_str(),)).await?;
        let Some(row) = row.filter(|row| is_open(row, self.now)) else { return Ok(None) };
        let name = row.name.clone().unwrap_or_default();
        let login = row.label.as_deref().unwrap_or_default().split('@').next().unwrap_or_default();
        let handle = match handle_from_name(&name).or_else(|| handle_from_name(login)) {
            Some(handle) => match Namespace::Accounts.pick(tx, &HandleRequest::derived(handle), self.now).await {
                Ok(free) => String::from(free),
                // All numbered handles are taken too.
                Err(Error::Invalid(_)) => String::new(),
                Err(error) => return Err(error),
            },
            None => String::new(),
        };
        Ok(Some(PendingAccount { provider: row.provider, label: row.label, name, handle, to: row.destination }))
    }
}

fn is_open(row: &PendingRow, now: Timestamp) -> bool {
    now.since(row.created) <= PENDING_LIFETIME
}

/// The form with which the holder of an account registers.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub name: String,
    /// Empty: derived from the name.
    pub handle: String,
}

/// Registers the holder of the account that waits in the browser with this secret, and signs the browser in. Returns the path to go to.
///
/// # Errors
/// [`Error::Invalid`] for the fields `name` and `handle`, also when the handle is taken; [`Error::Conflict`] if the sign-in has expired, or
/// if account or address belong to another person by now; [`Error::Forbidden`] if the operator lets nobody register;
/// [`Error::TooManyRequests`] after too many registrations.
pub async fn register_account(
    cx: &Cx,
    browser: &Session,
    token: Option<&BrowserSecret>,
    form: NewAccount,
    client: ClientInfo,
) -> Result<(Registered, Option<String>)> {
    let (name, handle) = check(&form)?;
    cx.throttle.register(client_ip(client), cx.clock.now()).map_err(too_many)?;
    let token_hash = token.ok_or_else(expired)?.hash();
    let pending = cx.db.optional(&PENDING, (token_hash.as_str(),)).await?.ok_or_else(expired)?;
    let email: Option<Email> = pending.email.as_deref().and_then(|email| email.parse().ok());
    cx.settings.sign_up.check(email.as_ref(), pending.email_verified)?;
    let now = cx.clock.now();
    let person: UserId = cx.ids.make(now);
    let register = RegisterAccount {
        token_hash,
        person,
        account: cx.ids.make(now),
        identity: cx.ids.make(now),
        name,
        handle,
        now,
        verification: email
            .filter(|_| !pending.email_verified)
            .map(|email| Mail::to_address_of(cx, person, email.as_str(), Content::VerifyAddress)),
        session: NewSession::of(cx, browser, person, &pending.provider, client),
        audit: AuditRecord::by_person(cx, Some(person), AuditEvent::Registered, client),
    };
    let (registered, to, token) = cx.db.write(register).await?;
    adopt(browser, person, &token).await?;
    Ok((registered, to))
}

fn check(form: &NewAccount) -> Result<(String, HandleRequest)> {
    let mut errors = Form::default();
    let name = errors.read("name", line(&form.name, MAX_NAME_CHARACTERS));
    // An invalid name is reported once: in its place a valid one is used for the handle.
    let handle = HandleRequest::read(Some(&form.handle), name.as_deref().unwrap_or("unnamed"));
    match (name, errors.read("handle", handle)) {
        (Some(name), Some(handle)) => Ok((name, handle)),
        _ => Err(errors.into_error()),
    }
}

fn expired() -> Error {
    Error::Conflict("This sign-in has expired. Start again from the sign-in page.".to_owned())
}

struct RegisterAccount {
    token_hash: String,
    person: UserId,
    account: AccountId,
    identity: IdentityId,
    name: String,
    handle: HandleRequest,
    now: Timestamp,
    /// The mail with which the person verifies an address that the provider has not verified.
    verification: Option<Mail>,
    session: NewSession,
    audit: AuditRecord,
}

impl Write for RegisterAccount {
    type Out = (Registered, Option<String>, SessionToken);
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let pending = tx.optional(&TAKE_PENDING, (self.token_hash.as_str(),)).await?;
        let pending = pending.filter(|row| is_open(row, self.now)).ok_or_else(expired)?;
        if is_taken(tx, &pending).await? {
            return Err(Error::Conflict(Problem::AddressTaken.sentence(None)));
        }
        let handle = Namespace::Accounts.pick(tx, &self.handle, self.now).await?;
        let verified = pending.email_verified.then_some(self.now);
        let person = (self.person, self.name.as_str(), pending.email.as_deref(), verified, self.now);
        let account = (self.account, self.name.as_str(), &handle, self.now);
        // Another person has verified the address, or taken the handle, after the queries above.
        if tx.run(&INSERT_PERSON, person).await? == 0 || tx.run(&INSERT_PERSONAL_ACCOUNT, account).await? == 0 {
            return Ok(tx.conflict()?);
        }
        tx.exactly_one(&INSERT_ACCOUNT_MEMBER, (self.account, self.person, Role::Owner, self.now)).await?;
        self.insert_identity(tx, &pending).await?;
        self.audit.insert_in(tx, Some(self.account), None, Some(handle.as_str())).await?;
        if let Some(mail) = &self.verification {
            mail.queue(tx).await?;
        }
        let token = self.session.insert(tx).await?;
        let registered = Registered {
            account: Account { id: self.account, name: self.name.clone(), handle: handle.clone() },
            person: Person {
                id: self.person,
                email: pending.email,
                email_verified: pending.email_verified,
                handle,
                name: self.name.clone(),
                is_admin: false,
            },
        };
        Ok((registered, pending.destination, token))
    }
}

impl RegisterAccount {
    async fn insert_identity(&self, tx: &mut Tx<'_>, pending: &PendingRow) -> Result<()> {
        if let Some(Ok(email)) = pending.email.as_deref().filter(|_| pending.email_verified).map(str::parse::<Email>) {
            release_password(tx, &email, self.person, self.now).await?;
        }
        let account = ProviderAccount::new(&pending.issuer, &pending.subject)
            .map_err(|_| store::Error::Corrupt("account at a provider"))?;
        let (issuer, subject, label) = (account.provider(), account.subject(), pending.label.as_deref());
        let identity = (self.identity, self.person, issuer, subject, label, self.now, Some(self.now));
        if tx.run(&INSERT_PROVIDER_ACCOUNT, identity).await? == 0 { Err(already_connected()) } else { Ok(()) }
    }
}

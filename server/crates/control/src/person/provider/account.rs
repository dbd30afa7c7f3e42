//! Accounts at identity providers as ways to sign in.

use identity::provider::Confirmed;
use model::{
    audit::AuditEvent,
    id::{IdentityId, UserId},
    time::Timestamp,
};
use store::{
    Change, Tx, Write,
    identity::{DELETE_PROVIDER_ACCOUNT, IDENTITIES_OF_PERSON, INSERT_PROVIDER_ACCOUNT, IdentityRow, PROVIDER_ACCOUNT},
    person::LOCK_PERSON,
    session::{DELETE_OTHER_SESSIONS_BY_METHOD, SessionKey},
};

use super::methods::MAX_METHODS;
use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
    mail::{self, Mail, Notice},
    session::{Method, PASSWORD_METHOD, Verified, require_recent_proof},
};

/// Verifies a person by an account that the provider with the name `provider` has confirmed; `None` if it is not connected to a person.
///
/// # Errors
/// Only those of the database.
pub async fn verify_provider(cx: &Cx, provider: &str, confirmed: &Confirmed) -> Result<Option<Verified>> {
    let account = &confirmed.account;
    let found = cx.db.optional(&PROVIDER_ACCOUNT, (account.provider(), account.subject())).await?;
    let method = || Method::Provider { name: provider.to_owned(), label: confirmed.label.clone() };
    Ok(found.map(|(identity, person)| Verified { person, identity, method: method() }))
}

/// Connects an account that its provider has confirmed to the caller, who can then sign in with it. Does nothing if it is connected to the
/// caller already.
///
/// # Errors
/// Those of [`require_recent_proof`]; [`Error::Conflict`] if the account is connected to another person, or if the person has too many.
pub async fn connect_provider(cx: &Cx, caller: Caller, confirmed: Confirmed, client: ClientInfo) -> Result<()> {
    require_recent_proof(cx, caller).await?;
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::ProviderConnected, client);
    let identity = cx.ids.make(audit.occurred_at());
    let method = label(cx, confirmed.account.provider());
    let notice = mail::notice(cx, caller.person(), Notice::MethodAdded { method });
    cx.db.write(ConnectProvider { person: caller.person(), identity, confirmed, notice, audit }).await
}

/// What people call the provider with this issuer.
fn label(cx: &Cx, issuer: &str) -> String {
    let provider = cx.providers.all().iter().find(|provider| provider.issuer() == issuer);
    provider.map_or(issuer, |provider| provider.label()).to_owned()
}

struct ConnectProvider {
    person: UserId,
    identity: IdentityId,
    confirmed: Confirmed,
    notice: Mail,
    audit: AuditRecord,
}

impl Write for ConnectProvider {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (issuer, subject) = (self.confirmed.account.provider(), self.confirmed.account.subject());
        tx.optional(&LOCK_PERSON, (self.person,)).await?;
        match tx.optional(&PROVIDER_ACCOUNT, (issuer, subject)).await? {
            Some((_, person)) if person == self.person => return Ok(()),
            Some(_) => return Err(already_connected()),
            None => {}
        }
        if i64::try_from(tx.all(&IDENTITIES_OF_PERSON, (self.person, MAX_METHODS)).await?.len()) == Ok(MAX_METHODS) {
            return Err(Error::Conflict("You have too many sign-in methods. Disconnect one first.".to_owned()));
        }
        let label = self.confirmed.label.as_deref();
        let row = (self.identity, self.person, issuer, subject, label, self.audit.occurred_at(), None::<Timestamp>);
        if tx.run(&INSERT_PROVIDER_ACCOUNT, row).await? == 0 {
            // Another person has connected the account at the same time.
            return Err(already_connected());
        }
        self.notice.queue(tx).await?;
        Ok(self.audit.insert(tx, Some(issuer)).await?)
    }
}

pub(super) fn already_connected() -> Error {
    Error::Conflict("This account is already connected to another user.".to_owned())
}

/// Disconnects an account at a provider from the caller, and ends the caller's other sessions that were opened by this provider.
///
/// # Errors
/// Those of [`require_recent_proof`]; [`Error::NotFound`]; [`Error::Conflict`] if no other way to sign in would be left.
pub async fn disconnect_provider(cx: &Cx, caller: Caller, id: IdentityId, client: ClientInfo) -> Result<()> {
    require_recent_proof(cx, caller).await?;
    let keep = caller.session().ok_or(Error::Unauthenticated)?;
    let providers = cx.providers.all().iter();
    let providers = providers
        .map(|provider| {
            let method = Notice::MethodRemoved { method: provider.label().to_owned() };
            RemovableProvider {
                issuer: provider.issuer().to_owned(),
                name: provider.name().to_string(),
                notice: mail::notice(cx, caller.person(), method),
            }
        })
        .collect();
    let unconfigured =
        Notice::MethodRemoved { method: "An account at a provider that is no longer configured".to_owned() };
    let unconfigured = mail::notice(cx, caller.person(), unconfigured);
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::ProviderDisconnected, client);
    let person = caller.person();
    cx.db.write(DisconnectProvider { person, identity: id, keep, providers, unconfigured, audit }).await
}

struct DisconnectProvider {
    person: UserId,
    identity: IdentityId,
    keep: SessionKey,
    providers: Vec<RemovableProvider>,
    /// The notice for an account at another provider.
    unconfigured: Mail,
    audit: AuditRecord,
}

/// A configured provider, and the notice that an account there was disconnected.
struct RemovableProvider {
    issuer: String,
    name: String,
    notice: Mail,
}

impl DisconnectProvider {
    /// Whether the person can sign in this way. Accounts at providers that are no longer configured don't count.
    fn is_usable(&self, row: &IdentityRow) -> bool {
        row.provider == PASSWORD_METHOD || self.providers.iter().any(|provider| provider.issuer == row.provider)
    }
}

impl Write for DisconnectProvider {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        // Two accounts that are disconnected at the same time must not be the last two.
        tx.optional(&LOCK_PERSON, (self.person,)).await?;
        let rows = tx.all(&IDENTITIES_OF_PERSON, (self.person, MAX_METHODS)).await?;
        let row = rows.iter().find(|row| row.id == self.identity && row.provider != PASSWORD_METHOD);
        let row = row.ok_or(Error::not_found("Sign-in method", self.identity))?;
        let others = rows.iter().filter(|other| other.id != row.id && self.is_usable(other)).count();
        if others == 0 {
            return Err(Error::Conflict(ONLY_METHOD.to_owned()));
        }
        tx.exactly_one(&DELETE_PROVIDER_ACCOUNT, (self.identity, self.person)).await?;
        if let Some(RemovableProvider { name, notice, .. }) =
            self.providers.iter().find(|provider| provider.issuer == row.provider)
        {
            tx.run(&DELETE_OTHER_SESSIONS_BY_METHOD, (self.person, self.keep, name)).await?;
            tx.publish(Change::SessionsEnded { person: self.person });
            notice.queue(tx).await?;
        } else {
            self.unconfigured.queue(tx).await?;
        }
        Ok(self.audit.insert(tx, Some(&row.provider)).await?)
    }
}

/// Why the last way to sign in can't be removed.
pub const ONLY_METHOD: &str = "Your only sign-in method. Add another before you disconnect it.";

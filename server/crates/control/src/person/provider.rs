//! Accounts at identity providers as ways to sign in.

use identity::ProviderAccount;
use model::{
    audit::AuditEvent,
    id::{IdentityId, UserId},
};
use store::{
    Tx, Write,
    identity::{INSERT_PROVIDER_ACCOUNT, PROVIDER_ACCOUNT},
};

use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
    session::{Method, Verified},
};

/// Verifies a person by an account that its provider has confirmed; `None` if it is not connected to a person.
///
/// # Errors
/// Only those of the database.
pub async fn verify_provider(cx: &Cx, account: &ProviderAccount) -> Result<Option<Verified>> {
    let found = cx.db.optional(&PROVIDER_ACCOUNT, (account.provider(), account.subject())).await?;
    Ok(found.map(|(identity, person)| Verified { person, identity, method: Method::Provider }))
}

/// Connects an account that its provider has confirmed to the caller, who can then sign in with it.
///
/// # Errors
/// [`Error::Forbidden`] outside of a browser session; [`Error::Conflict`] if the account is connected to a person already.
pub async fn connect_provider(cx: &Cx, caller: Caller, account: ProviderAccount, client: ClientInfo) -> Result<()> {
    if caller.session().is_none() {
        // Otherwise a stolen API key would be enough to sign in for ever.
        return Err(Error::Forbidden("Sign in with a browser to connect an account.".to_owned()));
    }
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::ProviderConnected, client);
    let identity = cx.ids.make(audit.occurred_at());
    cx.db.write(ConnectProvider { person: caller.person(), identity, account, audit }).await
}

struct ConnectProvider {
    person: UserId,
    identity: IdentityId,
    account: ProviderAccount,
    audit: AuditRecord,
}

impl Write for ConnectProvider {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (provider, subject) = (self.account.provider(), self.account.subject());
        let row = (self.identity, self.person, provider, subject, self.audit.occurred_at());
        if tx.run(&INSERT_PROVIDER_ACCOUNT, row).await? == 0 {
            return Err(Error::Conflict("This account is already connected to a user.".to_owned()));
        }
        Ok(self.audit.insert(tx, Some(provider)).await?)
    }
}

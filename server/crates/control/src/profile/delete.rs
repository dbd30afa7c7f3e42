//! Deletes a person and everything that belongs to them. The audit log keeps that it happened.

use model::{
    audit::AuditEvent,
    id::{AccountId, UserId},
    workspace::is_handle_typed,
};
use store::{
    Change, Tx, Write,
    account::{DELETE_EMPTY_ACCOUNT, LOCK_ACCOUNT, MARK_ACCOUNT_DELETED},
    person::LOCK_PERSON,
    profile::{DELETE_PERSON, MARK_WORKSPACES_DELETED, PROFILE, WORKSPACES_OF_ACCOUNT, WORKSPACES_WITH_OTHER_MEMBERS},
};

use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
    session::{Session, require_recent_proof},
    workspace::MAX_WORKSPACES,
};

/// How many workspaces an error names.
const NAMED_WORKSPACES: i64 = 3;

/// Deletes the caller, if `typed` is the handle of their account: their workspaces, API keys, sessions and sign-in methods. Workspaces are
/// hidden at once; their rows are deleted later (see `workspace::reap`), and with the last of them the account's, which frees the handle.
///
/// # Errors
/// [`Error::Invalid`] for the field `confirmation`; [`Error::ProofRequired`] if the person has not shown recently who they are;
/// [`Error::Conflict`] while a workspace has other members and would be left without an owner; [`Error::Forbidden`] in local mode.
pub async fn delete_account(cx: &Cx, caller: Caller, browser: &Session, typed: &str, client: ClientInfo) -> Result<()> {
    if cx.settings.local {
        return Err(Error::Forbidden("In local mode, the account can’t be deleted.".to_owned()));
    }
    require_recent_proof(cx, caller).await?;
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::AccountDeleted, client);
    cx.db.write(DeleteAccount { person: caller.person(), typed: typed.to_owned(), audit }).await?;
    // The session's row is gone; this removes the cookie.
    Ok(browser.flush().await.map_err(store::Error::from)?)
}

struct DeleteAccount {
    person: UserId,
    typed: String,
    audit: AuditRecord,
}

impl Write for DeleteAccount {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.optional(&LOCK_PERSON, (self.person,)).await?.ok_or(Error::Unauthenticated)?;
        let profile = tx.optional(&PROFILE, (self.person,)).await?.ok_or(Error::Unauthenticated)?;
        if !is_handle_typed(&self.typed, &profile.handle) {
            return Err(Error::invalid("confirmation", format!("Type {} to delete your account.", profile.handle)));
        }
        // Nobody can create a workspace in it from now on.
        tx.one(&LOCK_ACCOUNT, (profile.account,)).await?;
        let shared = tx.all(&WORKSPACES_WITH_OTHER_MEMBERS, (self.person, profile.account, NAMED_WORKSPACES)).await?;
        if !shared.is_empty() {
            let names: Vec<_> = shared.into_iter().map(|(name,)| name).collect();
            return Err(Error::Conflict(format!(
                "Other people are members of workspaces that only you own: {}. Delete these workspaces first.",
                names.join(", ")
            )));
        }
        self.delete_workspaces(tx, profile.account).await?;
        self.audit.insert_in(tx, Some(profile.account), None, Some(profile.handle.as_str())).await?;
        tx.exactly_one(&DELETE_PERSON, (self.person,)).await?;
        if tx.run(&DELETE_EMPTY_ACCOUNT, (profile.account,)).await? == 0 {
            tx.run(&MARK_ACCOUNT_DELETED, (profile.account, self.audit.occurred_at())).await?;
        }
        tx.publish(Change::SessionsEnded { person: self.person });
        Ok(())
    }
}

impl DeleteAccount {
    async fn delete_workspaces(&self, tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
        let workspaces = tx.all(&WORKSPACES_OF_ACCOUNT, (account, MAX_WORKSPACES)).await?;
        tx.run(&MARK_WORKSPACES_DELETED, (account, self.audit.occurred_at())).await?;
        for (workspace,) in workspaces {
            tx.publish(Change::WorkspaceDeleted { workspace });
        }
        Ok(())
    }
}

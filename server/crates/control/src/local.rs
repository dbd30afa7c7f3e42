//! Local mode: one built-in person, who has no way to sign in, with one account and a default workspace that the bare API serves.

use model::{
    handle::Handle,
    id::{AccountId, UserId, WorkspaceId},
    permission::Role,
    time::Timestamp,
    workspace::LOCAL_WORKSPACE,
};
use store::{
    Tx, Write,
    account::{self, ACCOUNT_OF_HANDLE, INSERT_ACCOUNT_MEMBER, INSERT_PERSONAL_ACCOUNT},
    person::ENSURE_PERSON,
    workspace::{INSERT_WORKSPACE, INSERT_WORKSPACE_MEMBER, WORKSPACE_OF_HANDLE, WorkspaceRow},
};
use uuid::Uuid;

use crate::{
    Cx, Error, Result,
    access::Address,
    handle::{Namespace, Wanted},
};

/// The local person. The same id in each database, so that making them twice makes them once.
pub const PERSON: UserId = UserId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001));
/// The local person's account.
pub const ACCOUNT: AccountId = AccountId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002));

const NAME: &str = "Local";
const HANDLE: &str = "local";

/// The handle of the default workspace.
pub(crate) fn workspace_handle() -> Handle {
    handle(LOCAL_WORKSPACE)
}

fn handle(word: &str) -> Handle {
    word.parse().expect("the built-in words keep the rules of handles")
}

/// Makes what is missing of the local person, the account and the default workspace; where that is. For the start of local mode.
///
/// # Errors
/// Only those of the database.
pub async fn ensure(cx: &Cx) -> Result<Address> {
    let now = cx.clock.now();
    let workspace = cx.db.write(EnsureLocal { workspace: cx.ids.make(now), now }).await?;
    Ok(Address { account: ACCOUNT, workspace })
}

struct EnsureLocal {
    workspace: WorkspaceId,
    now: Timestamp,
}

impl Write for EnsureLocal {
    type Out = WorkspaceId;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<WorkspaceId> {
        tx.run(&ENSURE_PERSON, (PERSON, NAME, self.now)).await?;
        if tx.optional(&account::ACCOUNT, (ACCOUNT,)).await?.is_none() {
            self.make_account(tx).await?;
        }
        tx.run(&INSERT_ACCOUNT_MEMBER, (ACCOUNT, PERSON, Role::Owner, self.now)).await?;
        match tx.optional(&WORKSPACE_OF_HANDLE, (ACCOUNT, workspace_handle())).await? {
            Some((workspace,)) => Ok(workspace),
            None => self.make_workspace(tx).await,
        }
    }
}

impl EnsureLocal {
    /// The handle is reserved, but a database may be older than that.
    async fn make_account(&self, tx: &mut Tx<'_>) -> Result<()> {
        let wanted = handle(HANDLE);
        let free = tx.optional(&ACCOUNT_OF_HANDLE, (&wanted,)).await?.is_none();
        let handle = if free { wanted } else { Namespace::Accounts.pick(tx, &Wanted::made(wanted)).await? };
        if tx.run(&INSERT_PERSONAL_ACCOUNT, (ACCOUNT, NAME, handle, self.now)).await? == 0 {
            tx.again()?;
        }
        Ok(())
    }

    async fn make_workspace(&self, tx: &mut Tx<'_>) -> Result<WorkspaceId> {
        let row = WorkspaceRow {
            id: self.workspace,
            account_id: ACCOUNT,
            handle: workspace_handle(),
            name: LOCAL_WORKSPACE.to_owned(),
            description: String::new(),
            created: self.now,
            updated: self.now,
        };
        if tx.run(&INSERT_WORKSPACE, &row).await? == 0 {
            return Ok(tx.again()?);
        }
        tx.exactly_one(&INSERT_WORKSPACE_MEMBER, (row.id, PERSON, Role::Owner, self.now)).await?;
        Ok(row.id)
    }
}

//! Local mode: one built-in person, who can't sign in, with one account and a default workspace, which the API serves without a workspace
//! in the path.

use model::{
    block::BlockType,
    handle::Handle,
    id::{AccountId, UserId, WorkspaceId},
    permission::Role,
    time::Timestamp,
    workspace::{LOCAL_WORKSPACE, Workspace, WorkspaceRef},
};
use store::{
    Tx, Write,
    account::{self, ACCOUNT_BY_HANDLE, INSERT_ACCOUNT_MEMBER, INSERT_PERSONAL_ACCOUNT},
    person::ENSURE_PERSON,
    workspace::{INSERT_WORKSPACE, INSERT_WORKSPACE_MEMBER, WORKSPACE_BY_HANDLE},
};
use uuid::Uuid;

use crate::{
    Cx, Error, Result,
    block::built_in,
    handle::{HandleRequest, Namespace},
};

/// The local person. The id is the same in every database, so that creating the person twice creates one row.
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
    word.parse().expect("the built-in words are valid handles")
}

/// Creates what is missing of the local person, the account and the default workspace, and returns the workspace. Called when the server
/// starts in local mode.
///
/// # Errors
/// Only those of the database.
pub async fn ensure(cx: &Cx) -> Result<WorkspaceRef> {
    let now = cx.clock.now();
    let ensure = EnsureLocal { workspace: cx.ids.make(now), block_types: built_in::rows(cx, now), now };
    let workspace = cx.db.write(ensure).await?;
    Ok(WorkspaceRef { account: ACCOUNT, workspace })
}

struct EnsureLocal {
    workspace: WorkspaceId,
    block_types: Vec<BlockType>,
    now: Timestamp,
}

impl Write for EnsureLocal {
    type Out = WorkspaceId;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<WorkspaceId> {
        tx.run(&ENSURE_PERSON, (PERSON, NAME, self.now)).await?;
        if tx.optional(&account::ACCOUNT, (ACCOUNT,)).await?.is_none() {
            self.create_account(tx).await?;
        }
        tx.run(&INSERT_ACCOUNT_MEMBER, (ACCOUNT, PERSON, Role::Owner, self.now)).await?;
        match tx.optional(&WORKSPACE_BY_HANDLE, (ACCOUNT, workspace_handle())).await? {
            Some((workspace,)) => Ok(workspace),
            None => self.create_workspace(tx).await,
        }
    }
}

impl EnsureLocal {
    /// Creates the account. Its handle is reserved, but in an older database a person may have taken it before it was.
    async fn create_account(&self, tx: &mut Tx<'_>) -> Result<()> {
        let preferred = handle(HANDLE);
        let free = tx.optional(&ACCOUNT_BY_HANDLE, (&preferred,)).await?.is_none();
        let handle =
            if free { preferred } else { Namespace::Accounts.pick(tx, &HandleRequest::derived(preferred)).await? };
        if tx.run(&INSERT_PERSONAL_ACCOUNT, (ACCOUNT, NAME, handle, self.now)).await? == 0 {
            tx.conflict()?;
        }
        Ok(())
    }

    async fn create_workspace(&self, tx: &mut Tx<'_>) -> Result<WorkspaceId> {
        let row = Workspace {
            id: self.workspace,
            account_id: ACCOUNT,
            handle: workspace_handle(),
            name: LOCAL_WORKSPACE.to_owned(),
            description: String::new(),
            created: self.now,
            updated: self.now,
        };
        if tx.run(&INSERT_WORKSPACE, &row).await? == 0 {
            return Ok(tx.conflict()?);
        }
        tx.exactly_one(&INSERT_WORKSPACE_MEMBER, (row.id, PERSON, Role::Owner, self.now)).await?;
        built_in::insert(tx, row.id, &self.block_types).await?;
        Ok(row.id)
    }
}

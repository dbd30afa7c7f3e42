//! Creates a workspace.

use model::{
    audit::AuditEvent,
    block::BlockType,
    id::{AccountId, UserId, WorkspaceId},
    permission::{CreateWorkspaces, Role},
    workspace::Workspace,
};
use store::{
    Tx, Write,
    account::LOCK_ACCOUNT,
    workspace::{COUNT_WORKSPACES, INSERT_WORKSPACE, INSERT_WORKSPACE_MEMBER},
};

use super::{MAX_WORKSPACES, read_description, read_name};
use crate::{
    Cx, Error, Result,
    access::{Account, ClientInfo},
    audit::AuditRecord,
    block::built_in,
    form::Form,
    handle::{HandleRequest, Namespace},
};

/// The form with which a person creates a workspace.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    pub name: String,
    pub description: String,
    /// None or empty: derived from the name.
    pub handle: Option<String>,
}

/// Creates a workspace in an account. The caller becomes its owner.
///
/// # Errors
/// [`Error::Invalid`] for the fields `name`, `description` and `handle`; [`Error::Conflict`] if the account has too many workspaces.
pub async fn create(
    cx: &Cx,
    account: Account<CreateWorkspaces>,
    new: NewWorkspace,
    client: ClientInfo,
) -> Result<Workspace> {
    let mut form = Form::default();
    let name = form.read("name", read_name(&new.name));
    let description = form.read("description", read_description(&new.description));
    // An invalid name is reported once: in its place a valid one is used for the handle.
    let handle = form.read("handle", HandleRequest::read(new.handle.as_deref(), name.as_deref().unwrap_or("unnamed")));
    let (Some(name), Some(description), Some(handle)) = (name, description, handle) else {
        return Err(form.into_error());
    };
    let audit = AuditRecord::by_caller(cx, account.caller(), AuditEvent::WorkspaceCreated, client);
    let (id, person, account) = (cx.ids.make(audit.occurred_at()), account.caller().person(), account.id());
    let block_types = built_in::rows(cx, audit.occurred_at());
    cx.db.write(CreateWorkspace { id, person, account, name, description, handle, block_types, audit }).await
}

struct CreateWorkspace {
    id: WorkspaceId,
    person: UserId,
    account: AccountId,
    name: String,
    description: String,
    handle: HandleRequest,
    block_types: Vec<BlockType>,
    audit: AuditRecord,
}

impl Write for CreateWorkspace {
    type Out = Workspace;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Workspace> {
        tx.one(&LOCK_ACCOUNT, (self.account,)).await?;
        let (workspaces,) = tx.one(&COUNT_WORKSPACES, (self.account,)).await?;
        if workspaces >= MAX_WORKSPACES {
            return Err(Error::Conflict(format!(
                "This account has reached its limit of {MAX_WORKSPACES} workspaces. Delete one to create another."
            )));
        }
        let now = self.audit.occurred_at();
        let row = Workspace {
            id: self.id,
            account_id: self.account,
            handle: Namespace::WorkspacesOf(self.account).pick(tx, &self.handle).await?,
            name: self.name.clone(),
            description: self.description.clone(),
            created: now,
            updated: now,
        };
        // A concurrent call has taken the handle after the queries above.
        if tx.run(&INSERT_WORKSPACE, &row).await? == 0 {
            return Ok(tx.conflict()?);
        }
        tx.exactly_one(&INSERT_WORKSPACE_MEMBER, (row.id, self.person, Role::Owner, now)).await?;
        built_in::insert(tx, row.id, &self.block_types).await?;
        self.audit.insert_in(tx, Some(self.account), Some(row.id), Some(&row.name)).await?;
        Ok(row)
    }
}

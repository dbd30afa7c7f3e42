//! A new workspace.

use model::{
    audit::AuditEvent,
    id::{AccountId, UserId, WorkspaceId},
    permission::Role,
    workspace::Workspace,
};
use store::{
    Tx, Write,
    account::{ACCOUNT_OF_MEMBER, HOLD_ACCOUNT},
    workspace::{COUNT_WORKSPACES, INSERT_WORKSPACE, INSERT_WORKSPACE_MEMBER, WorkspaceRow},
};

use super::{MOST, read_description, read_name};
use crate::{
    Cx, Error, Result,
    access::{Caller, Origin},
    audit::Act,
    form::Form,
    handle::{Namespace, Wanted},
};

/// What somebody fills in to make a workspace.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    pub account: AccountId,
    pub name: String,
    pub description: String,
    /// None or empty: made from the name.
    pub handle: Option<String>,
}

/// Makes a workspace in an account that the caller is a member of; the caller owns it.
///
/// # Errors
/// [`Error::Invalid`] for the fields `name`, `description` and `handle`; [`Error::NotFound`] for the account;
/// [`Error::Conflict`] if the account is full.
pub async fn create(cx: &Cx, caller: Caller, new: NewWorkspace, origin: Origin) -> Result<Workspace> {
    let mut form = Form::default();
    let name = form.read("name", read_name(&new.name));
    let description = form.read("description", read_description(&new.description));
    // Of a name that is wrong no handle is made, and nobody complains about it twice.
    let handle = form.read("handle", Wanted::read(new.handle.as_deref(), name.as_deref().unwrap_or("nothing")));
    let (Some(name), Some(description), Some(handle)) = (name, description, handle) else {
        return Err(form.refusal());
    };
    let act = Act::of(cx, caller, AuditEvent::WorkspaceCreated, origin);
    let (id, person, account) = (cx.ids.make(act.occurred()), caller.person(), new.account);
    cx.db.write(CreateWorkspace { id, person, account, name, description, handle, act }).await
}

struct CreateWorkspace {
    id: WorkspaceId,
    person: UserId,
    account: AccountId,
    name: String,
    description: String,
    handle: Wanted,
    act: Act,
}

impl Write for CreateWorkspace {
    type Out = Workspace;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Workspace> {
        let account = tx.optional(&ACCOUNT_OF_MEMBER, (self.account, self.person)).await?;
        account.ok_or(Error::NotFound("Account"))?;
        tx.one(&HOLD_ACCOUNT, (self.account,)).await?;
        let (workspaces,) = tx.one(&COUNT_WORKSPACES, (self.account,)).await?;
        if workspaces >= MOST {
            return Err(Error::Conflict(format!("An account has at most {MOST} workspaces.")));
        }
        let now = self.act.occurred();
        let row = WorkspaceRow {
            id: self.id,
            account_id: self.account,
            handle: Namespace::WorkspacesOf(self.account).pick(tx, &self.handle).await?,
            name: self.name.clone(),
            description: self.description.clone(),
            created: now,
            updated: now,
        };
        // Somebody else may have taken the handle since this write looked.
        if tx.run(&INSERT_WORKSPACE, &row).await? == 0 {
            return Ok(tx.again()?);
        }
        tx.exactly_one(&INSERT_WORKSPACE_MEMBER, (row.id, self.person, Role::Owner, now)).await?;
        self.act.note_in(tx, Some(self.account), Some(row.id), Some(&row.name)).await?;
        Ok(row.into())
    }
}

//! Changes a workspace's name and description.

use model::{audit::AuditEvent, permission::EditWorkspace, workspace::Workspace};
use store::{
    Tenant, Tx, Write,
    workspace::{EDIT_WORKSPACE, WORKSPACE},
};

use super::{read_description, read_name};
use crate::{
    Cx, Error, Result,
    access::{self, ClientInfo},
    audit::AuditRecord,
    form::Form,
};

/// The form with which a person edits a workspace. The handle can't be changed: clients have it in their settings.
#[derive(Clone, Debug)]
pub struct WorkspaceEdit {
    pub name: String,
    pub description: String,
}

/// Changes the workspace's name and description.
///
/// # Errors
/// [`Error::Invalid`] for the fields `name` and `description`.
pub async fn edit(
    cx: &Cx,
    ws: access::Workspace<EditWorkspace>,
    edit: WorkspaceEdit,
    client: ClientInfo,
) -> Result<Workspace> {
    let mut form = Form::default();
    let name = form.read("name", read_name(&edit.name));
    let description = form.read("description", read_description(&edit.description));
    let (Some(name), Some(description)) = (name, description) else { return Err(form.into_error()) };
    let audit = AuditRecord::by_caller(cx, ws.caller(), AuditEvent::WorkspaceEdited, client);
    cx.db.write(Edit { tenant: *ws.tenant(), name, description, audit }).await
}

struct Edit {
    tenant: Tenant,
    name: String,
    description: String,
    audit: AuditRecord,
}

impl Write for Edit {
    type Out = Workspace;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Workspace> {
        let mut scope = tx.of(&self.tenant);
        if scope.run(&EDIT_WORKSPACE, (&self.name, &self.description, self.audit.occurred_at())).await? == 0 {
            return Err(Error::not_found("Workspace", self.tenant.workspace()));
        }
        let row = scope.one(&WORKSPACE, ()).await?;
        self.audit.insert_in(tx, Some(row.account_id), Some(row.id), Some(&row.name)).await?;
        Ok(row)
    }
}

//! Another name or description.

use model::{audit::AuditEvent, permission::EditWorkspace, workspace::Workspace};
use store::{
    Tenant, Tx, Write,
    workspace::{EDIT_WORKSPACE, THIS_WORKSPACE},
};

use super::{read_description, read_name};
use crate::{
    Cx, Error, Result,
    access::{self, Origin},
    audit::Act,
    form::Form,
};

/// What somebody fills in to change a workspace. Its handle stays: clients have it in their settings.
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
    at: access::Workspace<EditWorkspace>,
    edit: WorkspaceEdit,
    origin: Origin,
) -> Result<Workspace> {
    let mut form = Form::default();
    let name = form.read("name", read_name(&edit.name));
    let description = form.read("description", read_description(&edit.description));
    let (Some(name), Some(description)) = (name, description) else { return Err(form.refusal()) };
    let act = Act::of(cx, at.caller(), AuditEvent::WorkspaceEdited, origin);
    cx.db.write(Edit { tenant: *at.tenant(), name, description, act }).await
}

struct Edit {
    tenant: Tenant,
    name: String,
    description: String,
    act: Act,
}

impl Write for Edit {
    type Out = Workspace;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Workspace> {
        let mut here = tx.of(&self.tenant);
        if here.run(&EDIT_WORKSPACE, (&self.name, &self.description, self.act.occurred())).await? == 0 {
            return Err(Error::NotFound("Workspace"));
        }
        let row = here.one(&THIS_WORKSPACE, ()).await?;
        self.act.note_in(tx, Some(row.account_id), Some(row.id), Some(&row.name)).await?;
        Ok(row.into())
    }
}

//! Deleting: the workspace is hidden at once; a loop removes what is in it.

use model::{audit::AuditEvent, permission::DeleteWorkspace, workspace::is_name_typed};
use store::{
    Tenant, Tx, Write,
    workspace::{HIDE_WORKSPACE, THIS_WORKSPACE},
};

use crate::{
    Cx, Error, Result,
    access::{self, Origin},
    audit::Act,
    bus::Change,
    local,
};

/// Deletes the workspace, if `typed` is its name: nobody does this by a slip of the hand.
///
/// # Errors
/// [`Error::Invalid`] for the field `confirmation`; [`Error::Forbidden`] for the default workspace in local mode.
pub async fn delete(cx: &Cx, at: access::Workspace<DeleteWorkspace>, typed: &str, origin: Origin) -> Result<()> {
    let act = Act::of(cx, at.caller(), AuditEvent::WorkspaceDeleted, origin);
    cx.db
        .write(Delete { tenant: *at.tenant(), typed: typed.to_owned(), keeps_default: cx.settings.local, act })
        .await?;
    cx.bus.tell(Change::WorkspaceDeleted { workspace: at.id() });
    Ok(())
}

struct Delete {
    tenant: Tenant,
    typed: String,
    keeps_default: bool,
    act: Act,
}

impl Write for Delete {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut here = tx.of(&self.tenant);
        let row = here.optional(&THIS_WORKSPACE, ()).await?.ok_or(Error::NotFound("Workspace"))?;
        if self.keeps_default && row.account_id == local::ACCOUNT && row.handle == local::workspace_handle() {
            return Err(Error::Forbidden("In local mode the default workspace can't be deleted.".to_owned()));
        }
        if !is_name_typed(&self.typed, &row.name) {
            return Err(Error::invalid("confirmation", format!("Type {} to delete this workspace.", row.name)));
        }
        here.exactly_one(&HIDE_WORKSPACE, (self.act.occurred(),)).await?;
        Ok(self.act.note_in(tx, Some(row.account_id), Some(row.id), Some(&row.name)).await?)
    }
}

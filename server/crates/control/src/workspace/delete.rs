//! Deletes a workspace: hides it at once; a background service removes its rows later (see `reap`).

use model::{audit::AuditEvent, permission::DeleteWorkspace, workspace::is_handle_typed};
use store::{
    Change, Tenant, Tx, Write,
    workspace::{MARK_WORKSPACE_DELETED, WORKSPACE},
};

use crate::{
    Cx, Error, Result,
    access::{self, ClientInfo},
    audit::AuditRecord,
    local,
};

/// Deletes the workspace, if `typed` is its handle. Typing the handle prevents deleting by mistake.
///
/// # Errors
/// [`Error::Invalid`] for the field `confirmation`; [`Error::Forbidden`] for the default workspace in local mode.
pub async fn delete(cx: &Cx, ws: access::Workspace<DeleteWorkspace>, typed: &str, client: ClientInfo) -> Result<()> {
    let audit = AuditRecord::by_caller(cx, ws.caller(), AuditEvent::WorkspaceDeleted, client);
    cx.db.write(Delete { tenant: *ws.tenant(), typed: typed.to_owned(), keeps_default: cx.settings.local, audit }).await
}

struct Delete {
    tenant: Tenant,
    typed: String,
    keeps_default: bool,
    audit: AuditRecord,
}

impl Write for Delete {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut scope = tx.of(&self.tenant);
        let row =
            scope.optional(&WORKSPACE, ()).await?.ok_or(Error::not_found("Workspace", self.tenant.workspace()))?;
        if self.keeps_default && row.account_id == local::ACCOUNT && row.handle == local::workspace_handle() {
            return Err(Error::Forbidden("In local mode, the default workspace can’t be deleted.".to_owned()));
        }
        if !is_handle_typed(&self.typed, &row.handle) {
            return Err(Error::invalid("confirmation", format!("Type {} to delete this workspace.", row.handle)));
        }
        scope.exactly_one(&MARK_WORKSPACE_DELETED, (self.audit.occurred_at(),)).await?;
        scope.publish(Change::WorkspaceDeleted { workspace: row.id });
        Ok(self.audit.insert_in(tx, Some(row.account_id), Some(row.id), Some(&row.name)).await?)
    }
}

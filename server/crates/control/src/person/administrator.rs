//! Makes a person an administrator of the server, or an ordinary person again.

use model::{audit::AuditEvent, id::UserId};
use store::{Tx, Write, person::SET_ADMIN};

use super::require_shell;
use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
};

/// Sets whether the person administers the server: for the admin command line on the server's machine. Does nothing if it is so already.
///
/// # Errors
/// [`Error::Forbidden`] for any other caller.
pub async fn set_administrator(cx: &Cx, operator: Caller, is_admin: bool) -> Result<()> {
    require_shell(operator)?;
    let event = if is_admin { AuditEvent::AdministratorGranted } else { AuditEvent::AdministratorRevoked };
    let audit = AuditRecord::by_caller(cx, operator, event, ClientInfo::default());
    cx.db.write(SetAdministrator { person: operator.person(), is_admin, audit }).await
}

struct SetAdministrator {
    person: UserId,
    is_admin: bool,
    audit: AuditRecord,
}

impl Write for SetAdministrator {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        if tx.run(&SET_ADMIN, (self.person, self.is_admin, self.audit.occurred_at())).await? > 0 {
            self.audit.insert(tx, None).await?;
        }
        Ok(())
    }
}

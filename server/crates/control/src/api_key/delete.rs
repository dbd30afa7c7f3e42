//! Deletes an API key: the next request with it is rejected.

use model::{
    audit::AuditEvent,
    id::{ApiKeyId, UserId},
};
use store::{
    Change, Tx, Write,
    api_key::{API_KEY_NAME, DELETE_API_KEY},
};

use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
};

/// Deletes one of the caller's keys, and closes its websockets.
///
/// # Errors
/// [`Error::NotFound`] if the caller has no such key.
pub async fn delete(cx: &Cx, caller: Caller, id: ApiKeyId, client: ClientInfo) -> Result<()> {
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::ApiKeyDeleted, client);
    cx.db.write(DeleteKey { person: caller.person(), id, audit }).await
}

struct DeleteKey {
    person: UserId,
    id: ApiKeyId,
    audit: AuditRecord,
}

impl Write for DeleteKey {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (name,) =
            tx.optional(&API_KEY_NAME, (self.id, self.person)).await?.ok_or(Error::not_found("API key", self.id))?;
        if tx.run(&DELETE_API_KEY, (self.id, self.person)).await? == 0 {
            return Err(Error::not_found("API key", self.id));
        }
        tx.publish(Change::KeyDeleted { person: self.person, api_key: self.id });
        Ok(self.audit.insert(tx, Some(&name)).await?)
    }
}

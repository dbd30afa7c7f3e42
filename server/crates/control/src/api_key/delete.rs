//! Deleting a key: it is refused from the next request on.

use model::{
    audit::AuditEvent,
    id::{ApiKeyId, UserId},
};
use store::{
    Tx, Write,
    api_key::{API_KEY_NAME, DELETE_API_KEY},
};

use crate::{
    Cx, Error, Result,
    access::{Caller, Origin},
    audit::Act,
    bus::Change,
};

/// Deletes one of the caller's keys, and with it its sockets.
///
/// # Errors
/// [`Error::NotFound`] if the caller has no such key.
pub async fn delete(cx: &Cx, caller: Caller, id: ApiKeyId, origin: Origin) -> Result<()> {
    let act = Act::of(cx, caller, AuditEvent::ApiKeyDeleted, origin);
    cx.db.write(DeleteKey { person: caller.person(), id, act }).await?;
    cx.bus.tell(Change::KeyDeleted { api_key: id });
    Ok(())
}

struct DeleteKey {
    person: UserId,
    id: ApiKeyId,
    act: Act,
}

impl Write for DeleteKey {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (name,) = tx.optional(&API_KEY_NAME, (self.id, self.person)).await?.ok_or(Error::NotFound("API key"))?;
        if tx.run(&DELETE_API_KEY, (self.id, self.person)).await? == 0 {
            return Err(Error::NotFound("API key"));
        }
        Ok(self.act.note(tx, Some(&name)).await?)
    }
}

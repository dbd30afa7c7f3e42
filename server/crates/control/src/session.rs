//! Browser sessions: starting and ending them.

use std::sync::Arc;

use model::{audit::AuditEvent, id::UserId, time::Timestamp};
pub use store::session::{Session, SessionKey, Sessions};
use store::{
    Change, Tx, Write,
    session::{DELETE_SESSION, REAP_SESSIONS, start_session},
    system::ServiceName,
};

use crate::{
    Cx, Error, Result,
    access::{self, ClientInfo},
    audit::AuditRecord,
    person::{SignedIn, wrong_password},
};

/// The session store, for the layer that reads cookies.
#[must_use]
pub fn sessions(cx: &Cx) -> Sessions {
    let clock = cx.clock.clone();
    Sessions { db: cx.db.clone(), now: Arc::new(move || clock.now()), lifetime: cx.settings.session_lifetime() }
}

/// Signs the session in as the person who has just proved their password. The session gets a new id, and its previous content is dropped.
///
/// # Errors
/// As for a wrong password if the password has been changed since it was compared.
pub async fn begin(session: &Session, signed_in: SignedIn, client: ClientInfo) -> Result<()> {
    let SignedIn { person, proof } = signed_in;
    let started = start_session(session, person, &proof, client.address).await.map_err(unavailable)?;
    if started { Ok(()) } else { Err(wrong_password()) }
}

/// Signs out: the session ends at once, and its websockets close.
///
/// # Errors
/// [`Error::Unauthenticated`] if the session is not signed in.
pub async fn sign_out(cx: &Cx, session: &Session, client: ClientInfo) -> Result<()> {
    let caller = access::authenticate_session(session).await?;
    let key = caller.session().ok_or(Error::Unauthenticated)?;
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::SignedOut, client);
    cx.db.write(SignOut { key, person: caller.person(), audit }).await?;
    session.flush().await.map_err(unavailable)
}

struct SignOut {
    key: SessionKey,
    person: UserId,
    audit: AuditRecord,
}

impl Write for SignOut {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(&DELETE_SESSION, (self.key,)).await?;
        tx.publish(Change::SessionsEnded { person: self.person });
        Ok(self.audit.insert(tx, None).await?)
    }
}

/// Deletes at most `max_rows` sessions that had ended at `now`; returns how many it deleted.
pub struct ReapSessions {
    pub now: Timestamp,
    pub max_rows: i64,
}

impl Write for ReapSessions {
    type Out = u64;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        Ok(tx.system(ServiceName::SessionReaper).run(&REAP_SESSIONS, (self.now, self.max_rows)).await?)
    }
}

/// The error of the session layer when its database fails.
pub(crate) fn unavailable(error: impl std::fmt::Display) -> Error {
    tracing::warn!(%error, "failed to read or write a session");
    Error::Unavailable
}

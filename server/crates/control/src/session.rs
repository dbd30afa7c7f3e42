//! Sessions of browsers: how one begins and ends.

use std::sync::Arc;

use model::{audit::AuditEvent, time::Timestamp};
pub use store::session::{Session, SessionKey, Sessions};
use store::{
    Tx, Write,
    session::{DELETE_SESSION, REAP_SESSIONS, give},
    system::ServiceName,
};

use crate::{
    Cx, Error, Result,
    access::{self, Origin},
    audit::Act,
    bus::Change,
    person::{SignedIn, wrong_password},
};

/// The store of sessions, for the layer that reads cookies.
#[must_use]
pub fn sessions(cx: &Cx) -> Sessions {
    let clock = cx.clock.clone();
    Sessions { db: cx.db.clone(), now: Arc::new(move || clock.now()), life: cx.settings.session_life() }
}

/// Gives the session to whoever has just signed in. It gets a new id, and nothing of what was in it stays.
///
/// # Errors
/// As for a wrong password if it has been changed since it was compared.
pub async fn begin(session: &Session, signed_in: SignedIn, origin: Origin) -> Result<()> {
    let SignedIn { person, proof } = signed_in;
    let begun = give(session, person, &proof, origin.address).await.map_err(unavailable)?;
    if begun { Ok(()) } else { Err(wrong_password()) }
}

/// Signs out: the session ends at once, and so do its sockets.
///
/// # Errors
/// [`Error::Unauthenticated`] if nobody is signed in there.
pub async fn sign_out(cx: &Cx, session: &Session, origin: Origin) -> Result<()> {
    let caller = access::by_session(session).await?;
    let key = caller.session().ok_or(Error::Unauthenticated)?;
    cx.db.write(SignOut { key, act: Act::of(cx, caller, AuditEvent::SignedOut, origin) }).await?;
    session.flush().await.map_err(unavailable)?;
    cx.bus.tell(Change::SessionsEnded { person: caller.person() });
    Ok(())
}

struct SignOut {
    key: SessionKey,
    act: Act,
}

impl Write for SignOut {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(&DELETE_SESSION, (self.key,)).await?;
        Ok(self.act.note(tx, None).await?)
    }
}

/// Deletes sessions that were over at `now`, at most `most`; how many there were.
pub struct ReapSessions {
    pub now: Timestamp,
    pub most: i64,
}

impl Write for ReapSessions {
    type Out = u64;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        Ok(tx.system(ServiceName::SessionReaper).run(&REAP_SESSIONS, (self.now, self.most)).await?)
    }
}

/// What the session layer says when its database fails.
pub(crate) fn unavailable(error: impl std::fmt::Display) -> Error {
    tracing::warn!(%error, "a session could not be read or written");
    Error::Unavailable
}

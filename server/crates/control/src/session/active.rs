//! The browsers that are signed in as a person: their list, and ending them from another browser.

use model::{
    audit::AuditEvent,
    browser::browser_in_words,
    id::UserId,
    profile::{ActiveSession, SessionList},
};
use store::{
    Change, Tx, Write,
    session::{
        DELETE_OTHER_SESSIONS, DELETE_SESSION_OF_PERSON, MAX_SESSIONS_PER_PERSON, SESSIONS_OF_PERSON, SessionKey,
        SessionRow,
    },
};

use super::PASSWORD_METHOD;
use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
};

/// The browsers that are signed in as the caller.
///
/// # Errors
/// Only those of the database.
pub async fn active(cx: &Cx, caller: Caller) -> Result<SessionList> {
    let (now, lifetime) = (cx.clock.now(), cx.settings.session_lifetime());
    let rows = cx.db.all(&SESSIONS_OF_PERSON, (caller.person(), now, MAX_SESSIONS_PER_PERSON)).await?;
    let rows = rows.into_iter().filter(|row| now < lifetime.expiry(row.created, row.last_seen));
    let mut sessions: Vec<_> = rows.map(|row| session(cx, caller, row)).collect();
    sessions.sort_by_key(|session| !session.is_current);
    Ok(SessionList { sessions, idle: lifetime.idle })
}

fn session(cx: &Cx, caller: Caller, row: SessionRow) -> ActiveSession {
    let user_agent = row.user_agent.as_deref().unwrap_or_default();
    ActiveSession {
        id: row.id_hash.to_string(),
        device: browser_in_words(user_agent),
        is_phone: user_agent.contains("Mobile"),
        address: row.address,
        provider: provider_label(cx, row.method),
        created: row.created,
        last_seen: row.last_seen,
        is_current: caller.session() == Some(row.id_hash),
    }
}

/// The provider's name for people, or its name in settings that no longer have it.
fn provider_label(cx: &Cx, method: String) -> Option<String> {
    let label = |name: String| cx.providers.get(&name).map_or(name.clone(), |provider| provider.label().to_owned());
    (method != PASSWORD_METHOD).then_some(method).map(label)
}

/// Ends a session of the caller, by its id in [`active`]. Does nothing if it has ended already.
///
/// # Errors
/// [`Error::NotFound`] for what is no id of a session.
pub async fn end(cx: &Cx, caller: Caller, id: &str, client: ClientInfo) -> Result<()> {
    let key = id.parse().map_err(|_| Error::missing("Session"))?;
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::SessionsEnded, client);
    cx.db.write(EndSessions { person: caller.person(), sessions: Ended::One(key), audit }).await
}

/// Ends all sessions of the caller except the one that calls.
///
/// # Errors
/// [`Error::Forbidden`] for a caller without a session.
pub async fn end_others(cx: &Cx, caller: Caller, client: ClientInfo) -> Result<()> {
    let own = caller.session().ok_or_else(|| Error::Forbidden("Sign in with a browser to do this.".to_owned()))?;
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::SessionsEnded, client);
    cx.db.write(EndSessions { person: caller.person(), sessions: Ended::AllBut(own), audit }).await
}

#[derive(Clone, Copy)]
enum Ended {
    One(SessionKey),
    AllBut(SessionKey),
}

struct EndSessions {
    person: UserId,
    sessions: Ended,
    audit: AuditRecord,
}

impl Write for EndSessions {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let ended = match self.sessions {
            Ended::One(key) => tx.run(&DELETE_SESSION_OF_PERSON, (self.person, key)).await?,
            Ended::AllBut(own) => tx.run(&DELETE_OTHER_SESSIONS, (self.person, own)).await?,
        };
        if ended > 0 {
            tx.publish(Change::SessionsEnded { person: self.person });
            self.audit.insert(tx, None).await?;
        }
        Ok(())
    }
}

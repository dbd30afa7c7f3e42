//! Browser sessions: beginning and ending them.

use std::sync::Arc;

use model::{
    audit::AuditEvent,
    id::{IdentityId, UserId},
    time::Timestamp,
};
pub use store::session::{Session, SessionKey, Sessions};
use store::{
    Change, Tx, Write,
    identity::{LOCK_IDENTITY, LOCK_PASSWORD_HASH, REPLACE_PASSWORD_HASH},
    session::{
        self, DELETE_OLD_SESSIONS, DELETE_SESSION, INSERT_SESSION, MAX_SESSIONS_PER_PERSON, REAP_SESSIONS, SessionRow,
        SessionToken,
    },
    system::ServiceName,
};

use crate::{
    Cx, Error, Result,
    access::{self, ClientInfo},
    audit::AuditRecord,
};

/// The session store, for the layer that reads cookies.
#[must_use]
pub fn sessions(cx: &Cx) -> Sessions {
    let clock = cx.clock.clone();
    Sessions { db: cx.db.clone(), now: Arc::new(move || clock.now()), lifetime: cx.settings.session_lifetime() }
}

/// Proves that a person has just shown who they are. It begins one session, if what was verified still holds then.
pub struct Verified {
    pub(crate) person: UserId,
    pub(crate) identity: IdentityId,
    pub(crate) method: Method,
}

/// How a person has shown who they are.
pub(crate) enum Method {
    /// By the password with the hash `compared`, to be replaced by `renewed` if that is a stronger one.
    Password { compared: String, renewed: Option<String> },
    /// By an account at an identity provider.
    Provider,
}

impl Verified {
    /// The person.
    #[must_use]
    pub fn person(&self) -> UserId {
        self.person
    }

    /// Whether the password or the provider's account is still the person's. A concurrent change of it either committed before, or waits
    /// for the lock on its row and then deletes the session.
    async fn still_holds(&self, tx: &mut Tx<'_>, now: Timestamp) -> store::Result<bool> {
        Ok(match &self.method {
            Method::Password { compared, renewed: Some(renewed) } => {
                tx.run(&REPLACE_PASSWORD_HASH, (self.identity, compared, renewed, now)).await? == 1
            }
            Method::Password { compared, renewed: None } => {
                tx.optional(&LOCK_PASSWORD_HASH, (self.identity, compared)).await?.is_some()
            }
            Method::Provider => tx.optional(&LOCK_IDENTITY, (self.identity, self.person)).await?.is_some(),
        })
    }
}

/// Signs a browser in as the person who was verified. It gets a new session; its previous one ends.
///
/// # Errors
/// [`Error::Unauthenticated`] if what was verified no longer holds.
pub async fn begin(cx: &Cx, browser: &Session, verified: Verified, client: ClientInfo) -> Result<()> {
    let person = verified.person;
    let audit = AuditRecord::by_person(cx, Some(person), AuditEvent::SignedIn, client);
    let new = NewSession::of(cx, browser, person, client);
    let token = cx.db.write(BeginSession { verified, new, audit }).await?.ok_or(Error::Unauthenticated)?;
    Ok(session::adopt(browser, person, &token).await?)
}

/// Begins a session; `None` if what was verified no longer holds.
struct BeginSession {
    verified: Verified,
    new: NewSession,
    audit: AuditRecord,
}

impl Write for BeginSession {
    type Out = Option<SessionToken>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<SessionToken>> {
        if !self.verified.still_holds(tx, self.audit.occurred_at()).await? {
            return Ok(None);
        }
        self.audit.insert(tx, None).await?;
        Ok(Some(self.new.insert(tx).await?))
    }
}

/// A session that a write is going to insert.
pub(crate) struct NewSession {
    token: SessionToken,
    row: SessionRow,
    /// The session that the browser had before.
    previous: Option<SessionKey>,
}

impl NewSession {
    pub(crate) fn of(cx: &Cx, browser: &Session, person_id: UserId, client: ClientInfo) -> Self {
        let mut random = [0; 16];
        cx.ids.fill(&mut random);
        let token = SessionToken::new(random);
        let (now, lifetime, address) = (cx.clock.now(), cx.settings.session_lifetime(), client.address);
        let expires = lifetime.expiry(now, now);
        let row = SessionRow { id_hash: token.key(), person_id, created: now, last_seen: now, expires, address };
        Self { token, row, previous: session::key(browser) }
    }

    /// Inserts the session and deletes the browser's previous one and the person's oldest ones above the limit. The token is for
    /// [`session::adopt`] after the commit.
    pub(crate) async fn insert(&self, tx: &mut Tx<'_>) -> store::Result<SessionToken> {
        if let Some(previous) = self.previous {
            tx.run(&DELETE_SESSION, (previous,)).await?;
        }
        tx.exactly_one(&INSERT_SESSION, &self.row).await?;
        tx.run(&DELETE_OLD_SESSIONS, (self.row.person_id, MAX_SESSIONS_PER_PERSON)).await?;
        Ok(self.token.clone())
    }
}

/// Signs out: the session ends at once, and its websockets close.
///
/// # Errors
/// [`Error::Unauthenticated`] if the session is not signed in.
pub async fn sign_out(cx: &Cx, browser: &Session, client: ClientInfo) -> Result<()> {
    let caller = access::authenticate_session(browser).await?;
    let key = caller.session().ok_or(Error::Unauthenticated)?;
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::SignedOut, client);
    cx.db.write(SignOut { key, person: caller.person(), audit }).await?;
    Ok(browser.flush().await.map_err(store::Error::from)?)
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

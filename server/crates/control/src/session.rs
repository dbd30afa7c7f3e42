//! Browser sessions: beginning and ending them.

mod active;

use std::sync::Arc;

pub use active::{active, end, end_others};
use model::{
    audit::AuditEvent,
    id::{IdentityId, UserId},
    time::{Span, Timestamp},
};
pub use store::session::{Session, SessionKey, Sessions};
use store::{
    Change, Tx, Write,
    identity::{LOCK_IDENTITY, LOCK_PASSWORD_HASH, RECORD_IDENTITY_USE, REPLACE_PASSWORD_HASH},
    session::{
        self, DELETE_OLD_SESSIONS, DELETE_SESSION, INSERT_SESSION, MAX_SESSIONS_PER_PERSON, PROVED, REAP_SESSIONS,
        SET_PROVED, SessionRow, SessionToken,
    },
    system::ServiceName,
};

use crate::{
    Cx, Error, Result,
    access::{self, Caller, ClientInfo, Credential},
    audit::AuditRecord,
};

/// For how long a person need not show again who they are before they change how they sign in.
pub const PROOF_LIFETIME: Span = Span::from_micros(600_000_000);

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
    /// By an account at the identity provider with this name in the settings, which shows the account's holder as `label`.
    Provider { name: String, label: Option<String> },
}

/// The name of signing in by password.
pub(crate) const PASSWORD_METHOD: &str = "password";

impl Method {
    /// `password`, or the name of the provider.
    fn name(&self) -> &str {
        match self {
            Self::Password { .. } => PASSWORD_METHOD,
            Self::Provider { name, .. } => name,
        }
    }

    fn label(&self) -> Option<&str> {
        match self {
            Self::Password { .. } => None,
            Self::Provider { label, .. } => label.as_deref(),
        }
    }
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
            Method::Provider { .. } => tx.optional(&LOCK_IDENTITY, (self.identity, self.person)).await?.is_some(),
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
    let new = NewSession::of(cx, browser, person, verified.method.name(), client);
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
        let used = (self.verified.identity, self.verified.method.label(), self.audit.occurred_at());
        tx.run(&RECORD_IDENTITY_USE, used).await?;
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
    /// Of a person who has just signed in by `method`.
    pub(crate) fn of(cx: &Cx, browser: &Session, person_id: UserId, method: &str, client: ClientInfo) -> Self {
        let mut random = [0; 16];
        cx.ids.fill(&mut random);
        let token = SessionToken::new(random);
        let (now, lifetime, address) = (cx.clock.now(), cx.settings.session_lifetime(), client.address);
        let expires = lifetime.expiry(now, now);
        let row = SessionRow {
            id_hash: token.key(),
            person_id,
            created: now,
            last_seen: now,
            expires,
            address,
            method: method.to_owned(),
            proved: now,
            user_agent: client.user_agent.as_str().map(str::to_owned),
        };
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

/// Whether the caller's session has begun, or its person has shown again who they are, within [`PROOF_LIFETIME`].
///
/// # Errors
/// Only those of the database.
pub async fn has_recent_proof(cx: &Cx, caller: Caller) -> Result<bool> {
    let Some(key) = caller.session() else { return Ok(false) };
    let proved = cx.db.optional(&PROVED, (key, caller.person())).await?;
    let now = cx.clock.now();
    Ok(proved.is_some_and(|(proved,)| now.since(proved) <= PROOF_LIFETIME))
}

/// Demands that the person has shown within [`PROOF_LIFETIME`] who they are: whoever finds an open browser must not take the account over.
///
/// # Errors
/// [`Error::ProofRequired`] if that is longer ago; [`Error::Forbidden`] for a caller without a session, except a shell.
pub async fn require_recent_proof(cx: &Cx, caller: Caller) -> Result<()> {
    match caller.credential() {
        Credential::Shell => Ok(()),
        Credential::Session(_) if has_recent_proof(cx, caller).await? => Ok(()),
        Credential::Session(_) => Err(Error::ProofRequired),
        // Otherwise a stolen API key would be enough to take an account over.
        Credential::ApiKey(_) | Credential::Local => {
            Err(Error::Forbidden("Sign in with a browser to do this.".to_owned()))
        }
    }
}

/// Records that the person of a session has shown who they are, if what was verified still holds.
pub(crate) async fn renew_proof(cx: &Cx, key: SessionKey, verified: Verified) -> Result<()> {
    let renewed = cx.db.write(RenewProof { key, verified, now: cx.clock.now() }).await?;
    if renewed { Ok(()) } else { Err(Error::Unauthenticated) }
}

struct RenewProof {
    key: SessionKey,
    verified: Verified,
    now: Timestamp,
}

impl Write for RenewProof {
    type Out = bool;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let holds = self.verified.still_holds(tx, self.now).await?;
        Ok(holds && tx.run(&SET_PROVED, (self.key, self.verified.person, self.now)).await? == 1)
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

//! Sessions of browsers: their table, and the session store for `tower-sessions`.
//!
//! Only the hash of a session's id is stored. The use cases of `control` insert and delete sessions in their own writes, together with what
//! must hold and the audit record; the session layer only loads them and sets the cookie. Whether a session is expired is decided here, by
//! the injected clock, and not by the expiry in tower-sessions' record.

use std::{collections::HashMap, fmt, net::IpAddr, sync::Arc};

use async_trait::async_trait;
use model::{
    id::UserId,
    time::{Span, Timestamp},
};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
pub use tower_sessions_core::Session;
use tower_sessions_core::{
    SessionStore,
    session::{self, Id, Record},
    session_store,
};

use crate::{
    access::hash_text,
    db::Db,
    error::{Error, Result},
    record, statements,
    tx::Tx,
    value::{Column, Kind, Type, Value},
    write::Write,
};

/// The id of a session, which its cookie contains.
#[derive(Clone)]
pub struct SessionToken(Id);

impl SessionToken {
    /// A token of cryptographically secure random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(Id(i128::from_le_bytes(random)))
    }

    /// The key under which the session is stored.
    #[must_use]
    pub fn key(&self) -> SessionKey {
        SessionKey::of(&self.0)
    }
}

/// The hash of a session's id. Only the browser has the id itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    fn of(id: &Id) -> Self {
        Self(Sha256::digest(id.0.to_le_bytes()).into())
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({})", hash_text(&self.0[..4]))
    }
}

impl Column for SessionKey {
    const KIND: Kind = Kind::of(Type::Text);
    fn to_value(&self) -> Value {
        Value::Text(hash_text(&self.0))
    }
    fn from_value(value: Value) -> Result<Self> {
        let text = String::from_value(value)?;
        let mut hash = [0; 32];
        let pairs = text.as_bytes().chunks_exact(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
        for (byte, pair) in hash.iter_mut().zip(pairs) {
            *byte = u8::from_str_radix(pair, 16).map_err(|_| Error::Corrupt("session key"))?;
        }
        (text.len() == 64).then_some(Self(hash)).ok_or(Error::Corrupt("session key"))
    }
}

record! {
    /// A row of `session`.
    pub struct SessionRow {
        pub id_hash: SessionKey,
        pub person_id: UserId,
        pub created: Timestamp,
        pub last_seen: Timestamp,
        pub expires: Timestamp,
        pub address: Option<IpAddr>,
    }
}

statements! {
    /// Adds a session.
    unscoped INSERT_SESSION: SessionRow => () =
        "INSERT INTO session (id_hash, person_id, created, last_seen, expires, address) VALUES ($1, $2, $3, $4, $5, $6)";
    /// The session with this hash.
    unscoped SESSION: (SessionKey,) => SessionRow =
        "SELECT id_hash, person_id, created, last_seen, expires, address FROM session WHERE id_hash = $1";
    /// Records the use of a session and its new expiry, unless a use later than the third time is recorded already.
    unscoped TOUCH_SESSION: (SessionKey, Timestamp, Timestamp, Timestamp) => () =
        "UPDATE session SET last_seen = $2, expires = $3 WHERE id_hash = $1 AND last_seen <= $4";
    /// Deletes a session.
    unscoped DELETE_SESSION: (SessionKey,) => () = "DELETE FROM session WHERE id_hash = $1";
    /// Deletes all sessions of a person.
    unscoped DELETE_SESSIONS_OF_PERSON: (UserId,) => () = "DELETE FROM session WHERE person_id = $1";
    /// Deletes all sessions of a person but one.
    unscoped DELETE_OTHER_SESSIONS: (UserId, SessionKey) => () = "DELETE FROM session WHERE person_id = $1 AND id_hash <> $2";
    /// Deletes the sessions of a person that are not among the newest.
    unscoped DELETE_OLD_SESSIONS: (UserId, i64) => () =
        "DELETE FROM session WHERE person_id = $1 AND id_hash NOT IN (
             SELECT id_hash FROM session WHERE person_id = $1 ORDER BY created DESC, id_hash LIMIT $2)";
    /// Deletes expired sessions.
    system REAP_SESSIONS: (Timestamp, i64) => () =
        "DELETE FROM session WHERE id_hash IN (SELECT id_hash FROM session WHERE expires <= $1 ORDER BY expires LIMIT $2)";
}

/// How long sessions live.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionLifetime {
    /// A session expires when it is unused for so long.
    pub idle: Span,
    /// A session expires after so long even if it is used.
    pub absolute: Span,
}

impl SessionLifetime {
    /// When a session expires that is not used again.
    #[must_use]
    pub fn expiry(&self, created: Timestamp, last_seen: Timestamp) -> Timestamp {
        last_seen.plus_micros(self.idle.micros()).min(created.plus_micros(self.absolute.micros()))
    }
}

/// The most sessions of one person. A new one beyond this deletes the oldest.
pub const MAX_SESSIONS_PER_PERSON: i64 = 100;

/// The time of last use is written at most once in this interval.
const LAST_SEEN_INTERVAL: Span = Span::from_micros(60_000_000);

/// The person, in a session's data.
const PERSON: &str = "person";
/// The token that [`adopt`] passes to the session store, in a session's data.
const TOKEN: &str = "token";

/// The session store.
#[derive(Clone)]
pub struct Sessions {
    /// The database.
    pub db: Db,
    /// The clock.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// How long sessions live.
    pub lifetime: SessionLifetime,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

#[async_trait]
impl SessionStore for Sessions {
    /// Takes the token from the data as the id. A write has inserted the session already.
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let token = record.data.remove(TOKEN).and_then(|token| token.as_str()?.parse().ok());
        record.id = token.ok_or_else(|| backend("a session begins only by signing in"))?;
        self.save(record).await
    }

    /// Fails for a change that would be lost.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        if record.data.keys().eq([PERSON]) { Ok(()) } else { Err(backend("a session has a person and no other data")) }
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let now = (self.now)();
        let row = self.db.optional(&SESSION, (SessionKey::of(id),)).await.map_err(backend)?;
        let Some(row) = row.filter(|row| now < self.lifetime.expiry(row.created, row.last_seen)) else {
            return Ok(None);
        };
        if now.since(row.last_seen) >= LAST_SEEN_INTERVAL {
            let touch = Touch { key: row.id_hash, now, expires: self.lifetime.expiry(row.created, now) };
            // A failure to record the use must not sign the person out.
            if let Err(error) = self.db.write(touch).await {
                tracing::warn!(%error, "a session's last use was not recorded");
            }
        }
        let data = HashMap::from([(PERSON.to_owned(), row.person_id.to_string().into())]);
        // The session layer does not read the expiry of a loaded record.
        Ok(Some(Record { id: *id, data, expiry_date: OffsetDateTime::UNIX_EPOCH }))
    }

    /// Does nothing: a write has deleted the session already.
    async fn delete(&self, _id: &Id) -> session_store::Result<()> {
        Ok(())
    }
}

fn backend(error: impl fmt::Display) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

impl From<session::Error> for Error {
    fn from(error: session::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// The person and the key of a browser's session, if it is signed in.
///
/// # Errors
/// Only those of the database.
pub async fn holder(session: &Session) -> Result<Option<(UserId, SessionKey)>> {
    let person = session.get(PERSON).await?;
    Ok(person.zip(key(session)))
}

/// The key of a browser's session. Not checked: the browser may have sent any id.
#[must_use]
pub fn key(session: &Session) -> Option<SessionKey> {
    session.id().map(|id| SessionKey::of(&id))
}

/// Makes a browser's session the one that a write has just inserted, so that the session layer sets its cookie. Does not use the database.
///
/// # Errors
/// Those of the session layer.
pub async fn adopt(session: &Session, person: UserId, token: &SessionToken) -> Result<()> {
    session.clear().await;
    // Without an id the session is saved by `create`, which takes the token from the data.
    session.cycle_id().await?;
    session.insert(PERSON, person).await?;
    session.insert(TOKEN, token.0.to_string()).await?;
    Ok(session.save().await?)
}

struct Touch {
    key: SessionKey,
    now: Timestamp,
    expires: Timestamp,
}

impl Write for Touch {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let unless_after = self.now.plus_micros(-LAST_SEEN_INTERVAL.micros());
        tx.run(&TOUCH_SESSION, (self.key, self.now, self.expires, unless_after)).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use model::time::{Span, Timestamp};

    use super::{Column, SessionKey, SessionLifetime};
    use crate::value::Value;

    #[test]
    fn session_expires_when_unused_or_old() {
        let lifetime = SessionLifetime { idle: Span::from_micros(10), absolute: Span::from_micros(25) };
        let expiry = |last_seen| lifetime.expiry(Timestamp::from_micros(0), Timestamp::from_micros(last_seen)).micros();
        assert_eq!((expiry(0), expiry(14), expiry(16), expiry(24)), (10, 24, 25, 25));
    }

    #[test]
    fn session_key_survives_a_round_trip_through_its_column() {
        let key = SessionKey([0xa5; 32]);
        assert_eq!(SessionKey::from_value(key.to_value()), Ok(key));
        for bad in ["", "a5", &"zz".repeat(32), &"a5".repeat(33), &"é".repeat(32)] {
            assert!(SessionKey::from_value(Value::Text(bad.to_owned())).is_err(), "{bad}");
        }
    }
}

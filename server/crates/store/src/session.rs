//! Sessions of browsers: the session store for `tower-sessions`.
//!
//! Only the hash of a session's id is stored. A session without a person is not stored. Whether a session is expired is decided here, by the
//! injected clock, and not by the expiry in tower-sessions' record.

use std::{collections::HashMap, fmt, net::IpAddr, sync::Arc};

use async_trait::async_trait;
use model::{
    id::{IdentityId, UserId},
    time::{Span, Timestamp},
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
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
    column,
    db::Db,
    error::{Error, Result},
    identity::LOCK_SECRET,
    record, statements,
    tx::Tx,
    value::{Column, Kind, Type, Value},
    write::Write,
};

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
        pub data: column::Json<HashMap<String, Json>>,
        pub created: Timestamp,
        pub last_seen: Timestamp,
        pub expires: Timestamp,
        pub address: Option<IpAddr>,
    }
}

statements! {
    /// Adds a session.
    unscoped INSERT_SESSION: SessionRow => () =
        "INSERT INTO session (id_hash, person_id, data, created, last_seen, expires, address) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// The session with this hash.
    unscoped SESSION: (SessionKey,) => SessionRow =
        "SELECT id_hash, person_id, data, created, last_seen, expires, address FROM session WHERE id_hash = $1";
    /// Saves a session's data. A session that was deleted since it was loaded is not created again.
    unscoped SAVE_SESSION: (SessionKey, UserId, column::Json<HashMap<String, Json>>) => () =
        "UPDATE session SET person_id = $2, data = $3 WHERE id_hash = $1";
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

/// The keys of session data that also have a column.
const PERSON: &str = "person";
const ADDRESS: &str = "address";
/// The key of the proof, which is verified when the session starts and is not stored.
const PROOF: &str = "proof";

/// What a person proved to start a session: a password, by the hash that it was verified against.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub identity: IdentityId,
    pub secret: String,
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof").field("identity", &self.identity).finish_non_exhaustive()
    }
}

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
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let Some(person_id) = person(&record.data) else { return Ok(()) };
        let Some(proof) = read(&record.data, PROOF) else {
            record.data.clear();
            return Ok(());
        };
        let now = (self.now)();
        let mut data = record.data.clone();
        data.remove(PROOF);
        let row = SessionRow {
            id_hash: SessionKey::of(&record.id),
            person_id,
            address: read(&data, ADDRESS),
            data: column::Json(data.clone()),
            created: now,
            last_seen: now,
            expires: self.lifetime.expiry(now, now),
        };
        let started = self.db.write(Create { row, proof }).await.map_err(backend)?;
        record.data = if started { data } else { HashMap::new() };
        Ok(())
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let key = SessionKey::of(&record.id);
        let outcome = match person(&record.data) {
            Some(person) => self.db.write(Save { key, person, data: column::Json(record.data.clone()) }).await,
            None => self.db.write(Delete(key)).await,
        };
        outcome.map_err(backend)
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
        let expires = self.lifetime.expiry(row.created, now).micros();
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(expires) * 1_000);
        Ok(Some(Record { id: *id, data: row.data.0, expiry_date: expiry_date.unwrap_or(OffsetDateTime::UNIX_EPOCH) }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.db.write(Delete(SessionKey::of(id))).await.map_err(backend)
    }
}

/// The person of a session and the session's key. Made only from the session itself, so it can't be forged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionHolder {
    person: UserId,
    key: SessionKey,
}

impl SessionHolder {
    /// The person.
    #[must_use]
    pub fn person(&self) -> UserId {
        self.person
    }

    /// The key of the session.
    #[must_use]
    pub fn key(&self) -> SessionKey {
        self.key
    }
}

/// The person of a session, if it has one.
///
/// # Errors
/// Only those of the database.
pub async fn holder(session: &Session) -> Result<Option<SessionHolder>, session::Error> {
    let person = session.get::<UserId>(PERSON).await?;
    Ok(person.zip(session.id()).map(|(person, id)| SessionHolder { person, key: SessionKey::of(&id) }))
}

/// Starts a person's session under a new id and without any data from before. False if the proof is no longer valid.
///
/// # Errors
/// Only those of the database.
pub async fn start_session(
    session: &Session,
    person: UserId,
    proof: &Proof,
    address: Option<IpAddr>,
) -> Result<bool, session::Error> {
    session.clear().await;
    session.cycle_id().await?;
    session.insert(PERSON, person).await?;
    session.insert(PROOF, proof).await?;
    if let Some(address) = address {
        session.insert(ADDRESS, address).await?;
    }
    if let Err(error) = session.save().await {
        // Otherwise the session layer would save it with the response, although the response says that the sign-in failed.
        session.clear().await;
        return Err(error);
    }
    let started = session.get::<UserId>(PERSON).await?.is_some();
    if !started {
        session.flush().await?;
    }
    Ok(started)
}

fn person(data: &HashMap<String, Json>) -> Option<UserId> {
    read(data, PERSON)
}

fn read<T: serde::de::DeserializeOwned>(data: &HashMap<String, Json>, name: &str) -> Option<T> {
    data.get(name).and_then(|value| serde_json::from_value(value.clone()).ok())
}

#[expect(clippy::needless_pass_by_value, reason = "so that it fits map_err")]
fn backend(error: Error) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

/// Inserts a session, unless the password changed since it was verified. True if it was inserted.
struct Create {
    row: SessionRow,
    proof: Proof,
}

impl Write for Create {
    type Out = bool;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        // A concurrent change of the password either committed before, or waits for this lock and then deletes this session.
        if tx.optional(&LOCK_SECRET, (self.proof.identity, &self.proof.secret)).await?.is_none() {
            return Ok(false);
        }
        tx.exactly_one(&INSERT_SESSION, &self.row).await?;
        tx.run(&DELETE_OLD_SESSIONS, (self.row.person_id, MAX_SESSIONS_PER_PERSON)).await?;
        Ok(true)
    }
}

struct Save {
    key: SessionKey,
    person: UserId,
    data: column::Json<HashMap<String, Json>>,
}

impl Write for Save {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(&SAVE_SESSION, (self.key, self.person, &self.data)).await.map(drop)
    }
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

struct Delete(SessionKey);

impl Write for Delete {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(&DELETE_SESSION, (self.0,)).await.map(drop)
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

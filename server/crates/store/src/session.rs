//! Sessions of browsers, as `tower-sessions` stores them.
//!
//! Of a session's id only the hash is kept. A session without a person is nobody's and is not stored. When a session is over is judged here, by
//! the clock that is handed in, and not by the time in the record.

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
    identity::HOLD_SECRET,
    record, statements,
    tx::Tx,
    value::{Column, Kind, Type, Value},
    write::Write,
};

/// The hash of a session's id: what a session is known by to everybody but its browser.
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
    fn put(&self) -> Value {
        Value::Text(hash_text(&self.0))
    }
    fn take(value: Value) -> Result<Self> {
        let text = String::take(value)?;
        let mut hash = [0; 32];
        let pairs = text.as_bytes().chunks_exact(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
        for (byte, pair) in hash.iter_mut().zip(pairs) {
            *byte = u8::from_str_radix(pair, 16).map_err(|_| Error::Corrupt("session key"))?;
        }
        (text.len() == 64).then_some(Self(hash)).ok_or(Error::Corrupt("session key"))
    }
}

record! {
    /// A session as it lies in its table.
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
    open INSERT_SESSION: SessionRow => () =
        "INSERT INTO session (id_hash, person_id, data, created, last_seen, expires, address) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// The session with this hash.
    open SESSION: (SessionKey,) => SessionRow =
        "SELECT id_hash, person_id, data, created, last_seen, expires, address FROM session WHERE id_hash = $1";
    /// Keeps what a session carries. One that was ended meanwhile stays ended.
    open SAVE_SESSION: (SessionKey, UserId, column::Json<HashMap<String, Json>>) => () =
        "UPDATE session SET person_id = $2, data = $3 WHERE id_hash = $1";
    /// Notes that a session was used, and when it will be over now, unless a later use than the third time is noted.
    open TOUCH_SESSION: (SessionKey, Timestamp, Timestamp, Timestamp) => () =
        "UPDATE session SET last_seen = $2, expires = $3 WHERE id_hash = $1 AND last_seen <= $4";
    /// Ends a session.
    open DELETE_SESSION: (SessionKey,) => () = "DELETE FROM session WHERE id_hash = $1";
    /// Ends all sessions of a person.
    open DELETE_SESSIONS_OF_PERSON: (UserId,) => () = "DELETE FROM session WHERE person_id = $1";
    /// Ends all sessions of a person but one.
    open DELETE_OTHER_SESSIONS: (UserId, SessionKey) => () = "DELETE FROM session WHERE person_id = $1 AND id_hash <> $2";
    /// Ends the sessions of a person that are not among the newest.
    open DELETE_OLD_SESSIONS: (UserId, i64) => () =
        "DELETE FROM session WHERE person_id = $1 AND id_hash NOT IN (
             SELECT id_hash FROM session WHERE person_id = $1 ORDER BY created DESC, id_hash LIMIT $2)";
    /// Deletes sessions that are over.
    system REAP_SESSIONS: (Timestamp, i64) => () =
        "DELETE FROM session WHERE id_hash IN (SELECT id_hash FROM session WHERE expires <= $1 ORDER BY expires LIMIT $2)";
}

/// How long sessions live.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Life {
    /// A session unused for so long is over.
    pub idle: Span,
    /// A session is over after so long, used or not.
    pub absolute: Span,
}

impl Life {
    /// When a session that was last seen then is over, if it is not seen again.
    #[must_use]
    pub fn end(&self, created: Timestamp, last_seen: Timestamp) -> Timestamp {
        last_seen.plus_micros(self.idle.micros()).min(created.plus_micros(self.absolute.micros()))
    }
}

/// The most sessions of one person: with one more, the oldest ends.
pub const MOST_OF_PERSON: i64 = 100;

/// Last seen is written at most this often.
const NOTE_EVERY: Span = Span::from_micros(60_000_000);

/// What a session carries under these names has a column of its own.
const PERSON: &str = "person";
const ADDRESS: &str = "address";
/// What a session carries under this name is looked at when it begins, and is not kept.
const PROOF: &str = "proof";

/// What somebody showed to begin a session: the password with this hash.
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

/// The store of sessions.
#[derive(Clone)]
pub struct Sessions {
    /// Where they lie.
    pub db: Db,
    /// Tells the time.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// How long they live.
    pub life: Life,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("life", &self.life).finish_non_exhaustive()
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
            expires: self.life.end(now, now),
        };
        let begun = self.db.write(Create { row, proof }).await.map_err(backend)?;
        record.data = if begun { data } else { HashMap::new() };
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
        let Some(row) = row.filter(|row| now < self.life.end(row.created, row.last_seen)) else { return Ok(None) };
        if now.since(row.last_seen) >= NOTE_EVERY {
            let touch = Touch { key: row.id_hash, now, expires: self.life.end(row.created, now) };
            // Nobody is signed out because a note could not be written.
            if let Err(error) = self.db.write(touch).await {
                tracing::warn!(%error, "a session's last use was not noted");
            }
        }
        let end = self.life.end(row.created, now).micros();
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(end) * 1_000);
        Ok(Some(Record { id: *id, data: row.data.0, expiry_date: expiry_date.unwrap_or(OffsetDateTime::UNIX_EPOCH) }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.db.write(Delete(SessionKey::of(id))).await.map_err(backend)
    }
}

/// Whose session it is: read from the session itself, so that nobody else can claim it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Holder {
    person: UserId,
    key: SessionKey,
}

impl Holder {
    /// The person.
    #[must_use]
    pub fn person(&self) -> UserId {
        self.person
    }

    /// What the session is known by.
    #[must_use]
    pub fn key(&self) -> SessionKey {
        self.key
    }
}

/// Whose session it is, if it is anybody's.
///
/// # Errors
/// Only those of the database.
pub async fn holder(session: &Session) -> Result<Option<Holder>, session::Error> {
    let person = session.get::<UserId>(PERSON).await?;
    Ok(person.zip(session.id()).map(|(person, id)| Holder { person, key: SessionKey::of(&id) }))
}

/// Gives the session to a person, under a new id and with nothing in it from before; false if what they showed is not good any more.
///
/// # Errors
/// Only those of the database.
pub async fn give(
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
        // So that it is not saved on the way out, when the person has been told that they are not signed in.
        session.clear().await;
        return Err(error);
    }
    let begun = session.get::<UserId>(PERSON).await?.is_some();
    if !begun {
        session.flush().await?;
    }
    Ok(begun)
}

fn person(data: &HashMap<String, Json>) -> Option<UserId> {
    read(data, PERSON)
}

fn read<T: serde::de::DeserializeOwned>(data: &HashMap<String, Json>, name: &str) -> Option<T> {
    data.get(name).and_then(|value| serde_json::from_value(value.clone()).ok())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn backend(error: Error) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

/// Begins a session, unless the password that was shown is not the person's any more; whether it did.
struct Create {
    row: SessionRow,
    proof: Proof,
}

impl Write for Create {
    type Out = bool;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        // Whoever changes the password has done so by now, or waits for this session and ends it.
        if tx.optional(&HOLD_SECRET, (self.proof.identity, &self.proof.secret)).await?.is_none() {
            return Ok(false);
        }
        tx.exactly_one(&INSERT_SESSION, &self.row).await?;
        tx.run(&DELETE_OLD_SESSIONS, (self.row.person_id, MOST_OF_PERSON)).await?;
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
        let unless_after = self.now.plus_micros(-NOTE_EVERY.micros());
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

    use super::{Column, Life, SessionKey};
    use crate::value::Value;

    #[test]
    fn a_session_ends_when_unused_or_old() {
        let life = Life { idle: Span::from_micros(10), absolute: Span::from_micros(25) };
        let end = |last_seen| life.end(Timestamp::from_micros(0), Timestamp::from_micros(last_seen)).micros();
        assert_eq!((end(0), end(14), end(16), end(24)), (10, 24, 25, 25));
    }

    #[test]
    fn keys_are_read_back_from_their_column() {
        let key = SessionKey([0xa5; 32]);
        assert_eq!(SessionKey::take(key.put()), Ok(key));
        for bad in ["", "a5", &"zz".repeat(32), &"a5".repeat(33), &"é".repeat(32)] {
            assert!(SessionKey::take(Value::Text(bad.to_owned())).is_err(), "{bad}");
        }
    }
}

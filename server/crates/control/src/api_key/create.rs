//! Creates an API key.

use identity::{ApiKey, KeyKind};
use model::{
    api_key::{self, MAX_LIFETIME, MAX_NAME_CHARACTERS},
    audit::AuditEvent,
    id::{ApiKeyId, UserId},
    time::Timestamp,
};
use store::{
    Tx, Write,
    access::hash_text,
    api_key::{COUNT_API_KEYS, INSERT_API_KEY},
    person::LOCK_PERSON,
};

use super::MAX_KEYS;
use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
    form::{Form, line},
};

/// The form with which a person creates a key.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub name: String,
    /// None: the key does not expire.
    pub expires: Option<Timestamp>,
}

/// A new key with its secret, which is shown only now: the server stores its hash alone.
#[derive(Clone, Debug)]
pub struct CreatedKey {
    pub secret: ApiKey,
    pub key: api_key::ApiKey,
}

/// Creates a key for the caller.
///
/// # Errors
/// [`Error::Invalid`] for the fields `name` and `expires`; [`Error::Conflict`] if the caller has too many keys.
pub async fn create(cx: &Cx, caller: Caller, new: NewKey, client: ClientInfo) -> Result<CreatedKey> {
    let now = cx.clock.now();
    let mut form = Form::default();
    let name = form.read("name", line(&new.name, MAX_NAME_CHARACTERS));
    let expires = form.read("expires", bounded(new.expires, now));
    let (Some(name), Some(expires)) = (name, expires) else { return Err(form.into_error()) };
    let secret = ApiKey::mint(KeyKind::User, |bytes| cx.ids.fill(bytes));
    let key = api_key::ApiKey {
        id: cx.ids.make(now),
        name,
        created: now,
        expires,
        last_used: None,
        last_four: secret.last_four().to_owned(),
    };
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::ApiKeyCreated, client);
    let hash = hash_text(&secret.sha256());
    cx.db.write(CreateKey { person: caller.person(), key: key.clone(), hash, audit }).await?;
    Ok(CreatedKey { secret, key })
}

fn bounded(expires: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, &'static str> {
    match expires {
        Some(end) if end <= now => Err("choose a time in the future"),
        Some(end) if end.since(now) > MAX_LIFETIME => Err("choose a time within ten years, or never"),
        expires => Ok(expires),
    }
}

struct CreateKey {
    person: UserId,
    key: api_key::ApiKey,
    hash: String,
    audit: AuditRecord,
}

impl Write for CreateKey {
    type Out = ApiKeyId;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<ApiKeyId> {
        tx.one(&LOCK_PERSON, (self.person,)).await?;
        let (keys,) = tx.one(&COUNT_API_KEYS, (self.person,)).await?;
        if keys >= MAX_KEYS {
            let limit = format!("You’ve reached the limit of {MAX_KEYS} keys. Delete one to create another.");
            return Err(Error::Conflict(limit));
        }
        let api_key::ApiKey { id, name, created, expires, last_four, .. } = &self.key;
        tx.exactly_one(&INSERT_API_KEY, (id, self.person, name, &self.hash, last_four, created, expires)).await?;
        self.audit.insert(tx, Some(name)).await?;
        Ok(*id)
    }
}

//! A new key.

use identity::{ApiKey, KeyKind};
use model::{
    api_key::{self, LONGEST_LIFE, LONGEST_NAME},
    audit::AuditEvent,
    id::{ApiKeyId, UserId},
    time::Timestamp,
};
use store::{
    Tx, Write,
    access::hash_text,
    api_key::{COUNT_API_KEYS, INSERT_API_KEY},
    person::HOLD_PERSON,
};

use super::MOST;
use crate::{
    Cx, Error, Result,
    access::{Caller, Origin},
    audit::Act,
    form::{Form, line},
};

/// What somebody fills in to make a key.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub name: String,
    /// None: never.
    pub expires: Option<Timestamp>,
}

/// A new key: the only time that it can be seen.
#[derive(Clone, Debug)]
pub struct CreatedKey {
    pub secret: ApiKey,
    pub key: api_key::ApiKey,
}

/// Makes a key for the caller.
///
/// # Errors
/// [`Error::Invalid`] for the fields `name` and `expires`; [`Error::Conflict`] if there are too many keys.
pub async fn create(cx: &Cx, caller: Caller, new: NewKey, origin: Origin) -> Result<CreatedKey> {
    let now = cx.clock.now();
    let mut form = Form::default();
    let name = form.read("name", line(&new.name, LONGEST_NAME));
    let expires = form.read("expires", bounded(new.expires, now));
    let (Some(name), Some(expires)) = (name, expires) else { return Err(form.refusal()) };
    let secret = ApiKey::mint(KeyKind::User, |bytes| cx.ids.fill(bytes));
    let key = api_key::ApiKey {
        id: cx.ids.make(now),
        name,
        created: now,
        expires,
        last_used: None,
        last_four: secret.last_four().to_owned(),
    };
    let act = Act::of(cx, caller, AuditEvent::ApiKeyCreated, origin);
    let hash = hash_text(&secret.sha256());
    cx.db.write(CreateKey { person: caller.person(), key: key.clone(), hash, act }).await?;
    Ok(CreatedKey { secret, key })
}

fn bounded(expires: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, &'static str> {
    match expires {
        Some(end) if end <= now => Err("choose a time that is still to come"),
        Some(end) if end.since(now) > LONGEST_LIFE => Err("choose a time within ten years, or never"),
        expires => Ok(expires),
    }
}

struct CreateKey {
    person: UserId,
    key: api_key::ApiKey,
    hash: String,
    act: Act,
}

impl Write for CreateKey {
    type Out = ApiKeyId;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<ApiKeyId> {
        tx.one(&HOLD_PERSON, (self.person,)).await?;
        let (keys,) = tx.one(&COUNT_API_KEYS, (self.person,)).await?;
        if keys >= MOST {
            return Err(Error::Conflict(format!("You have {MOST} keys. Delete those that you no longer need.")));
        }
        let api_key::ApiKey { id, name, created, expires, last_four, .. } = &self.key;
        tx.exactly_one(&INSERT_API_KEY, (id, self.person, name, &self.hash, last_four, created, expires)).await?;
        self.act.note(tx, Some(name)).await?;
        Ok(*id)
    }
}

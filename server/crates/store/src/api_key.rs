//! API keys: only the hash of a key is stored. [`access`](crate::access) authenticates by it.

use model::{
    api_key::ApiKey,
    id::{ApiKeyId, UserId},
    time::Timestamp,
};

use crate::{record, statements};

record! {
    for ApiKey {
        id: ApiKeyId,
        name: String,
        created: Timestamp,
        expires: Option<Timestamp>,
        last_used: Option<Timestamp>,
        last_four: String,
    }
}

statements! {
    /// Adds a key: id, person, name, hash, last four characters, time of creation, time of expiry.
    unscoped INSERT_API_KEY: (ApiKeyId, UserId, String, String, String, Timestamp, Option<Timestamp>) => () =
        "INSERT INTO api_key (id, person_id, name, key_hash, last_four, created, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// The keys of a person, the newest first.
    unscoped API_KEYS_OF_PERSON: (UserId, i64) => ApiKey = select
        "FROM api_key
         WHERE person_id = $1 ORDER BY created DESC, id DESC LIMIT $2";
    /// How many keys a person has.
    unscoped COUNT_API_KEYS: (UserId,) => (i64,) = "SELECT COUNT(*) FROM api_key WHERE person_id = $1";
    /// The name of one key of a person.
    unscoped API_KEY_NAME: (ApiKeyId, UserId) => (String,) = "SELECT name FROM api_key WHERE id = $1 AND person_id = $2";
    /// Deletes one key of a person.
    unscoped DELETE_API_KEY: (ApiKeyId, UserId) => () = "DELETE FROM api_key WHERE id = $1 AND person_id = $2";
}

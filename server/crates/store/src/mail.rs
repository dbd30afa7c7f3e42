//! Mail that waits to be sent, and the tokens of the links in it.

use model::{id::UserId, mail::MailId, time::Timestamp};

use crate::{
    column::id_columns,
    error::{Error, Result},
    record, statements,
    value::{Column, Kind, Type, Value},
};

id_columns!(MailId);

/// What the link in a mail is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenPurpose {
    /// To verify the address of a person.
    Verify,
    /// To verify the address that a person wants to have instead of theirs.
    Change,
    /// To choose a new password.
    Reset,
}

impl TokenPurpose {
    const ALL: [(Self, &'static str); 3] = [(Self::Verify, "verify"), (Self::Change, "change"), (Self::Reset, "reset")];
}

impl Column for TokenPurpose {
    const KIND: Kind = Kind::of(Type::Text);
    fn to_value(&self) -> Value {
        let text = Self::ALL.iter().find(|(purpose, _)| purpose == self).map_or("", |(_, text)| text);
        Value::Text(text.to_owned())
    }
    fn from_value(value: Value) -> Result<Self> {
        let text = String::from_value(value)?;
        let found = Self::ALL.iter().find(|(_, known)| *known == text);
        found.map(|(purpose, _)| *purpose).ok_or(Error::Corrupt("purpose of a token"))
    }
}

record! {
    /// A row of `mail`.
    pub struct MailRow {
        pub id: MailId,
        /// The name of the kind of mail, for logs.
        pub kind: String,
        /// The address that it goes to.
        pub recipient: String,
        /// Whom it is about; `None` if it is about an address that was typed.
        pub person_id: Option<UserId>,
        /// What the mail says, as JSON of `control`.
        pub content: String,
        /// Whether a request about the address has caused it, which anybody can send; otherwise a change of the account has.
        pub requested: bool,
        pub created: Timestamp,
        /// How often it was claimed to be sent.
        pub attempts: i64,
        /// When it is to be sent, or sent again; `None` once it was sent or given up.
        pub next_attempt: Option<Timestamp>,
    }
}

record! {
    /// A row of `mail_token`.
    pub struct TokenRow {
        /// The SHA-256 of the token.
        pub token_hash: String,
        pub purpose: TokenPurpose,
        pub person_id: UserId,
        /// The address that it was sent to.
        pub address: String,
        pub created: Timestamp,
        pub expires: Timestamp,
    }
}

statements! {
    /// Makes writes that queue mail for the same address wait for each other until they end, so that they count its mails without a race.
    unscoped LOCK_RECIPIENT: (String,) => (String,) = sqlite "SELECT $1"
        postgres "SELECT CAST(pg_advisory_xact_lock(hashtextextended($1, 0)) AS TEXT)";
    /// How many mails for an address were queued after a time, of those that were requested or of the others.
    unscoped COUNT_MAILS: (String, bool, Timestamp) => (i64,) =
        "SELECT COUNT(*) FROM mail WHERE recipient = $1 AND requested = $2 AND created > $3";
    /// How many mails wait to be sent, counted up to a limit.
    unscoped COUNT_WAITING_MAILS: (i64,) => (i64,) =
        "SELECT COUNT(*) FROM (SELECT id FROM mail WHERE next_attempt IS NOT NULL LIMIT $1) AS waiting";
    /// Queues a mail.
    unscoped INSERT_MAIL: MailRow => () =
        "INSERT INTO mail (id, kind, recipient, person_id, content, requested, created, attempts, next_attempt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// Gives up a person's waiting mails of a kind.
    unscoped CANCEL_MAILS: (UserId, String) => () =
        "UPDATE mail SET next_attempt = NULL, content = 'null' WHERE person_id = $1 AND kind = $2 AND next_attempt IS NOT NULL";
    /// Claims the mail that is due for the longest time until the second time, when another server may claim it.
    system CLAIM_MAIL: (Timestamp, Timestamp) => MailRow =
        sqlite "UPDATE mail SET attempts = attempts + 1, next_attempt = $2
         WHERE id = (SELECT id FROM mail WHERE next_attempt <= $1 ORDER BY next_attempt, id LIMIT 1)
         RETURNING id, kind, recipient, person_id, content, requested, created, attempts, next_attempt"
        postgres "UPDATE mail SET attempts = attempts + 1, next_attempt = $2
         WHERE id = (SELECT id FROM mail WHERE next_attempt <= $1 ORDER BY next_attempt, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, kind, recipient, person_id, content, requested, created, attempts, next_attempt";
    /// Records that a mail was sent, or is not to be sent, unless another server has claimed it since.
    system FINISH_MAIL: (MailId, i64) => () =
        "UPDATE mail SET next_attempt = NULL, content = 'null', last_error = NULL WHERE id = $1 AND attempts = $2";
    /// Records that a mail could not be sent and when it is tried again, unless another server has claimed it since.
    system RETRY_MAIL: (MailId, i64, Timestamp, String) => () =
        "UPDATE mail SET next_attempt = $3, last_error = $4 WHERE id = $1 AND attempts = $2";
    /// Deletes mails that are done and were queued before a time.
    system REAP_MAILS: (Timestamp, i64) => () =
        "DELETE FROM mail WHERE id IN (
             SELECT id FROM mail WHERE next_attempt IS NULL AND created <= $1 ORDER BY created LIMIT $2)";
    /// Sets a person's token of a purpose. The one before is void.
    system SET_TOKEN: TokenRow => () =
        "INSERT INTO mail_token (token_hash, purpose, person_id, address, created, expires) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (person_id, purpose) DO UPDATE SET token_hash = EXCLUDED.token_hash, address = EXCLUDED.address,
             created = EXCLUDED.created, expires = EXCLUDED.expires";
    /// Deletes expired tokens.
    system REAP_TOKENS: (Timestamp, i64) => () =
        "DELETE FROM mail_token WHERE token_hash IN (
             SELECT token_hash FROM mail_token WHERE expires <= $1 ORDER BY expires LIMIT $2)";
    /// The token with this hash.
    unscoped TOKEN: (String,) => TokenRow = select "FROM mail_token WHERE token_hash = $1";
    /// Takes a token, so that it is used once.
    unscoped TAKE_TOKEN: (String,) => TokenRow =
        "DELETE FROM mail_token WHERE token_hash = $1 RETURNING token_hash, purpose, person_id, address, created, expires";
    /// Voids a person's token of a purpose.
    unscoped DELETE_TOKEN: (UserId, TokenPurpose) => () =
        "DELETE FROM mail_token WHERE person_id = $1 AND purpose = $2";
}

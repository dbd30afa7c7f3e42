//! Sends the mail that is due. A mail is claimed, sent and then marked as done; a claim ends by itself, so that another server sends what
//! one has left behind. The address is looked up here and not in the request, which takes the same time whether it has an account or not.

use identity::{
    Email, MailToken,
    mail::{Delivery, MailError, Outgoing},
};
use model::{
    id::UserId,
    time::{Span, Timestamp},
};
use store::{
    Tx, Write,
    access::hash_text,
    identity::PASSWORD_BY_EMAIL,
    mail::{CLAIM_MAIL, FINISH_MAIL, MailRow, REAP_MAILS, REAP_TOKENS, RETRY_MAIL, SET_TOKEN, TokenPurpose, TokenRow},
    person::CONTACT,
    system::ServiceName,
};

use super::{Content, link, queue::WINDOW};
use crate::{Cx, Error, Result};

/// How long a server has to send a mail that it has claimed: more than the time limit of a mail server.
const CLAIM: Span = Span::from_micros(60_000_000);
/// The pause after the first failed attempt; it doubles with each further one.
const MIN_BACKOFF: i64 = 10_000_000;
/// The longest pause between two attempts.
const MAX_BACKOFF: i64 = 3_600_000_000;
/// A mail is given up after this time.
const GIVE_UP_AFTER: Span = Span::from_micros(86_400_000_000);

/// What [`send_due`] has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sending {
    /// How many mails were sent.
    pub sent: u64,
    /// Whether more may be due.
    pub more: bool,
}

/// Sends at most `limit` mails that are due. A mail that can't be sent is tried again later, and does not keep the others from being sent.
///
/// # Errors
/// [`Error::Unavailable`] if the mail server can't be used, and those of the database.
pub async fn send_due(cx: &Cx, limit: u64) -> Result<Sending> {
    let mut sending = Sending::default();
    for _ in 0..limit {
        let Some(claimed) = cx.db.write(ClaimMail::new(cx)).await? else { return Ok(sending) };
        match attempt(cx, &claimed).await {
            Ok(sent) => {
                sending.sent += u64::from(sent);
                cx.db.write(FinishMail { mail: claimed.row }).await?;
            }
            Err(error) => {
                let is_outage = error.is_outage();
                postpone(cx, claimed.row, &error).await?;
                if is_outage {
                    return Err(Error::Unavailable);
                }
            }
        }
    }
    Ok(Sending { more: true, ..sending })
}

/// Sends a mail, unless there is no reason to any more. Returns whether it was sent.
async fn attempt(cx: &Cx, claimed: &ClaimedMail) -> Result<bool, MailError> {
    let ClaimedMail { row, content: Some(content), token } = claimed else { return Ok(false) };
    let to: Email = row.recipient.parse().map_err(|_| MailError::Invalid("the recipient is no address".to_owned()))?;
    let token = token.as_ref().map(MailToken::text).unwrap_or_default();
    let message = content.message(cx, &token, row.created);
    let outgoing = Outgoing { id: row.id, kind: &row.kind, to: &to, message: &message, now: row.created };
    match cx.mailer.send(outgoing).await? {
        Delivery::Smtp => tracing::info!(mail.id = %row.id, mail.kind = row.kind, "sent a mail"),
        // Its link is in the file alone, which only the user that runs the server can read.
        Delivery::File(file) => {
            tracing::info!(mail.id = %row.id, mail.kind = row.kind, file, "wrote a mail to the outbox folder");
        }
    }
    Ok(true)
}

/// Tries a mail again later, or gives it up.
async fn postpone(cx: &Cx, mail: MailRow, error: &MailError) -> Result<()> {
    let now = cx.clock.now();
    if now.since(mail.created) >= GIVE_UP_AFTER {
        tracing::error!(mail.id = %mail.id, mail.kind = mail.kind, attempts = mail.attempts, %error, "gave up sending a mail");
        cx.db.write(FinishMail { mail }).await
    } else {
        tracing::warn!(mail.id = %mail.id, mail.kind = mail.kind, attempts = mail.attempts, %error, "a mail could not be sent");
        cx.db.write(RetryMail { next: now.plus_micros(backoff(mail.attempts)), error: error.to_string(), mail }).await
    }
}

/// The pause after so many failed attempts, in microseconds.
fn backoff(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
    (MIN_BACKOFF << doublings).min(MAX_BACKOFF)
}

/// A mail that this server may send now.
struct ClaimedMail {
    row: MailRow,
    /// `None` if the mail is not to be sent: its address has no account, or what it is about has changed.
    content: Option<Content>,
    /// Of its link.
    token: Option<MailToken>,
}

/// Claims the mail that is due for the longest time. In the same write the token of its link is stored.
struct ClaimMail {
    now: Timestamp,
    token: MailToken,
}

impl ClaimMail {
    fn new(cx: &Cx) -> Self {
        let mut random = [0; 32];
        cx.ids.fill(&mut random);
        Self { now: cx.clock.now(), token: MailToken::new(random) }
    }

    /// The person for whom a link of this purpose is made, if there is one.
    async fn holder(tx: &mut Tx<'_>, row: &MailRow, purpose: TokenPurpose) -> store::Result<Option<UserId>> {
        Ok(match (purpose, row.person_id) {
            (TokenPurpose::Reset, _) => {
                tx.optional(&PASSWORD_BY_EMAIL, (&row.recipient,)).await?.map(|password| password.person_id)
            }
            (TokenPurpose::Verify, Some(person)) => {
                let contact = tx.optional(&CONTACT, (person,)).await?;
                let is_unverified = contact == Some((Some(row.recipient.clone()), None));
                is_unverified.then_some(person)
            }
            (TokenPurpose::Change, person) => person,
            (TokenPurpose::Verify, None) => None,
        })
    }
}

impl Write for ClaimMail {
    type Out = Option<ClaimedMail>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<ClaimedMail>> {
        let until = self.now.plus_micros(CLAIM.micros());
        let claimed = tx.system(ServiceName::MailSender).optional(&CLAIM_MAIL, (self.now, until)).await?;
        let Some(row) = claimed else { return Ok(None) };
        let content = serde_json::from_str::<Content>(&row.content).ok();
        let Some(purpose) = content.as_ref().and_then(|content| content.kind().token) else {
            return Ok(Some(ClaimedMail { row, content, token: None }));
        };
        let Some(person_id) = Self::holder(tx, &row, purpose).await? else {
            return Ok(Some(ClaimedMail { row, content: None, token: None }));
        };
        let token = TokenRow {
            token_hash: hash_text(&self.token.sha256()),
            purpose,
            person_id,
            address: row.recipient.clone(),
            created: self.now,
            expires: link::expiry(purpose, self.now),
        };
        tx.system(ServiceName::MailSender).exactly_one(&SET_TOKEN, &token).await?;
        Ok(Some(ClaimedMail { row, content, token: Some(self.token.clone()) }))
    }
}

/// Marks a mail as done.
struct FinishMail {
    mail: MailRow,
}

impl Write for FinishMail {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut system = tx.system(ServiceName::MailSender);
        system.run(&FINISH_MAIL, (self.mail.id, self.mail.attempts)).await?;
        Ok(())
    }
}

/// Marks a mail as to be tried again.
struct RetryMail {
    mail: MailRow,
    next: Timestamp,
    error: String,
}

impl Write for RetryMail {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut system = tx.system(ServiceName::MailSender);
        system.run(&RETRY_MAIL, (self.mail.id, self.mail.attempts, self.next, &self.error)).await?;
        Ok(())
    }
}

/// Deletes at most `limit` mails that are done and count no more, and as many expired tokens.
///
/// # Errors
/// Only those of the database.
pub async fn reap(cx: &Cx, limit: i64) -> Result<()> {
    cx.db.write(Reap { now: cx.clock.now(), limit }).await
}

struct Reap {
    now: Timestamp,
    limit: i64,
}

impl Write for Reap {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut system = tx.system(ServiceName::MailSender);
        system.run(&REAP_MAILS, (self.now.plus_micros(-WINDOW.micros()), self.limit)).await?;
        system.run(&REAP_TOKENS, (self.now, self.limit)).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::backoff;

    #[test]
    fn the_pause_doubles_from_ten_seconds_to_one_hour() {
        let seconds: Vec<i64> = [1, 2, 3, 9, 10, 1_000].map(|attempts| backoff(attempts) / 1_000_000).into();
        assert_eq!(seconds, [10, 20, 40, 2_560, 3_600, 3_600]);
        assert_eq!(backoff(i64::MAX), backoff(10));
    }
}

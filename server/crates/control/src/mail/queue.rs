//! Queues mail within a write.

use model::{
    id::UserId,
    mail::MailId,
    time::{Span, Timestamp},
};
use store::{
    Change, Tx,
    mail::{COUNT_MAILS, COUNT_WAITING_MAILS, INSERT_MAIL, LOCK_RECIPIENT, MailRow},
    person::CONTACT,
};

use super::{Content, Notice};
use crate::Cx;

/// The time in which the mails for one address are counted.
pub(super) const WINDOW: Span = Span::from_micros(3_600_000_000);
/// The most mails for one address in [`WINDOW`] that requests about the address cause, which anybody can send.
const MAX_REQUESTED: i64 = 3;
/// The most notices for one address in [`WINDOW`]. They are counted by themselves, so that no stranger's requests suppress them.
const MAX_NOTICES: i64 = 20;
/// The most mails that wait to be sent.
const MAX_WAITING: i64 = 10_000;

/// A mail that a write is going to queue.
#[derive(Clone, Debug)]
pub struct Mail {
    id: MailId,
    to: Recipient,
    content: Content,
    created: Timestamp,
}

#[derive(Clone, Debug)]
enum Recipient {
    /// This address, of the person if there is one.
    Address(String, Option<UserId>),
    /// The address that the person has when the mail is queued.
    Person(UserId),
}

/// A notice of what happens to a person's account.
#[must_use]
pub fn notice(cx: &Cx, person: UserId, notice: Notice) -> Mail {
    Mail::make(cx, Recipient::Person(person), Content::Notice(notice))
}

impl Mail {
    /// A mail to an address that was typed.
    pub(crate) fn to_address(cx: &Cx, address: &str, content: Content) -> Self {
        Self::make(cx, Recipient::Address(address.to_owned(), None), content)
    }

    /// A mail to an address of a person, which need not be their contact address yet.
    pub(crate) fn to_address_of(cx: &Cx, person: UserId, address: &str, content: Content) -> Self {
        Self::make(cx, Recipient::Address(address.to_owned(), Some(person)), content)
    }

    fn make(cx: &Cx, to: Recipient, content: Content) -> Self {
        let created = cx.clock.now();
        Self { id: cx.ids.make(created), to, content, created }
    }

    /// Queues the mail. It is dropped if its recipient got too many, if too many wait, or if the person has no address; the write does
    /// not learn that, because its answer must not tell.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn queue(&self, tx: &mut Tx<'_>) -> store::Result<()> {
        let Some((recipient, person_id)) = self.recipient(tx).await? else { return Ok(()) };
        let kind = self.content.kind();
        tx.optional(&LOCK_RECIPIENT, (&recipient,)).await?;
        let since = self.created.plus_micros(-WINDOW.micros());
        let (recent,) = tx.one(&COUNT_MAILS, (&recipient, kind.requested, since)).await?;
        let (waiting,) = tx.one(&COUNT_WAITING_MAILS, (MAX_WAITING,)).await?;
        let most = if kind.requested { MAX_REQUESTED } else { MAX_NOTICES };
        if recent >= most || waiting >= MAX_WAITING {
            tracing::warn!(
                mail.kind = kind.name,
                recent,
                waiting,
                "a mail was dropped: too many for its address, or too many wait"
            );
            return Ok(());
        }
        let row = MailRow {
            id: self.id,
            kind: kind.name.to_owned(),
            recipient,
            person_id,
            content: to_json(&self.content),
            requested: kind.requested,
            created: self.created,
            attempts: 0,
            next_attempt: Some(self.created),
        };
        tx.exactly_one(&INSERT_MAIL, &row).await?;
        tx.publish(Change::MailQueued);
        Ok(())
    }

    async fn recipient(&self, tx: &mut Tx<'_>) -> store::Result<Option<(String, Option<UserId>)>> {
        Ok(match &self.to {
            Recipient::Address(address, person) => Some((address.clone(), *person)),
            Recipient::Person(person) => {
                let contact = tx.optional(&CONTACT, (*person,)).await?;
                contact.and_then(|(email, _)| email).map(|email| (email, Some(*person)))
            }
        })
    }
}

fn to_json(content: &Content) -> String {
    serde_json::to_string(content).expect("texts and names of variants are valid JSON")
}

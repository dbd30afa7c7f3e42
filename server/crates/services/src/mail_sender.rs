//! Sends the mail that is queued. A mail server that is down keeps no request waiting: mails are tried again for a day.

use std::time::Duration;

use control::{
    Cx, Result,
    changes::Change,
    mail::{self, Sending},
};

use crate::service::{Report, Service};

/// Maximum mails of one tick.
const BATCH: u64 = 20;
/// Maximum rows that one tick deletes.
const REAP_BATCH: i64 = 500;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct MailSender;

impl Service for MailSender {
    const NAME: &'static str = "mail-sender";
    const TITLE: &'static str = "Mail";
    const DESCRIPTION: &'static str = "Sends mail";
    const COUNTS: (&'static str, &'static str) = ("mail sent", "mails sent");

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    fn woken_by(&self) -> Option<fn(&Change) -> bool> {
        Some(|change| *change == Change::MailQueued)
    }

    async fn tick(&self, cx: &Cx) -> Result<Report> {
        mail::reap(cx, REAP_BATCH).await?;
        let Sending { sent, more } = mail::send_due(cx, BATCH).await?;
        Ok(Report { done: sent, more })
    }
}

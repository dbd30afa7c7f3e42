//! Changes on their way to the other replicas on the same PostgreSQL.
//!
//! A commit leaves its changes here and goes on; one task sends them, so that `NOTIFY`, which takes a lock over the whole database, never
//! runs inside a write. What commits within [`COALESCE`] is sent together, once.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{Change, message::Message, replicas};
use crate::{driver::Postgres, error::Result};

/// How long a change waits for others that are sent with it.
const COALESCE: Duration = Duration::from_millis(20);
/// The most changes of one round; instead of more the other replicas get [`Change::Unknown`].
const MOST_PENDING: usize = 4_096;
/// The most changes of one message: PostgreSQL takes payloads below 8,000 bytes, and a change has at most 120 bytes in it.
const MOST_IN_MESSAGE: usize = 64;
/// How long after a message the number of sent messages is saved.
const SAVE_AFTER: Duration = Duration::from_secs(2);
/// How long the sender waits after a failure.
const RETRY: Duration = Duration::from_secs(1);
/// How long a process that ends waits for its last changes to be sent.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

/// Where commits leave their changes. The task that sends them ends when this is dropped.
#[derive(Debug)]
pub(super) struct Outbox(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    pending: Mutex<Pending>,
    filled: Notify,
    sent: Notify,
    closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Pending {
    changes: HashSet<Change>,
    /// Changes were dropped: the others have to read afresh.
    lost: bool,
    /// The sender has taken changes that have not arrived yet.
    sending: bool,
}

impl Pending {
    fn is_done(&self) -> bool {
        self.changes.is_empty() && !self.lost && !self.sending
    }
}

impl Outbox {
    /// Starts the task that sends.
    pub(super) fn start(url: Arc<str>, process: u64) -> Self {
        let shared = Arc::new(Shared::default());
        let sender = Sender { shared: Arc::clone(&shared), url, process, number: 0, save_at: None, connection: None };
        // The task ends when this outbox is dropped.
        drop(tokio::spawn(sender.run()));
        Self(shared)
    }

    pub(super) fn add(&self, changes: &[Change]) {
        self.0.pending().add(changes);
        self.0.filled.notify_one();
    }

    /// Waits until everything was sent, for at most [`FLUSH_LIMIT`].
    pub(super) async fn flush(&self) {
        let flushed = tokio::time::timeout(FLUSH_LIMIT, async {
            loop {
                let sent = self.0.sent.notified();
                if self.0.pending().is_done() {
                    return;
                }
                sent.await;
            }
        });
        if flushed.await.is_err() {
            tracing::warn!("other replicas were not notified of the last changes; they notice within some seconds");
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.filled.notify_one();
    }
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    fn add(&mut self, changes: &[Change]) {
        if self.changes.len() + changes.len() > MOST_PENDING {
            self.changes.clear();
            self.lost = true;
        } else if !self.lost {
            self.changes.extend(changes.iter().cloned());
        }
    }

    fn take(&mut self) -> Vec<Change> {
        if std::mem::take(&mut self.lost) {
            self.changes.clear();
            return vec![Change::Unknown];
        }
        self.changes.drain().collect()
    }
}

struct Sender {
    shared: Arc<Shared>,
    url: Arc<str>,
    process: u64,
    /// How many messages were sent.
    number: u64,
    /// When that number is to be saved, if it is not saved yet.
    save_at: Option<Instant>,
    connection: Option<Postgres>,
}

impl Sender {
    async fn run(mut self) {
        loop {
            tokio::select! {
                () = self.shared.filled.notified() => {}
                () = sleep_until(self.save_at.unwrap_or_else(Instant::now)), if self.save_at.is_some() => {
                    self.save().await;
                    continue;
                }
            }
            if self.shared.closed.load(Ordering::Acquire) {
                return;
            }
            tokio::time::sleep(COALESCE).await;
            let changes = {
                let mut pending = self.shared.pending();
                pending.sending = true;
                pending.take()
            };
            let sent = self.send(changes).await;
            {
                let mut pending = self.shared.pending();
                pending.sending = false;
                pending.lost |= sent.is_err();
            }
            self.shared.sent.notify_waiters();
            if let Err(error) = sent {
                tracing::warn!(%error, "other replicas were not notified of changes; trying again");
                self.connection = None;
                tokio::time::sleep(RETRY).await;
                self.shared.filled.notify_one();
            }
        }
    }

    async fn send(&mut self, changes: Vec<Change>) -> Result<()> {
        let mut changes = changes.into_iter().peekable();
        while changes.peek().is_some() {
            let some = changes.by_ref().take(MOST_IN_MESSAGE).collect();
            let message = Message { process: self.process, number: self.number + 1, changes: some };
            let connection = match &mut self.connection {
                Some(connection) => connection,
                none => none.insert(Postgres::connect(&self.url, Some(replicas::STATEMENT_LIMIT)).await?),
            };
            connection.notify(message.encode()).await?;
            self.number += 1;
            self.save_at.get_or_insert_with(|| Instant::now() + SAVE_AFTER);
        }
        Ok(())
    }

    /// Saves how many messages were sent, for replicas that missed some. A failure shows at the next message.
    async fn save(&mut self) {
        self.save_at = None;
        if let Some(connection) = &mut self.connection
            && let Err(error) = replicas::save(connection, self.process, self.number).await
        {
            tracing::debug!(%error, "the number of sent messages was not saved");
            self.connection = None;
        }
    }
}

//! Changes that other replicas on the same PostgreSQL commit.
//!
//! They arrive by `LISTEN`. Behind it, every replica saves how many messages it has sent, and the others compare that with what they
//! received: a lost message becomes [`Change::Unknown`], upon which subscribers read afresh.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{Change, Changes, message::Message};
use crate::{
    driver::{Listener, Postgres},
    error::Result,
    statements,
    system::ServiceName,
    tx::{Tx, TxState},
};

/// How long the server works on one statement of these connections.
pub(super) const STATEMENT_LIMIT: Duration = Duration::from_secs(2);
/// How often the saved numbers are compared.
const POLL_EVERY: Duration = Duration::from_secs(3);
/// How long a connection that failed is left alone.
const RETRY: Duration = Duration::from_secs(1);
/// The row of a replica that has sent nothing for so long is deleted; a living one inserts it again.
const STALE_AFTER: Duration = Duration::from_secs(3_600);

statements! {
    /// Saves how many messages a replica has sent.
    system SAVE_REPLICA: (i64, i64) => () =
        "INSERT INTO replica (id, messages) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET messages = excluded.messages";
    /// How many messages each replica has sent.
    system REPLICAS: (i64,) => (i64, i64) = "SELECT id, messages FROM replica WHERE id <> $1 ORDER BY id LIMIT 1000";
    /// Deletes the row of a replica that has not sent any since.
    system DELETE_REPLICA: (i64, i64) => () = "DELETE FROM replica WHERE id = $1 AND messages = $2";
}

/// The bits of a process number, as they are stored.
fn stored(process: u64) -> i64 {
    process.cast_signed()
}

pub(super) async fn save(connection: &mut Postgres, process: u64, messages: u64) -> Result<()> {
    let mut state = TxState::write(None, 0);
    let mut tx = Tx::new(connection.link(), &mut state);
    tx.system(ServiceName::Replicas).run(&SAVE_REPLICA, (stored(process), stored(messages))).await.map(drop)
}

/// What was received from another replica.
#[derive(Clone, Copy, Debug)]
struct Received {
    /// The number of the newest message.
    number: u64,
    /// The number that was saved when it was last looked up, and since when it is that.
    saved: u64,
    since: Instant,
}

/// Publishes the changes of other replicas to the subscribers of this one, until the runtime ends.
pub(crate) fn follow(url: Arc<str>, changes: &Changes) {
    let others = Others { process: changes.process(), changes: changes.clone(), received: Mutex::default() };
    let others = Arc::new(others);
    drop(tokio::spawn(listen(Arc::clone(&url), Arc::clone(&others))));
    drop(tokio::spawn(poll(url, others)));
}

struct Others {
    process: u64,
    changes: Changes,
    received: Mutex<HashMap<u64, Received>>,
}

impl Others {
    fn receive(&self, payload: &str) {
        let Some(Message { process, number, changes }) = Message::decode(payload) else {
            // A replica of another version.
            return self.changes.publish([Change::Unknown]);
        };
        if process == self.process {
            return;
        }
        let missed = {
            let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = received.entry(process).or_insert(Received {
                number: number.saturating_sub(1),
                saved: 0,
                since: Instant::now(),
            });
            let missed = number > entry.number + 1;
            entry.number = entry.number.max(number);
            missed
        };
        self.changes.publish(missed.then_some(Change::Unknown).into_iter().chain(changes));
    }

    /// Compares the saved numbers with those that were received; the replicas whose rows are stale.
    fn compare(&self, saved: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let now = Instant::now();
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut missed, mut stale) = (false, Vec::new());
        for (id, messages) in saved {
            let number = messages.cast_unsigned();
            // What an unknown replica sent before this look was sent before anybody could subscribe here, or is received anyway.
            let entry = received.entry(id.cast_unsigned()).or_insert(Received { number, saved: number, since: now });
            if entry.saved != number {
                (entry.saved, entry.since) = (number, now);
            } else if number > entry.number {
                // It was saved one look ago, so the message itself is overdue.
                (missed, entry.number) = (true, number);
            } else if now.duration_since(entry.since) > STALE_AFTER {
                stale.push((*id, *messages));
            }
        }
        // Entries of replicas that have ended must not pile up.
        let is_saved = |process: &u64| saved.iter().any(|(id, _)| id.cast_unsigned() == *process);
        received.retain(|process, entry| is_saved(process) || now.duration_since(entry.since) <= STALE_AFTER);
        drop(received);
        if missed {
            self.changes.publish([Change::Unknown]);
        }
        stale
    }
}

async fn listen(url: Arc<str>, others: Arc<Others>) {
    loop {
        if let Err(error) = listen_once(&url, &others).await {
            tracing::warn!(%error, "changes of other replicas can't be received; trying again");
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn listen_once(url: &str, others: &Others) -> Result<()> {
    let mut listener = Listener::open(url).await?;
    loop {
        // What was sent until now counts as received: the change that is published next says that it is unknown.
        poll_once(&mut None, url, others).await?;
        // After the first connection too: what was sent before it is not known.
        others.changes.publish([Change::Unknown]);
        while let Some(payload) = listener.recv().await? {
            others.receive(&payload);
        }
    }
}

async fn poll(url: Arc<str>, others: Arc<Others>) {
    let mut connection = None;
    loop {
        tokio::time::sleep(POLL_EVERY).await;
        if let Err(error) = poll_once(&mut connection, &url, &others).await {
            tracing::debug!(%error, "the messages of other replicas can't be compared");
            connection = None;
        }
    }
}

async fn poll_once(connection: &mut Option<Postgres>, url: &str, others: &Others) -> Result<()> {
    let connection = match connection {
        Some(connection) => connection,
        none => none.insert(Postgres::connect(url, Some(STATEMENT_LIMIT)).await?),
    };
    let mut state = TxState::write(None, 0);
    let mut tx = Tx::new(connection.link(), &mut state);
    let mut system = tx.system(ServiceName::Replicas);
    let saved = system.all(&REPLICAS, (stored(others.process),)).await?;
    for (id, messages) in others.compare(&saved) {
        system.run(&DELETE_REPLICA, (id, messages)).await?;
    }
    Ok(())
}

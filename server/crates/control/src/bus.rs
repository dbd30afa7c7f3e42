//! Publishes committed changes to subscribers in this process.
//!
//! A change carries ids, not values: subscribers read what they need from the database, so that they show what is stored. A subscriber that
//! falls behind gets an error and has to read everything again. The latest changes are kept and numbered, so that a subscriber who read the
//! database first can replay what was published since.

use std::{
    collections::VecDeque,
    hash::{BuildHasher as _, RandomState},
    ops::RangeInclusive,
    sync::{Arc, Mutex, PoisonError},
};

use model::{
    id::{ApiKeyId, FlowRunId, TaskRunId, UserId, WorkspaceId},
    live::StreamPosition,
    screen::LineSortKey,
};
use tokio::sync::broadcast;

/// What a write has committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// A flow run was created or changed.
    FlowRun { workspace: WorkspaceId, flow_run: FlowRunId },
    /// A task run was created or changed.
    TaskRun { workspace: WorkspaceId, task_run: TaskRunId, flow_run: Option<FlowRunId> },
    /// Log lines of a flow run were stored: from the first to the last of them in the order of the log. The range may contain older lines
    /// too; subscribers skip those that they have.
    Logs { workspace: WorkspaceId, flow_run: FlowRunId, lines: RangeInclusive<LineSortKey> },
    /// A client has called with an API key of this person, or in local mode as the local person.
    ClientCalled { person: UserId },
    /// An API key was deleted: its websockets must close.
    KeyDeleted { api_key: ApiKeyId },
    /// Sessions of this person ended: their websockets must check whether their own session is still valid.
    SessionsEnded { person: UserId },
    /// A workspace was deleted: its websockets must close.
    WorkspaceDeleted { workspace: WorkspaceId },
    /// The server is shutting down: websockets must close, or the shutdown waits for them.
    Stopping,
}

/// The bus. Clones share its subscribers.
#[derive(Clone, Debug)]
pub struct Bus(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    subscribers: broadcast::Sender<Change>,
    /// Distinguishes the positions of this process from those of earlier ones.
    process: u64,
    journal: Mutex<Journal>,
}

/// The latest changes; the newest has the number `published`.
#[derive(Debug, Default)]
struct Journal {
    published: u64,
    recent: VecDeque<Change>,
}

/// How many changes a subscriber may be behind before it gets an error.
const BACKLOG: usize = 4_096;

/// How many changes are kept for replay: some seconds of a busy server.
const JOURNAL_CAPACITY: usize = 32_768;

impl Default for Bus {
    fn default() -> Self {
        Self(Arc::new(Shared {
            subscribers: broadcast::Sender::new(BACKLOG),
            // Not a secret: it only has to differ from one start of the server to the next.
            process: RandomState::new().hash_one(()),
            journal: Mutex::default(),
        }))
    }
}

impl Bus {
    /// Publishes a change. There need not be a subscriber.
    pub fn publish(&self, change: Change) {
        self.with_journal(|journal| {
            journal.published += 1;
            if journal.recent.len() == JOURNAL_CAPACITY {
                journal.recent.pop_front();
            }
            journal.recent.push_back(change.clone());
            // Sent under the lock, so that subscribers receive changes in the order of their numbers. An error means that there are none.
            let _no_subscribers = self.0.subscribers.send(change);
        });
    }

    /// Receives all changes from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.0.subscribers.subscribe()
    }

    /// How many subscribers there are. Every change wakes each of them.
    #[must_use]
    pub fn subscriber_count(&self) -> usize {
        self.0.subscribers.receiver_count()
    }

    /// Receives all changes after the returned position. Each change that is received (or missed) is one number further.
    #[must_use]
    pub fn subscribe_with_position(&self) -> (StreamPosition, broadcast::Receiver<Change>) {
        self.with_journal(|journal| (self.position_of(journal), self.subscribe()))
    }

    /// The position of the newest change. Take it before you read what you then follow, or changes between the two are missed.
    #[must_use]
    pub fn position(&self) -> StreamPosition {
        self.with_journal(|journal| self.position_of(journal))
    }

    /// Visits all changes after a position, oldest first. False if they are no longer kept.
    #[must_use]
    pub fn replay_since(&self, position: StreamPosition, mut visit: impl FnMut(&Change)) -> bool {
        self.with_journal(|journal| {
            let missed =
                journal.published.checked_sub(position.sequence).and_then(|missed| usize::try_from(missed).ok());
            let missed = missed.filter(|missed| position.process == self.0.process && *missed <= journal.recent.len());
            let Some(missed) = missed else { return false };
            journal.recent.range(journal.recent.len() - missed..).for_each(&mut visit);
            true
        })
    }

    fn position_of(&self, journal: &Journal) -> StreamPosition {
        StreamPosition { process: self.0.process, sequence: journal.published }
    }

    fn with_journal<T>(&self, work: impl FnOnce(&mut Journal) -> T) -> T {
        // `work` does not panic half-way, so a poisoned journal is still consistent.
        work(&mut self.0.journal.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use model::live::StreamPosition;
    use uuid::Uuid;

    use super::{Bus, Change, JOURNAL_CAPACITY};

    fn call(number: u128) -> Change {
        Change::ClientCalled { person: Uuid::from_u128(number).into() }
    }

    fn since(bus: &Bus, position: StreamPosition) -> Option<Vec<Change>> {
        let mut seen = Vec::new();
        bus.replay_since(position, |change| seen.push(change.clone())).then_some(seen)
    }

    #[test]
    fn replay_visits_the_changes_after_a_position() {
        let bus = Bus::default();
        bus.publish(call(1));
        let position = bus.position();
        bus.publish(call(2));
        bus.publish(call(3));
        assert_eq!(since(&bus, position), Some(vec![call(2), call(3)]));
        assert_eq!(since(&bus, bus.position()), Some(Vec::new()));
    }

    #[test]
    fn replay_refuses_positions_of_another_start_or_no_longer_kept() {
        let bus = Bus::default();
        let first = bus.position();
        assert_eq!(since(&Bus::default(), first), None);
        assert_eq!(since(&bus, StreamPosition { sequence: 1, ..first }), None);
        (0..=JOURNAL_CAPACITY as u128).for_each(|number| bus.publish(call(number)));
        assert_eq!(since(&bus, first), None);
        assert_eq!(since(&bus, StreamPosition { sequence: 1, ..first }).map(|seen| seen.len()), Some(JOURNAL_CAPACITY));
    }

    #[test]
    fn a_subscriber_can_count_its_position() {
        let bus = Bus::default();
        bus.publish(call(1));
        let (position, mut changes) = bus.subscribe_with_position();
        bus.publish(call(2));
        assert_eq!(changes.try_recv(), Ok(call(2)));
        assert_eq!(bus.position().sequence, position.sequence + 1);
    }
}

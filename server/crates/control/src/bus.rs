//! What happened, told to whoever listens in this process, after the commit.
//!
//! The bus carries ids, not values: a listener reads what it needs, so that what it shows is what is stored. A listener that falls behind
//! is told so and starts afresh. The last changes are kept and numbered, so that who read the database before it listened can catch up.

use std::{
    collections::VecDeque,
    hash::{BuildHasher as _, RandomState},
    ops::RangeInclusive,
    sync::{Arc, Mutex, PoisonError},
};

use model::{
    id::{ApiKeyId, FlowRunId, TaskRunId, UserId, WorkspaceId},
    live::Mark,
    screen::LinePlace,
};
use tokio::sync::broadcast;

/// Something that was committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// A flow run was made or changed.
    FlowRun { workspace: WorkspaceId, flow_run: FlowRunId },
    /// A task run was made or changed.
    TaskRun { workspace: WorkspaceId, task_run: TaskRunId, flow_run: Option<FlowRunId> },
    /// Log lines of a flow run arrived: these are the first and the last of them in the log. Others may lie between: whoever has them
    /// already passes them over.
    Logs { workspace: WorkspaceId, flow_run: FlowRunId, lines: RangeInclusive<LinePlace> },
    /// A call with a key of this person, or of the local person, was accepted.
    Called { person: UserId },
    /// A key was deleted: its sockets must close.
    KeyDeleted { api_key: ApiKeyId },
    /// Sessions of this person ended: their sockets must look again.
    SessionsEnded { person: UserId },
    /// A workspace was deleted: its sockets must close.
    WorkspaceDeleted { workspace: WorkspaceId },
    /// The server was told to stop: sockets must close, so that nobody waits for them.
    Stopping,
}

/// The bus; clones share it.
#[derive(Clone, Debug)]
pub struct Bus(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    listeners: broadcast::Sender<Change>,
    start: u64,
    journal: Mutex<Journal>,
}

/// The last changes; the newest has the number `told`.
#[derive(Debug, Default)]
struct Journal {
    told: u64,
    recent: VecDeque<Change>,
}

/// How many changes a listener may be behind before it has to start afresh.
const BACKLOG: usize = 4_096;

/// How many changes are kept for those who catch up: some seconds of a busy server.
const KEPT: usize = 32_768;

impl Default for Bus {
    fn default() -> Self {
        Self(Arc::new(Shared {
            listeners: broadcast::Sender::new(BACKLOG),
            // No secret: it only has to differ from start to start.
            start: RandomState::new().hash_one(()),
            journal: Mutex::default(),
        }))
    }
}

impl Bus {
    /// Tells of a change. Nobody has to listen.
    pub fn tell(&self, change: Change) {
        self.with_journal(|journal| {
            journal.told += 1;
            if journal.recent.len() == KEPT {
                journal.recent.pop_front();
            }
            journal.recent.push_back(change.clone());
            // In the order of their numbers. An error means that nobody listens.
            let _unheard = self.0.listeners.send(change);
        });
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.listeners.subscribe()
    }

    /// How many listen: each is woken by every change.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.0.listeners.receiver_count()
    }

    /// Listens from this mark on: each change that is heard (or missed) is one further.
    #[must_use]
    pub fn listen_from_here(&self) -> (Mark, broadcast::Receiver<Change>) {
        self.with_journal(|journal| (self.mark_of(journal), self.listen()))
    }

    /// Where the bus stands. Take it before you read what you are going to follow.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.with_journal(|journal| self.mark_of(journal))
    }

    /// Shows all changes since a mark, oldest first; false if they are not known any more.
    #[must_use]
    pub fn since(&self, mark: Mark, mut show: impl FnMut(&Change)) -> bool {
        self.with_journal(|journal| {
            let missed = journal.told.checked_sub(mark.number).and_then(|missed| usize::try_from(missed).ok());
            let missed = missed.filter(|missed| mark.start == self.0.start && *missed <= journal.recent.len());
            let Some(missed) = missed else { return false };
            journal.recent.range(journal.recent.len() - missed..).for_each(&mut show);
            true
        })
    }

    fn mark_of(&self, journal: &Journal) -> Mark {
        Mark { start: self.0.start, number: journal.told }
    }

    fn with_journal<T>(&self, work: impl FnOnce(&mut Journal) -> T) -> T {
        // Nothing in here panics half-way.
        work(&mut self.0.journal.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use model::live::Mark;
    use uuid::Uuid;

    use super::{Bus, Change, KEPT};

    fn call(number: u128) -> Change {
        Change::Called { person: Uuid::from_u128(number).into() }
    }

    fn since(bus: &Bus, mark: Mark) -> Option<Vec<Change>> {
        let mut seen = Vec::new();
        bus.since(mark, |change| seen.push(change.clone())).then_some(seen)
    }

    #[test]
    fn who_was_away_hears_what_was_told_meanwhile() {
        let bus = Bus::default();
        bus.tell(call(1));
        let mark = bus.mark();
        bus.tell(call(2));
        bus.tell(call(3));
        assert_eq!(since(&bus, mark), Some(vec![call(2), call(3)]));
        assert_eq!(since(&bus, bus.mark()), Some(Vec::new()));
    }

    #[test]
    fn marks_of_another_start_or_of_long_ago_are_not_served() {
        let bus = Bus::default();
        let first = bus.mark();
        assert_eq!(since(&Bus::default(), first), None);
        assert_eq!(since(&bus, Mark { number: 1, ..first }), None);
        (0..=KEPT as u128).for_each(|number| bus.tell(call(number)));
        assert_eq!(since(&bus, first), None);
        assert_eq!(since(&bus, Mark { number: 1, ..first }).map(|seen| seen.len()), Some(KEPT));
    }

    #[test]
    fn a_listener_knows_where_it_stands() {
        let bus = Bus::default();
        bus.tell(call(1));
        let (mark, mut changes) = bus.listen_from_here();
        bus.tell(call(2));
        assert_eq!(changes.try_recv(), Ok(call(2)));
        assert_eq!(bus.mark().number, mark.number + 1);
    }
}

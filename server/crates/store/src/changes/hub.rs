//! The changes of this process: who subscribes to them, and the newest ones for a reader that subscribes after it has read.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use model::live::StreamPosition;
use tokio::sync::Notify;

use super::{
    change::{Change, Channel},
    outbox::Outbox,
};

/// How many changes are kept over all channels: some seconds of a busy server.
const KEPT: usize = 32_768;

/// The most changes that a subscriber takes at once; one that is further behind reads afresh.
const BACKLOG: usize = 4_096;

/// Publishes changes to the subscribers of this process; clones share everything.
#[derive(Clone, Debug)]
pub struct Changes(Arc<Hub>);

#[derive(Debug)]
struct Hub {
    /// A random number, by which a position of another process or an earlier start is recognised.
    process: u64,
    state: Mutex<State>,
    /// Where committed changes wait for the other replicas; none on SQLite.
    outbox: Option<Outbox>,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the newest change.
    published: u64,
    /// The number of the newest change that is not kept any more.
    dropped: u64,
    journals: HashMap<Channel, Journal>,
    /// The channels of the kept changes, oldest change first.
    order: VecDeque<Channel>,
    watches: Vec<Watch>,
}

/// The kept changes of one channel, and its subscribers. It exists while it has either.
#[derive(Debug, Default)]
struct Journal {
    dropped: u64,
    changes: VecDeque<(u64, Change)>,
    subscribers: Vec<Arc<Notify>>,
}

#[derive(Debug)]
struct Watch {
    is_relevant: fn(&Change) -> bool,
    wake: Arc<Notify>,
}

/// More changes were published than are kept: the subscriber has to read afresh.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lagged;

impl Changes {
    /// Of a process that shares its database with no replica.
    pub(crate) fn local() -> Self {
        Self(Arc::new(Hub { process: random(), state: Mutex::default(), outbox: None }))
    }

    /// Of a process whose committed changes are sent to the other replicas on this PostgreSQL.
    pub(crate) fn shared(url: Arc<str>) -> Self {
        let process = random();
        Self(Arc::new(Hub { process, state: Mutex::default(), outbox: Some(Outbox::start(url, process)) }))
    }

    /// The number of this process.
    pub(super) fn process(&self) -> u64 {
        self.0.process
    }

    /// Publishes what a write has committed: here, and to the other replicas.
    pub(crate) fn publish_committed(&self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        if let Some(outbox) = &self.0.outbox {
            outbox.add(&changes);
        }
        self.publish(changes);
    }

    /// Waits until the other replicas were sent what this process has committed, for some seconds at most.
    pub async fn flush(&self) {
        if let Some(outbox) = &self.0.outbox {
            outbox.flush().await;
        }
    }

    /// Publishes changes in this process alone, in their order.
    pub fn publish(&self, changes: impl IntoIterator<Item = Change>) {
        let mut state = self.state();
        for change in changes {
            state.push(change);
        }
    }

    /// Subscribes to what wakes everybody; [`Subscriber::add`] subscribes to more.
    #[must_use]
    pub fn subscribe(&self) -> Subscriber {
        let wake = Arc::new(Notify::new());
        let mut state = self.state();
        let mut subscriber = Subscriber { hub: self.clone(), wake, channels: BTreeSet::new(), seen: state.published };
        state.add(&mut subscriber, Channel::All);
        drop(state);
        subscriber
    }

    /// A handle that is notified of each change that is relevant or unknown, until all its clones are dropped.
    #[must_use]
    pub fn watch(&self, is_relevant: fn(&Change) -> bool) -> Arc<Notify> {
        let wake = Arc::new(Notify::new());
        let mut state = self.state();
        state.watches.retain(|watch| Arc::strong_count(&watch.wake) > 1);
        state.watches.push(Watch { is_relevant, wake: Arc::clone(&wake) });
        wake
    }

    /// The position behind the newest change. Take it before reading what a page will subscribe to.
    #[must_use]
    pub fn position(&self) -> StreamPosition {
        StreamPosition { process: self.0.process, sequence: self.state().published }
    }

    /// Passes the changes of these channels since `position` to `visit`, those of a channel oldest first; false if some of them are not
    /// kept any more.
    #[must_use]
    pub fn since(&self, position: StreamPosition, channels: &[Channel], mut visit: impl FnMut(&Change)) -> bool {
        let state = self.state();
        let is_kept = |channel: &Channel| {
            let dropped = state.journals.get(channel).map_or(state.dropped, |journal| journal.dropped);
            (dropped..=state.published).contains(&position.sequence)
        };
        let known = position.process == self.0.process && channels.iter().all(is_kept);
        if known {
            let journals = channels.iter().filter_map(|channel| state.journals.get(channel));
            let changes = journals.flat_map(|journal| &journal.changes);
            changes.filter(|(number, _)| *number > position.sequence).for_each(|(_, change)| visit(change));
        }
        known
    }

    /// How many subscribers and watches there are.
    #[must_use]
    pub fn subscriber_count(&self) -> usize {
        let state = self.state();
        let watches = state.watches.iter().filter(|watch| Arc::strong_count(&watch.wake) > 1).count();
        watches + state.journals.get(&Channel::All).map_or(0, |journal| journal.subscribers.len())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock panics half-way.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn random() -> u64 {
    RandomState::new().hash_one(())
}

impl State {
    fn push(&mut self, change: Change) {
        let relevant = self.watches.iter().filter(|watch| change == Change::Unknown || (watch.is_relevant)(&change));
        relevant.for_each(|watch| watch.wake.notify_one());
        if self.order.len() == KEPT {
            self.drop_oldest();
        }
        self.published += 1;
        let (number, channel, dropped) = (self.published, change.channel(), self.dropped);
        self.order.push_back(channel);
        let journal = self.journals.entry(channel).or_insert_with(|| Journal { dropped, ..Journal::default() });
        journal.changes.push_back((number, change));
        journal.subscribers.iter().for_each(|subscriber| subscriber.notify_one());
    }

    fn drop_oldest(&mut self) {
        let Some(channel) = self.order.pop_front() else { return };
        let Some(journal) = self.journals.get_mut(&channel) else { return };
        if let Some((number, _)) = journal.changes.pop_front() {
            (journal.dropped, self.dropped) = (number, number);
        }
        self.remove_if_unused(channel);
    }

    fn remove_if_unused(&mut self, channel: Channel) {
        if self
            .journals
            .get(&channel)
            .is_some_and(|journal| journal.changes.is_empty() && journal.subscribers.is_empty())
        {
            self.journals.remove(&channel);
        }
    }

    fn add(&mut self, subscriber: &mut Subscriber, channel: Channel) {
        if subscriber.channels.insert(channel) {
            let dropped = self.dropped;
            let journal = self.journals.entry(channel).or_insert_with(|| Journal { dropped, ..Journal::default() });
            journal.subscribers.push(Arc::clone(&subscriber.wake));
        }
    }

    fn remove(&mut self, wake: &Arc<Notify>, channel: Channel) {
        if let Some(journal) = self.journals.get_mut(&channel) {
            journal.subscribers.retain(|subscriber| !Arc::ptr_eq(subscriber, wake));
        }
        self.remove_if_unused(channel);
    }
}

/// Receives the changes of its channels.
#[derive(Debug)]
pub struct Subscriber {
    hub: Changes,
    wake: Arc<Notify>,
    channels: BTreeSet<Channel>,
    /// The number of the newest change that it has received, or that it can't miss because it is of other channels.
    seen: u64,
}

impl Subscriber {
    /// Receives the changes of this channel too, from now on.
    pub fn add(&mut self, channel: Channel) {
        let hub = self.hub.clone();
        hub.state().add(self, channel);
    }

    /// Receives the changes of these channels, and of what wakes everybody, alone.
    pub fn keep_only(&mut self, channels: &BTreeSet<Channel>) {
        let removed: Vec<Channel> =
            self.channels.iter().copied().filter(|one| *one != Channel::All && !channels.contains(one)).collect();
        let hub = self.hub.clone();
        let mut state = hub.state();
        for channel in removed {
            self.channels.remove(&channel);
            state.remove(&self.wake, channel);
        }
    }

    /// The position behind the changes that were received.
    #[must_use]
    pub fn position(&self) -> StreamPosition {
        StreamPosition { process: self.hub.0.process, sequence: self.seen }
    }

    /// Waits for changes and returns them, oldest first. Dropping the future loses none.
    ///
    /// # Errors
    /// [`Lagged`] if there were too many; the next call starts behind them.
    pub async fn recv(&mut self) -> Result<Vec<Change>, Lagged> {
        loop {
            let changes = self.try_recv()?;
            if !changes.is_empty() {
                return Ok(changes);
            }
            self.wake.notified().await;
        }
    }

    /// The changes that are there, oldest first.
    ///
    /// # Errors
    /// See [`Subscriber::recv`].
    pub fn try_recv(&mut self) -> Result<Vec<Change>, Lagged> {
        let state = self.hub.state();
        let seen = std::mem::replace(&mut self.seen, state.published);
        let journals = || self.channels.iter().filter_map(|channel| state.journals.get(channel));
        if journals().any(|journal| journal.dropped > seen) {
            return Err(Lagged);
        }
        let mut changes: Vec<&(u64, Change)> = journals()
            .flat_map(|journal| journal.changes.iter().rev().take_while(|(number, _)| *number > seen))
            .take(BACKLOG + 1)
            .collect();
        if changes.len() > BACKLOG {
            return Err(Lagged);
        }
        changes.sort_unstable_by_key(|(number, _)| *number);
        Ok(changes.into_iter().map(|(_, change)| change.clone()).collect())
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        for channel in &self.channels {
            state.remove(&self.wake, *channel);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use futures::FutureExt as _;
    use model::{
        id::{FlowRunId, WorkspaceId},
        live::StreamPosition,
    };
    use uuid::Uuid;

    use super::{BACKLOG, Change, Changes, Channel, KEPT, Lagged, Subscriber};

    fn workspace(number: u128) -> WorkspaceId {
        WorkspaceId(Uuid::from_u128(number))
    }

    fn run(of: u128, number: u128) -> Change {
        Change::FlowRun { workspace: workspace(of), flow_run: FlowRunId(Uuid::from_u128(number)) }
    }

    fn since(hub: &Changes, position: StreamPosition, of: u128) -> Option<Vec<Change>> {
        let mut seen = Vec::new();
        hub.since(position, &[Channel::Workspace(workspace(of))], |change| seen.push(change.clone())).then_some(seen)
    }

    fn received(subscriber: &mut Subscriber) -> Option<Result<Vec<Change>, Lagged>> {
        subscriber.recv().now_or_never()
    }

    fn subscribed(hub: &Changes, of: u128) -> Subscriber {
        let mut subscriber = hub.subscribe();
        subscriber.add(Channel::Workspace(workspace(of)));
        subscriber
    }

    #[test]
    fn changes_since_a_position_are_replayed_in_order() {
        let hub = Changes::local();
        hub.publish([run(1, 1)]);
        let position = hub.position();
        hub.publish([run(1, 2), run(2, 3), run(1, 4)]);
        assert_eq!(since(&hub, position, 1), Some(vec![run(1, 2), run(1, 4)]));
        assert_eq!(since(&hub, hub.position(), 1), Some(Vec::new()));
    }

    #[test]
    fn positions_of_another_process_or_too_old_ones_are_unknown() {
        let hub = Changes::local();
        let first = hub.position();
        assert_eq!(since(&Changes::local(), first, 1), None);
        assert_eq!(since(&hub, StreamPosition { sequence: 1, ..first }, 1), None, "not published yet");
        hub.publish((0..=KEPT as u128).map(|number| run(1, number)));
        assert_eq!(since(&hub, first, 1), None);
        assert_eq!(since(&hub, first, 2), None, "a channel without a journal may have lost changes");
        assert_eq!(since(&hub, StreamPosition { sequence: 1, ..first }, 1).map(|seen| seen.len()), Some(KEPT));
    }

    #[test]
    fn subscribers_receive_their_own_channels_alone() {
        let hub = Changes::local();
        let mut one = subscribed(&hub, 1);
        hub.publish([run(2, 1)]);
        assert_eq!(received(&mut one), None);
        hub.publish([run(1, 2), Change::Stopping, run(2, 3), run(1, 4)]);
        assert_eq!(received(&mut one), Some(Ok(vec![run(1, 2), Change::Stopping, run(1, 4)])));
        assert_eq!(one.position(), hub.position());
        one.keep_only(&BTreeSet::new());
        hub.publish([run(1, 5)]);
        assert_eq!(received(&mut one), None);
    }

    #[test]
    fn a_busy_neighbour_makes_no_quiet_subscriber_lag() {
        let hub = Changes::local();
        let (mut quiet, mut busy) = (subscribed(&hub, 1), subscribed(&hub, 2));
        hub.publish((0..=KEPT as u128).map(|number| run(2, number)));
        assert_eq!(received(&mut quiet), None);
        assert_eq!(received(&mut busy), Some(Err(Lagged)));
        hub.publish([run(1, 1), run(2, 1)]);
        assert_eq!(received(&mut quiet), Some(Ok(vec![run(1, 1)])));
        assert_eq!(received(&mut busy), Some(Ok(vec![run(2, 1)])));
        hub.publish((0..=BACKLOG as u128).map(|number| run(2, number)));
        assert_eq!(received(&mut busy), Some(Err(Lagged)));
    }

    #[test]
    fn a_dropped_subscriber_leaves_nothing_behind() {
        let hub = Changes::local();
        drop(subscribed(&hub, 1));
        assert!(hub.state().journals.is_empty());
        let watch = hub.watch(|change| *change == Change::Stopping);
        hub.publish([run(1, 1)]);
        assert_eq!(watch.notified().now_or_never(), None);
        hub.publish([Change::Stopping]);
        assert_eq!(watch.notified().now_or_never(), Some(()));
        drop(watch);
        drop(hub.watch(|_| true));
        assert_eq!(hub.state().watches.len(), 1);
    }
}

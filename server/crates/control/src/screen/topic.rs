//! What open pages subscribe to. Each topic stands beside its screen: it knows which changes belong to it, and reads its updates.

use std::{pin::Pin, time::Duration};

use model::live::Update;

use crate::{Cx, Result, changes::Change};

/// The shortest time between two updates of a topic; changes within it are sent together.
pub(super) const UPDATE_INTERVAL: Duration = Duration::from_millis(100);
/// The most changed runs of one update; if there are more, the page reads its screen again.
pub(super) const MAX_CHANGED: usize = 200;

/// A topic of one page, with its changes since the last update.
pub trait Topic: Send + Sync {
    /// Records a change of the page's person or workspace, and returns whether it belongs to the topic.
    fn record(&mut self, change: &Change) -> bool;

    /// The shortest time between two updates.
    fn interval(&self) -> Duration {
        UPDATE_INTERVAL
    }

    /// Reads what has changed since the last update; `None` if it is so much that the page has to read its screen again. After an
    /// error the changes are still recorded.
    fn read<'a>(&'a mut self, cx: &'a Cx) -> ReadUpdate<'a>;
}

/// The result of [`Topic::read`].
pub type ReadUpdate<'a> = Pin<Box<dyn Future<Output = Result<Option<Update>>> + Send + 'a>>;

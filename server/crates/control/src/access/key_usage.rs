//! A client's call, noted so that pages can tell of it: when a key was last used, and that a first call came.

use model::{
    id::UserId,
    time::{Span, Timestamp},
};
use store::access::{CallBy, NoteCall};

use crate::{Cx, bus::Change, local};

/// Calls are noted at most this often, but for the first one in a new workspace: its page waits for it.
const NOTE_EVERY: Span = Span::from_micros(60_000_000);

/// A client's call, to be noted once it was let in.
#[must_use]
pub(super) struct Call {
    pub(super) by: CallBy,
    pub(super) person: UserId,
    /// When one was noted last, as far as this call has seen.
    pub(super) last: Option<Timestamp>,
    /// From when on a first call is waited for.
    pub(super) awaited: Option<Timestamp>,
}

impl Call {
    pub(super) fn local(last: Option<Timestamp>) -> Self {
        Self { by: CallBy::Person(local::PERSON), person: local::PERSON, last, awaited: None }
    }

    /// Nobody's call fails because it could not be noted.
    pub(super) async fn note(self, cx: &Cx) {
        let now = cx.clock.now();
        let a_while_ago = now.plus_micros(-NOTE_EVERY.micros());
        let unless_after = self.awaited.map_or(a_while_ago, |since| since.plus_micros(-1).max(a_while_ago));
        if self.last.is_some_and(|last| last > unless_after) {
            return;
        }
        match cx.db.write(NoteCall { by: self.by, now, unless_after }).await {
            Ok(true) => cx.bus.tell(Change::Called { person: self.person }),
            // Of those who call at the same moment one is noted.
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "a call was not noted"),
        }
    }
}

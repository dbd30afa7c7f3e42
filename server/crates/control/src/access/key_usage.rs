//! Records clients' calls for the pages: when an API key was last used, and that a workspace has had its first call.

use model::{
    id::UserId,
    time::{Span, Timestamp},
};
use store::access::{CallerId, RecordCall};

use crate::{Cx, local};

/// Calls of one key are recorded at most this often, except the first one in a new workspace, since its page waits for that.
const INTERVAL: Span = Span::from_micros(60_000_000);

/// A client's call with an API key, or without one in local mode. To be recorded once the call is authorized.
#[must_use]
pub(super) struct KeyUsage {
    pub(super) caller: CallerId,
    pub(super) person: UserId,
    /// When the call was authorized.
    pub(super) now: Timestamp,
    /// When a call was last recorded, as this call has read it.
    pub(super) last: Option<Timestamp>,
    /// When the person became a member of the call's workspace, or of their newest one.
    pub(super) member_since: Option<Timestamp>,
}

impl KeyUsage {
    pub(super) fn local(last: Option<Timestamp>, now: Timestamp) -> Self {
        Self { caller: CallerId::Person(local::PERSON), person: local::PERSON, now, last, member_since: None }
    }

    /// Records the call. A failure is only logged: the client's call must not fail for it.
    pub(super) async fn record(self, cx: &Cx) {
        let now = self.now;
        let interval_ago = now.plus_micros(-INTERVAL.micros());
        let unless_after = self.member_since.map_or(interval_ago, |since| since.plus_micros(-1).max(interval_ago));
        if self.last.is_some_and(|last| last > unless_after) {
            return;
        }
        if let Err(error) = cx.db.write(RecordCall { by: self.caller, person: self.person, now, unless_after }).await {
            tracing::warn!(%error, "failed to record a client's call");
        }
    }
}

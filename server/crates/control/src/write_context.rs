//! What a write on runs needs besides its input: the time, and the source of ids.

use engine::transition::DecisionContext;
use model::time::Timestamp;

use crate::{Cx, ids::Ids};

/// Time and ids of one write. When the store runs the write again, it gets the same time and new ids.
#[derive(Clone, Debug)]
pub(crate) struct WriteContext {
    pub now: Timestamp,
    pub ids: Ids,
}

impl WriteContext {
    pub(crate) fn of(cx: &Cx) -> Self {
        Self { now: cx.clock.now(), ids: cx.ids.clone() }
    }

    /// The context of one decision of the engine.
    pub(crate) fn decision(&self) -> DecisionContext {
        DecisionContext { now: self.now, state_id: self.ids.make(self.now), jitter: self.ids.fraction() }
    }
}

//! What a write on runs takes along besides its input: the time, and the source of the ids it will need.

use engine::transition::Moment;
use model::time::Timestamp;

use crate::{Cx, ids::Ids};

/// Time and ids of one write. A write that runs again gets the same time and new ids.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub now: Timestamp,
    pub ids: Ids,
}

impl Stamp {
    pub(crate) fn of(cx: &Cx) -> Self {
        Self { now: cx.clock.now(), ids: cx.ids.clone() }
    }

    /// What a decision needs.
    pub(crate) fn moment(&self) -> Moment {
        Moment { now: self.now, state_id: self.ids.make(self.now), draw: self.ids.fraction() }
    }
}

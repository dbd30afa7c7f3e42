//! The context that is passed to every use case.

use std::sync::Arc;

use identity::{Hasher, SignInThrottle};
use store::{Db, changes::Changes};

use crate::{clock::Clock, ids::Ids, server::RunningServer, settings::Settings};

/// Database, clock, ids, settings, password hasher, sign-in throttle and running server. Clones share everything.
#[derive(Clone)]
pub struct Cx {
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub settings: Arc<Settings>,
    pub hasher: Arc<Hasher>,
    pub throttle: Arc<SignInThrottle>,
    pub server: RunningServer,
}

impl Cx {
    /// What writes publish, and who subscribes to it.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        self.db.changes()
    }
}

//! The context that is passed to every use case.

use std::sync::Arc;

use identity::{Hasher, SignInThrottle};
use store::Db;

use crate::{bus::Bus, clock::Clock, ids::Ids, settings::Settings};

/// Database, clock, ids, bus, settings, password hasher and sign-in throttle. Clones share everything.
#[derive(Clone)]
pub struct Cx {
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub bus: Bus,
    pub settings: Arc<Settings>,
    pub hasher: Arc<Hasher>,
    pub throttle: Arc<SignInThrottle>,
}

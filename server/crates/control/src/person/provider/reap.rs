//! Deletes sign-ins by provider that were not completed in time.

use model::time::{Span, Timestamp};
use store::{
    Tx, Write,
    provider::{REAP_ATTEMPTS, REAP_PENDING},
    system::ServiceName,
};

use super::{attempt::ATTEMPT_LIFETIME, registration::PENDING_LIFETIME};
use crate::{Error, Result};

/// For how long after its end a sign-in is kept, so that a person who comes back late learns that it was too late.
const KEPT: Span = Span::from_micros(3_600_000_000);

/// Deletes at most `max_rows` attempts, and as many accounts without a handle, that ended long before `now`; returns how many.
pub struct ReapUnfinished {
    pub now: Timestamp,
    pub max_rows: i64,
}

impl Write for ReapUnfinished {
    type Out = u64;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        let before = |lifetime: Span| self.now.plus_micros(-lifetime.micros() - KEPT.micros());
        let mut tx = tx.system(ServiceName::SignInReaper);
        let attempts = tx.run(&REAP_ATTEMPTS, (before(ATTEMPT_LIFETIME), self.max_rows)).await?;
        let pending = tx.run(&REAP_PENDING, (before(PENDING_LIFETIME), self.max_rows)).await?;
        Ok(attempts + pending)
    }
}

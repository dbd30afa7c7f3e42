//! Releases expired leases.

use model::time::Timestamp;
use store::{
    Read, Tx, Write,
    concurrency::{EXPIRED_LEASES, ExpiredLease, LOCK_LEASE},
    system::ServiceName,
};

use super::lease;
use crate::{Cx, Error, Result};

/// Releases at most `max_leases` expired leases, and returns how many it released. One that can't be released does not stop the others.
///
/// # Errors
/// Only those of the database: the first one, after all leases were tried.
pub async fn reap(cx: &Cx, max_leases: i64) -> Result<u64> {
    let now = cx.clock.now();
    let expired = cx.db.read(ReadExpired { now, max_leases }).await?;
    // One write for each: one for several would lock the limits of several leases, not in the order of their ids.
    let (mut released, mut failure) = (0, None);
    for lease in expired {
        let id = lease.id;
        match cx.db.write(ReapLease { lease, now }).await {
            Ok(ended) => released += u64::from(ended),
            Err(error) => {
                tracing::error!(lease.id = %id, %error, "failed to release an expired lease");
                failure.get_or_insert(error);
            }
        }
    }
    failure.map_or(Ok(released), Err)
}

struct ReadExpired {
    now: Timestamp,
    max_leases: i64,
}

impl Read for ReadExpired {
    type Out = Vec<ExpiredLease>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<ExpiredLease>> {
        Ok(tx.system(ServiceName::LeaseReaper).all(&EXPIRED_LEASES, (self.now, self.max_leases)).await?)
    }
}

struct ReapLease {
    lease: ExpiredLease,
    now: Timestamp,
}

impl Write for ReapLease {
    /// Whether the lease was released.
    type Out = bool;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let mut system = tx.system(ServiceName::LeaseReaper);
        let mut tx = system.of(self.lease.workspace_id);
        let lease = tx.optional(&LOCK_LEASE, (self.lease.id,)).await?;
        // A client may have renewed or released the lease since it was read.
        let Some(lease) = lease.filter(|lease| lease.expires <= self.now) else { return Ok(false) };
        // When the holder stopped is unknown, so how long the slots were in use is unknown too.
        lease::end(&mut tx, &lease, None, self.now).await?;
        Ok(true)
    }
}

//! Leases that nobody renewed: their slots are given back.

use model::time::Timestamp;
use store::{
    Read, Tx, Write,
    concurrency::{EXPIRED_LEASES, ExpiredLease, LOCK_LEASE},
    system::ServiceName,
};

use super::lease;
use crate::{Cx, Error, Result};

/// Frees at most `most` leases whose time is over; how many it freed. One that can't be freed keeps no other from it.
///
/// # Errors
/// Only those of the database: the first one, after all leases were tried.
pub async fn reap(cx: &Cx, most: i64) -> Result<u64> {
    let now = cx.clock.now();
    let over = cx.db.read(Overdue { now, most }).await?;
    // A write each: one that frees several would lock limits of several leases, out of their order.
    let (mut freed, mut failure) = (0, None);
    for lease in over {
        let id = lease.id;
        match cx.db.write(ReapLease { lease, now }).await {
            Ok(ended) => freed += u64::from(ended),
            Err(error) => {
                tracing::error!(lease.id = %id, %error, "an overdue lease could not be freed");
                failure.get_or_insert(error);
            }
        }
    }
    failure.map_or(Ok(freed), Err)
}

struct Overdue {
    now: Timestamp,
    most: i64,
}

impl Read for Overdue {
    type Out = Vec<ExpiredLease>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<ExpiredLease>> {
        Ok(tx.system(ServiceName::LeaseReaper).all(&EXPIRED_LEASES, (self.now, self.most)).await?)
    }
}

struct ReapLease {
    lease: ExpiredLease,
    now: Timestamp,
}

impl Write for ReapLease {
    /// Whether it was ended.
    type Out = bool;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let mut system = tx.system(ServiceName::LeaseReaper);
        let mut tx = system.of(self.lease.workspace_id);
        let lease = tx.optional(&LOCK_LEASE, (self.lease.id,)).await?;
        // It may have been renewed or given back meanwhile.
        let Some(lease) = lease.filter(|lease| lease.expires <= self.now) else { return Ok(false) };
        // Whoever held it is gone since some unknown time, so this tells nothing of how long slots are held.
        lease::end(&mut tx, &lease, None, self.now).await?;
        Ok(true)
    }
}

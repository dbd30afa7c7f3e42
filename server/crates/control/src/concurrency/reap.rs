//! Leases that nobody renewed: their slots are given back.

use model::time::Timestamp;
use store::{
    Read, Tx, Write,
    concurrency::{EXPIRED_LEASES, ExpiredLease, LOCK_LEASE},
    system::ServiceName,
};

use super::lease;
use crate::{Cx, Error, Result};

/// Frees at most `most` leases whose time is over; how many were found to be over.
///
/// # Errors
/// Only those of the database.
pub async fn reap(cx: &Cx, most: i64) -> Result<u64> {
    let now = cx.clock.now();
    let over = cx.db.read(Overdue { now, most }).await?;
    // A write each: one that frees several would lock limits of several leases, out of their order.
    for lease in &over {
        cx.db.write(ReapLease { lease: lease.clone(), now }).await?;
    }
    Ok(over.len() as u64)
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
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut system = tx.system(ServiceName::LeaseReaper);
        let mut tx = system.of(self.lease.workspace_id);
        let lease = tx.optional(&LOCK_LEASE, (self.lease.id,)).await?;
        // It may have been renewed or given back meanwhile.
        let Some(lease) = lease.filter(|lease| lease.expires <= self.now) else { return Ok(()) };
        // Whoever held it is gone since some unknown time, so this tells nothing of how long slots are held.
        lease::end(&mut tx, &lease, None, self.now).await
    }
}

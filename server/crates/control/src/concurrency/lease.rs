//! Leases on the slots of limits.

use engine::concurrency::{self, AcquireError, Acquisition};
use model::{
    concurrency::{HeldLimit, LeaseGranted, RenewLease, ReturnSlots, TakeSlots},
    id::LeaseId,
    permission::WriteRuns,
    time::{Span, Timestamp},
};
use store::{
    Tenant, Tx, Write,
    column::Json,
    concurrency::{
        DELETE_LEASE, INSERT_LEASE, INSERT_LEASE_LIMITS, LOCK_LEASE, LOCK_LIMITS_NAMED, LOCK_LIMITS_OF_LEASE,
        LeaseLimitRow, LeaseRow, LimitRow, RENEW_LEASE, UPDATE_LIMIT_USAGE,
    },
    tx::ScopedTx,
};

use super::{engine_limit, limit_usage};
use crate::{Cx, Error, Result, access::Workspace};

/// Acquires slots of all active limits with these names, or of none. Names without a limit are ignored; the lease is created even if no
/// name has one.
///
/// # Errors
/// [`Error::NoFreeSlot`] if one of them has too few free slots, [`Error::Invalid`] if it can never have enough.
pub async fn acquire(cx: &Cx, ws: Workspace<WriteRuns>, request: TakeSlots) -> Result<LeaseGranted> {
    let now = cx.clock.now();
    let write = AcquireLease { tenant: *ws.tenant(), request, lease: cx.ids.make(now), now, jitter: cx.ids.fraction() };
    match cx.db.write(write).await? {
        Acquired::Granted(granted) => Ok(granted),
        Acquired::Full { wait_seconds } => Err(Error::NoFreeSlot { retry_after: wait_seconds }),
    }
}

/// Releases a lease. Does nothing if it does not exist.
///
/// # Errors
/// Only those of the database.
pub async fn release(cx: &Cx, ws: Workspace<WriteRuns>, ReturnSlots { lease_id }: ReturnSlots) -> Result<()> {
    cx.db.write(ReleaseLease { tenant: *ws.tenant(), lease_id, now: cx.clock.now() }).await
}

/// Renews a lease for its duration, counted from now. An expired lease can be renewed as long as its slots have not been released.
///
/// # Errors
/// [`Error::Gone`] if its slots have been released.
pub async fn renew(cx: &Cx, ws: Workspace<WriteRuns>, lease_id: LeaseId, renew: &RenewLease) -> Result<()> {
    let expires = cx.clock.now().plus_micros(renew.lease_duration.micros());
    cx.db.write(RenewLeaseUntil { tenant: *ws.tenant(), lease_id, expires }).await
}

struct AcquireLease {
    tenant: Tenant,
    request: TakeSlots,
    lease: LeaseId,
    now: Timestamp,
    jitter: f64,
}

/// The result of an attempt. A failed one is committed too: the limits count the denied slots, from which waiting times are computed.
enum Acquired {
    Granted(LeaseGranted),
    Full { wait_seconds: f64 },
}

impl Write for AcquireLease {
    type Out = Acquired;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Acquired> {
        let mut tx = tx.of(&self.tenant);
        let named = tx.all(&LOCK_LIMITS_NAMED, (Json(self.request.names.clone()),)).await?;
        let active: Vec<&LimitRow> = named.iter().filter(|row| row.active).collect();
        let mut limits: Vec<_> = active.iter().map(|row| engine_limit(row)).collect();
        let acquisition =
            concurrency::acquire(&mut limits, self.request.slots, self.request.mode, self.now, self.jitter);
        let acquisition = acquisition.map_err(acquire_error)?;
        for (row, limit) in active.iter().zip(&limits) {
            tx.exactly_one(&UPDATE_LIMIT_USAGE, &limit_usage(row, limit, self.now)).await?;
        }
        if let Acquisition::Full { wait_seconds } = acquisition {
            return Ok(Acquired::Full { wait_seconds });
        }
        tx.insert(&INSERT_LEASE, &[self.lease_row()]).await?;
        let rows: Vec<LeaseLimitRow> =
            active.iter().map(|row| LeaseLimitRow { lease_id: self.lease, limit_id: row.id }).collect();
        tx.insert(&INSERT_LEASE_LIMITS, &rows).await?;
        let limits = named.into_iter().map(|row| HeldLimit { id: row.id, name: row.name, limit: row.slot_limit });
        Ok(Acquired::Granted(LeaseGranted { lease_id: self.lease, limits: limits.collect() }))
    }
}

impl AcquireLease {
    fn lease_row(&self) -> LeaseRow {
        let holder = self.request.holder.as_ref();
        LeaseRow {
            id: self.lease,
            slots: self.request.slots,
            holder_type: holder.map(|holder| holder.kind),
            holder_id: holder.map(|holder| holder.id),
            created: self.now,
            expires: self.now.plus_micros(self.request.lease_duration.micros()),
        }
    }
}

fn acquire_error(error: AcquireError) -> Error {
    let field = match error {
        AcquireError::ExceedsLimit => "slots",
        AcquireError::NoDecay => "mode",
    };
    Error::invalid(field, error.to_string())
}

struct ReleaseLease {
    tenant: Tenant,
    lease_id: LeaseId,
    now: Timestamp,
}

impl Write for ReleaseLease {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut tx = tx.of(&self.tenant);
        let Some(lease) = tx.optional(&LOCK_LEASE, (self.lease_id,)).await? else { return Ok(()) };
        let held = self.now.since(lease.created);
        end(&mut tx, &lease, Some(held), self.now).await
    }
}

/// Deletes a locked lease and releases its slots. `held` is how long they were in use, if that is known.
pub(super) async fn end(tx: &mut ScopedTx<'_>, lease: &LeaseRow, held: Option<Span>, now: Timestamp) -> Result<()> {
    for row in tx.all(&LOCK_LIMITS_OF_LEASE, (lease.id,)).await? {
        let limit = engine_limit(&row).release(lease.slots, held, now);
        tx.exactly_one(&UPDATE_LIMIT_USAGE, &limit_usage(&row, &limit, now)).await?;
    }
    tx.exactly_one(&DELETE_LEASE, (lease.id,)).await?;
    Ok(())
}

struct RenewLeaseUntil {
    tenant: Tenant,
    lease_id: LeaseId,
    expires: Timestamp,
}

impl Write for RenewLeaseUntil {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let rows = tx.of(&self.tenant).run(&RENEW_LEASE, (self.lease_id, self.expires)).await?;
        if rows == 0 { Err(Error::Gone("The lease is over: its slots were given back")) } else { Ok(()) }
    }
}

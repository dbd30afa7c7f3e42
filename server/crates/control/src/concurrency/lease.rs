//! Slots of limits, taken for a while.

use engine::concurrency::{self, Answer, Refusal};
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
        LeaseLimitRow, LeaseRow, LimitRow, RENEW_LEASE, USE_LIMIT,
    },
    tx::ScopedTx,
};

use super::{judged, used};
use crate::{Cx, Error, Result, access::Workspace};

/// Takes slots of all active limits of these names, or of none. Names of no limit are passed over; a lease is given all the same.
///
/// # Errors
/// [`Error::Locked`] if one of them has no room, [`Error::Invalid`] if one of them never will.
pub async fn take(cx: &Cx, ws: Workspace<WriteRuns>, wanted: TakeSlots) -> Result<LeaseGranted> {
    let now = cx.clock.now();
    let write = TakeLease { tenant: *ws.tenant(), wanted, lease: cx.ids.make(now), now, draw: cx.ids.fraction() };
    match cx.db.write(write).await? {
        Taken::Granted(granted) => Ok(granted),
        Taken::Full { wait_seconds } => Err(Error::Locked { retry_after: wait_seconds }),
    }
}

/// Gives back what a lease holds. A lease that is not there has nothing to give back.
///
/// # Errors
/// Only those of the database.
pub async fn give_back(cx: &Cx, ws: Workspace<WriteRuns>, ReturnSlots { lease_id }: ReturnSlots) -> Result<()> {
    cx.db.write(GiveBack { tenant: *ws.tenant(), lease_id, now: cx.clock.now() }).await
}

/// Keeps a lease for longer, counted from now. One that is overdue but holds its slots still can be kept.
///
/// # Errors
/// [`Error::Gone`] if its slots were given back.
pub async fn renew(cx: &Cx, ws: Workspace<WriteRuns>, lease_id: LeaseId, renew: &RenewLease) -> Result<()> {
    let expires = cx.clock.now().plus_micros(renew.lease_duration.micros());
    cx.db.write(Renew { tenant: *ws.tenant(), lease_id, expires }).await
}

struct TakeLease {
    tenant: Tenant,
    wanted: TakeSlots,
    lease: LeaseId,
    now: Timestamp,
    draw: f64,
}

/// That nothing was taken is kept as well, since it tells how long the queue is.
enum Taken {
    Granted(LeaseGranted),
    Full { wait_seconds: f64 },
}

impl Write for TakeLease {
    type Out = Taken;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Taken> {
        let mut tx = tx.of(&self.tenant);
        let named = tx.all(&LOCK_LIMITS_NAMED, (Json(self.wanted.names.clone()),)).await?;
        let active: Vec<&LimitRow> = named.iter().filter(|row| row.active).collect();
        let mut limits: Vec<_> = active.iter().map(|row| judged(row)).collect();
        let answer = concurrency::take(&mut limits, self.wanted.slots, self.wanted.mode, self.now, self.draw);
        let answer = answer.map_err(refused)?;
        for (row, limit) in active.iter().zip(&limits) {
            tx.exactly_one(&USE_LIMIT, &used(row, limit, self.now)).await?;
        }
        if let Answer::Full { wait_seconds } = answer {
            return Ok(Taken::Full { wait_seconds });
        }
        tx.insert(&INSERT_LEASE, &[self.lease_row()]).await?;
        let rows: Vec<LeaseLimitRow> =
            active.iter().map(|row| LeaseLimitRow { lease_id: self.lease, limit_id: row.id }).collect();
        tx.insert(&INSERT_LEASE_LIMITS, &rows).await?;
        let limits = named.into_iter().map(|row| HeldLimit { id: row.id, name: row.name, limit: row.slot_limit });
        Ok(Taken::Granted(LeaseGranted { lease_id: self.lease, limits: limits.collect() }))
    }
}

impl TakeLease {
    fn lease_row(&self) -> LeaseRow {
        let holder = self.wanted.holder.as_ref();
        LeaseRow {
            id: self.lease,
            slots: self.wanted.slots,
            holder_type: holder.map(|holder| holder.kind),
            holder_id: holder.map(|holder| holder.id),
            created: self.now,
            expires: self.now.plus_micros(self.wanted.lease_duration.micros()),
        }
    }
}

fn refused(refusal: Refusal) -> Error {
    let field = match refusal {
        Refusal::MoreThanTheLimit => "slots",
        Refusal::NoDecay => "mode",
    };
    Error::invalid(field, refusal.to_string())
}

struct GiveBack {
    tenant: Tenant,
    lease_id: LeaseId,
    now: Timestamp,
}

impl Write for GiveBack {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut tx = tx.of(&self.tenant);
        let Some(lease) = tx.optional(&LOCK_LEASE, (self.lease_id,)).await? else { return Ok(()) };
        let held = self.now.since(lease.created);
        end(&mut tx, &lease, Some(held), self.now).await
    }
}

/// Ends a locked lease: its slots are free. `held` is for how long they were in use, where that is known.
pub(super) async fn end(tx: &mut ScopedTx<'_, '_>, lease: &LeaseRow, held: Option<Span>, now: Timestamp) -> Result<()> {
    for row in tx.all(&LOCK_LIMITS_OF_LEASE, (lease.id,)).await? {
        let limit = judged(&row).give_back(lease.slots, held, now);
        tx.exactly_one(&USE_LIMIT, &used(&row, &limit, now)).await?;
    }
    tx.exactly_one(&DELETE_LEASE, (lease.id,)).await?;
    Ok(())
}

struct Renew {
    tenant: Tenant,
    lease_id: LeaseId,
    expires: Timestamp,
}

impl Write for Renew {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let touched = tx.of(&self.tenant).run(&RENEW_LEASE, (self.lease_id, self.expires)).await?;
        if touched == 0 { Err(Error::Gone("The lease is over: its slots were given back")) } else { Ok(()) }
    }
}

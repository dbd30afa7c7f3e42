//! Concurrency limits.

use model::{
    concurrency::{
        ConcurrencyLimit, ConcurrencyLimitCreate, ConcurrencyLimitId, ConcurrencyLimitSummary,
        DEFAULT_OCCUPANCY_SECONDS,
    },
    permission::{ReadLimits, WriteLimits},
};
use store::{
    Tenant, Tx, Write,
    concurrency::{DELETE_LIMIT, DELETE_LIMIT_BY_NAME, INSERT_LIMIT, LIMIT, LIMIT_BY_NAME, LimitRow},
};

use super::engine_limit;
use crate::{Cx, Error, Result, access::Workspace};

fn not_found(id_or_name: &str) -> Error {
    Error::NotFound { noun: "Concurrency Limit".into(), id: id_or_name.parse().ok() }
}

/// Creates a limit.
///
/// # Errors
/// [`Error::Conflict`] if the name is taken.
pub async fn create(cx: &Cx, ws: Workspace<WriteLimits>, create: ConcurrencyLimitCreate) -> Result<ConcurrencyLimit> {
    let now = cx.clock.now();
    let row = LimitRow {
        id: cx.ids.make(now),
        name: create.name.into(),
        active: create.active,
        slot_limit: create.limit,
        active_slots: create.active_slots,
        active_since: now,
        denied_slots: create.denied_slots,
        denied_since: now,
        slot_decay_per_second: create.slot_decay_per_second,
        avg_slot_occupancy_seconds: DEFAULT_OCCUPANCY_SECONDS,
        created: now,
        updated: now,
    };
    cx.db.write(CreateLimit { tenant: *ws.tenant(), row }).await
}

/// The limit of this id or, if it is not an id, of this name, with the slots that are in use now.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(cx: &Cx, ws: Workspace<ReadLimits>, id_or_name: &str) -> Result<ConcurrencyLimitSummary> {
    let db = cx.db.of(ws.tenant());
    let row = match id_or_name.parse::<ConcurrencyLimitId>() {
        Ok(id) => db.optional(&LIMIT, (id,)).await?,
        Err(_) => db.optional(&LIMIT_BY_NAME, (id_or_name,)).await?,
    };
    let row = row.ok_or_else(|| not_found(id_or_name))?;
    let active_slots = engine_limit(&row).at(cx.clock.now()).active.count;
    Ok(ConcurrencyLimit::from(LimitRow { active_slots, ..row }).into())
}

/// Deletes the limit of this id or, if it is not an id, of this name. Leases on its slots still count for their other limits.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(cx: &Cx, ws: Workspace<WriteLimits>, id_or_name: &str) -> Result<()> {
    cx.db.write(DeleteLimit { tenant: *ws.tenant(), id_or_name: id_or_name.to_owned() }).await
}

struct CreateLimit {
    tenant: Tenant,
    row: LimitRow,
}

impl Write for CreateLimit {
    type Out = ConcurrencyLimit;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<ConcurrencyLimit> {
        tx.of(&self.tenant).insert(&INSERT_LIMIT, std::slice::from_ref(&self.row)).await?;
        Ok(self.row.clone().into())
    }
}

struct DeleteLimit {
    tenant: Tenant,
    id_or_name: String,
}

impl Write for DeleteLimit {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut tx = tx.of(&self.tenant);
        let rows = match self.id_or_name.parse::<ConcurrencyLimitId>() {
            Ok(id) => tx.run(&DELETE_LIMIT, (id,)).await?,
            Err(_) => tx.run(&DELETE_LIMIT_BY_NAME, (&self.id_or_name,)).await?,
        };
        if rows == 0 { Err(not_found(&self.id_or_name)) } else { Ok(()) }
    }
}

//! Flows: created once by name, found by it afterwards.

use model::{
    filter::query::FlowQuery,
    flow::{Flow, FlowCreate},
    id::FlowId,
    permission::{ReadRuns, WriteRuns},
};
use store::{
    Tenant, Tx, Write,
    flow::{FLOW_BY_ID, FLOW_BY_NAME, FlowTagRow, INSERT_FLOW, INSERT_FLOW_TAGS},
};

use crate::{Cx, Error, Result, access::Workspace, list::list_query};

list_query!(FlowQuery by ReadRuns => Flow);

/// An object that was inserted, or existed already.
#[derive(Clone, PartialEq, Debug)]
pub struct Upserted<T> {
    pub value: T,
    /// Whether this call inserted it.
    pub inserted: bool,
}

/// The flow of this name, created if it does not exist. An existing flow stays unchanged.
///
/// # Errors
/// Only those of the database.
pub async fn create(cx: &Cx, ws: Workspace<WriteRuns>, create: FlowCreate) -> Result<Upserted<Flow>> {
    let existing = cx.db.of(ws.tenant()).optional(&FLOW_BY_NAME, (create.name.as_str(),)).await?;
    if let Some(row) = existing {
        return Ok(Upserted { value: row, inserted: false });
    }
    let now = cx.clock.now();
    let row = Flow {
        id: cx.ids.make(now),
        name: create.name.into(),
        tags: create.tags,
        labels: create.labels,
        created: now,
        updated: now,
    };
    cx.db.write(CreateFlow { tenant: *ws.tenant(), row }).await
}

struct CreateFlow {
    tenant: Tenant,
    row: Flow,
}

impl Write for CreateFlow {
    type Out = Upserted<Flow>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Upserted<Flow>> {
        let mut tx = tx.of(&self.tenant);
        if tx.insert(&INSERT_FLOW, std::slice::from_ref(&self.row)).await? == 0 {
            let existing = tx.one(&FLOW_BY_NAME, (&self.row.name,)).await?;
            return Ok(Upserted { value: existing, inserted: false });
        }
        tx.insert(&INSERT_FLOW_TAGS, &FlowTagRow::of(self.row.id, &self.row.tags)).await?;
        Ok(Upserted { value: self.row.clone(), inserted: true })
    }
}

/// The flow of this id.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(cx: &Cx, ws: Workspace<ReadRuns>, id: FlowId) -> Result<Flow> {
    let row = cx.db.of(ws.tenant()).optional(&FLOW_BY_ID, (id,)).await?;
    row.ok_or(Error::not_found("Flow", id))
}

/// The flow of this name.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read_by_name(cx: &Cx, ws: Workspace<ReadRuns>, name: &str) -> Result<Flow> {
    let row = cx.db.of(ws.tenant()).optional(&FLOW_BY_NAME, (name,)).await?;
    row.ok_or(Error::missing("Flow"))
}

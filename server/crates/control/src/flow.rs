//! Flows: made once by name, found again ever after.

use model::{
    filter::flow::FlowQuery,
    flow::{Flow, FlowCreate},
    id::FlowId,
    page::Page,
    permission::{ReadRuns, WriteRuns},
};
use store::{
    Tenant, Tx, Write,
    column::Json,
    filter::select_flows,
    flow::{FLOW_BY_ID, FLOW_BY_NAME, FlowRow, FlowTagRow, INSERT_FLOW, INSERT_FLOW_TAGS},
};

use crate::{Cx, Error, Result, access::Workspace};

/// Something that was made, or was there already.
#[derive(Clone, PartialEq, Debug)]
pub struct Made<T> {
    pub it: T,
    /// Whether this call made it.
    pub new: bool,
}

/// The flow of this name: made if it is not there. What is there stays as it is.
///
/// # Errors
/// Only those of the database.
pub async fn create(cx: &Cx, ws: Workspace<WriteRuns>, create: FlowCreate) -> Result<Made<Flow>> {
    let there = cx.db.of(ws.tenant()).optional(&FLOW_BY_NAME, (create.name.as_str(),)).await?;
    if let Some(row) = there {
        return Ok(Made { it: row.into(), new: false });
    }
    let now = cx.clock.now();
    let row = FlowRow {
        id: cx.ids.make(now),
        name: create.name.into(),
        tags: Json(create.tags),
        labels: Json(create.labels),
        created: now,
        updated: now,
    };
    cx.db.write(CreateFlow { tenant: *ws.tenant(), row }).await
}

struct CreateFlow {
    tenant: Tenant,
    row: FlowRow,
}

impl Write for CreateFlow {
    type Out = Made<Flow>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Made<Flow>> {
        let mut tx = tx.of(&self.tenant);
        if tx.insert(&INSERT_FLOW, std::slice::from_ref(&self.row)).await? == 0 {
            let there = tx.one(&FLOW_BY_NAME, (&self.row.name,)).await?;
            return Ok(Made { it: there.into(), new: false });
        }
        let tag = |tag: &String| FlowTagRow { flow_id: self.row.id, tag: tag.clone() };
        tx.insert(&INSERT_FLOW_TAGS, &self.row.tags.0.iter().map(tag).collect::<Vec<_>>()).await?;
        Ok(Made { it: self.row.clone().into(), new: true })
    }
}

/// The flow of this id.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(cx: &Cx, ws: Workspace<ReadRuns>, id: FlowId) -> Result<Flow> {
    let row = cx.db.of(ws.tenant()).optional(&FLOW_BY_ID, (id,)).await?;
    row.map(Flow::from).ok_or(Error::NotFound("Flow"))
}

/// The flow of this name.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read_by_name(cx: &Cx, ws: Workspace<ReadRuns>, name: &str) -> Result<Flow> {
    let row = cx.db.of(ws.tenant()).optional(&FLOW_BY_NAME, (name,)).await?;
    row.map(Flow::from).ok_or(Error::NotFound("Flow"))
}

/// The flows that match.
///
/// # Errors
/// Only those of the database.
pub async fn list(cx: &Cx, ws: Workspace<ReadRuns>, query: &FlowQuery, page: Page) -> Result<Vec<Flow>> {
    let rows: Vec<FlowRow> = cx.db.of(ws.tenant()).select("flow", select_flows(query, page)).await?;
    Ok(rows.into_iter().map(Flow::from).collect())
}

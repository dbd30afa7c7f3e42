//! Lists of task runs.

use model::{filter::query::TaskRunQuery, page::Page, permission::ReadRuns, task_run::TaskRun};

use crate::{Cx, Result, access::Workspace};

/// The runs that match, in the order and page that the client asks for.
///
/// # Errors
/// Only those of the database.
pub async fn list(cx: &Cx, ws: Workspace<ReadRuns>, query: &TaskRunQuery, page: Page) -> Result<Vec<TaskRun>> {
    let rows = cx.db.of(ws.tenant()).list(query, page).await?;
    let now = cx.clock.now();
    Ok(rows.into_iter().map(|row| TaskRun::from(row).at(now)).collect())
}

/// How many runs match.
///
/// # Errors
/// Only those of the database.
pub async fn count(cx: &Cx, ws: Workspace<ReadRuns>, query: &TaskRunQuery) -> Result<i64> {
    Ok(cx.db.of(ws.tenant()).count(query).await?)
}

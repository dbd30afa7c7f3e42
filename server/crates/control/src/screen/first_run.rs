//! The screen of the page that waits for a workspace's first call and first run.

use model::{
    id::FlowRunId,
    log::LogLevel,
    permission::ReadRuns,
    screen::{FirstRunProgress, FirstRunScreen, RunLine},
    time::Timestamp,
};
use store::{Read, Tenant, Tx, screen::log_line_statements, workspace::LAST_CALL};

use super::{
    run::{END, line},
    run_list,
};
use crate::{Cx, Error, Result, access::Workspace};

/// The screen: whether a client has called, and the progress of the newest run.
///
/// # Errors
/// Only those of the database.
pub async fn first_run(cx: &Cx, ws: Workspace<ReadRuns>) -> Result<FirstRunScreen> {
    let position = cx.changes().position();
    let progress = first_run_progress(cx, ws).await?;
    Ok(FirstRunScreen { progress, now: cx.clock.now(), position })
}

/// The progress alone, for pages that subscribe to it.
///
/// # Errors
/// Only those of the database.
pub async fn first_run_progress(cx: &Cx, ws: Workspace<ReadRuns>) -> Result<FirstRunProgress> {
    cx.db.read(ReadProgress { tenant: *ws.tenant(), now: cx.clock.now() }).await
}

struct ReadProgress {
    tenant: Tenant,
    now: Timestamp,
}

impl Read for ReadProgress {
    type Out = FirstRunProgress;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<FirstRunProgress> {
        let call = tx.of(&self.tenant).optional(&LAST_CALL, ()).await?;
        let run = run_list::newest(tx, &self.tenant, self.now).await?;
        let line = match &run {
            // Lines below warnings are those that the client writes about every run.
            Some(run) => match self.newest_line(tx, run.id, LogLevel::Warning.number().into()).await? {
                Some(line) => Some(line),
                None => self.newest_line(tx, run.id, 0).await?,
            },
            None => None,
        };
        let runs = run_list::totals(tx, &self.tenant).await?.iter().map(|(_, _, runs)| runs).sum();
        Ok(FirstRunProgress { called: call.and_then(|(time,)| time), run, line, runs })
    }
}

impl ReadProgress {
    async fn newest_line(&self, tx: &mut Tx<'_>, run: FlowRunId, level: i64) -> Result<Option<RunLine>> {
        Ok(tx
            .of(&self.tenant)
            .optional(&log_line_statements(level).before, (run, level, END.at, END.id, 1))
            .await?
            .map(line))
    }
}

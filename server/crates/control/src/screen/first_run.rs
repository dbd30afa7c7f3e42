//! The page that waits for a workspace's first call and first run.

use model::{
    id::FlowRunId,
    permission::ReadRuns,
    screen::{FirstRunProgress, FirstRunScreen, RunLine},
    time::Timestamp,
};
use store::{Read, Tenant, Tx, screen::lines, workspace::LAST_CALL};

use super::{
    run::{END, line},
    run_list,
};
use crate::{Cx, Error, Result, access::Workspace};

/// How far the first run has come.
///
/// # Errors
/// Only those of the database.
pub async fn first_run(cx: &Cx, at: Workspace<ReadRuns>) -> Result<FirstRunScreen> {
    let mark = cx.bus.mark();
    let progress = first_run_progress(cx, at).await?;
    Ok(FirstRunScreen { progress, now: cx.clock.now(), mark })
}

/// The same for those who follow.
///
/// # Errors
/// Only those of the database.
pub async fn first_run_progress(cx: &Cx, at: Workspace<ReadRuns>) -> Result<FirstRunProgress> {
    cx.db.read(ReadProgress { tenant: *at.tenant(), now: cx.clock.now() }).await
}

/// From this level on a line says more of a run than what the client writes about every run.
const WARNING: i64 = 30;

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
            Some(run) => match self.newest_line(tx, run.id, WARNING).await? {
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
        Ok(tx.of(&self.tenant).optional(&lines(level).before, (run, level, END.at, END.id, 1)).await?.map(line))
    }
}

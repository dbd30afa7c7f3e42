//! The screen of the page that waits for a workspace's first call and first run.

use model::{
    id::{FlowRunId, UserId},
    live::Update,
    log::LogLevel,
    permission::ReadRuns,
    screen::{FirstRunProgress, FirstRunScreen, RunCursor, RunLine, RunRow, RunSortKey},
    state::StateType,
    time::Timestamp,
};
use store::{
    Read, Tenant, Tx,
    filter::Window,
    row::Joined,
    screen::{ListedRun, ListedRuns, log_line_statements},
    workspace::LAST_CALL,
};
use uuid::Uuid;

use super::{
    run::{END, line},
    run_list,
    topic::{ReadUpdate, Topic},
};
use crate::{Cx, Error, Result, access::Workspace, changes::Change};

/// The names of scheduled states of runs that have started: one waits for its next attempt, the other was resumed.
const STARTED: [&str; 2] = ["AwaitingRetry", "Resuming"];
/// Among so many of the earliest cancelled runs one that had started is looked for.
const CANCELLED_RUNS: u64 = 200;

/// The screen: whether a client has called, and the progress of the first run.
///
/// # Errors
/// Only those of the database.
pub async fn first_run(cx: &Cx, ws: Workspace<ReadRuns>) -> Result<FirstRunScreen> {
    let position = cx.changes().position();
    let progress = progress(cx, ws).await?;
    Ok(FirstRunScreen { progress, now: cx.clock.now(), position })
}

async fn progress(cx: &Cx, ws: Workspace<ReadRuns>) -> Result<FirstRunProgress> {
    cx.db.read(ReadProgress { tenant: *ws.tenant() }).await
}

struct ReadProgress {
    tenant: Tenant,
}

impl Read for ReadProgress {
    type Out = FirstRunProgress;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<FirstRunProgress> {
        let call = tx.of(&self.tenant).optional(&LAST_CALL, ()).await?;
        let run = self.first_run(tx).await?;
        let line = match &run {
            // Lines below warnings are those that the client writes about every run.
            Some(run) => match self.newest_line(tx, run.id, LogLevel::Warning.number().into()).await? {
                Some(line) => Some(line),
                None => self.newest_line(tx, run.id, 0).await?,
            },
            None => None,
        };
        let totals = run_list::totals(tx, &self.tenant).await?;
        let is_planned = |state_type, name: &str| state_type == StateType::Scheduled && !STARTED.contains(&name);
        let count = |planned| {
            let counted = totals.iter().filter(|(state_type, name, _)| is_planned(*state_type, name) == planned);
            counted.map(|(_, _, runs)| runs).sum()
        };
        let (runs, planned) = (count(false), count(true));
        Ok(FirstRunProgress { called: call.and_then(|(time,)| time), run, line, runs, planned })
    }
}

impl ReadProgress {
    /// The first run that has begun: a client has taken it, so it is neither planned nor was it cancelled before it started.
    async fn first_run(&self, tx: &mut Tx<'_>) -> Result<Option<RunRow>> {
        let begun = self.earliest(tx, &begun(), 1).await?;
        let cancelled = self.earliest(tx, &cancelled(), CANCELLED_RUNS).await?;
        let cancelled = cancelled.into_iter().find(|Joined(run, _)| run.start_time.is_some());
        match begun.into_iter().chain(cancelled).min_by_key(|Joined(run, _)| (run.sort_time, run.id)) {
            Some(Joined(run, _)) => run_list::run_row(tx, &self.tenant, run.id).await,
            None => Ok(None),
        }
    }

    async fn earliest(&self, tx: &mut Tx<'_>, runs: &ListedRuns, limit: u64) -> Result<Vec<ListedRun>> {
        let start = RunSortKey { time: Timestamp::EARLIEST, id: FlowRunId(Uuid::nil()) };
        Ok(tx.of(&self.tenant).list(runs, Window::Cursor(RunCursor::Before(start), limit)).await?)
    }

    async fn newest_line(&self, tx: &mut Tx<'_>, run: FlowRunId, level: i64) -> Result<Option<RunLine>> {
        Ok(tx
            .of(&self.tenant)
            .optional(&log_line_statements(level).before, (run, level, END.at, END.id, 1))
            .await?
            .map(line))
    }
}

/// The runs that a client has taken, without cancelled ones. Each state is a range of an index, so planned runs cost nothing.
fn begun() -> ListedRuns {
    let is_begun = |ty: &StateType| !matches!(ty, StateType::Scheduled | StateType::Cancelled);
    let types: Vec<_> = StateType::ALL.into_iter().filter(is_begun).collect();
    run_list::listed(&types, &STARTED.map(str::to_owned), (None, None))
}

/// The cancelled runs, of which some had not started.
fn cancelled() -> ListedRuns {
    run_list::listed(&[StateType::Cancelled], &[], (None, None))
}

/// The calls of the person's clients until the first run exists, then that run.
pub struct FirstRunTopic {
    workspace: Workspace<ReadRuns>,
    awaited: Awaited,
}

/// What wakes the topic.
#[derive(Clone, Copy, Debug)]
struct Awaited {
    person: UserId,
    run: Option<FlowRunId>,
}

impl FirstRunTopic {
    #[must_use]
    pub fn new(workspace: Workspace<ReadRuns>, person: UserId) -> Self {
        Self { workspace, awaited: Awaited { person, run: None } }
    }
}

impl Awaited {
    fn includes(self, change: &Change) -> bool {
        match change {
            Change::ClientCalled { person } => self.run.is_none() && *person == self.person,
            Change::FlowRun { flow_run, .. } | Change::Logs { flow_run, .. } => {
                self.run.is_none_or(|run| run == *flow_run)
            }
            _ => false,
        }
    }
}

impl Topic for FirstRunTopic {
    fn record(&mut self, change: &Change) -> bool {
        self.awaited.includes(change)
    }

    fn read<'a>(&'a mut self, cx: &'a Cx) -> ReadUpdate<'a> {
        Box::pin(async {
            let progress = progress(cx, self.workspace).await?;
            self.awaited.run = progress.run.as_ref().map(|run| run.id);
            Ok(Some(Update::FirstRun(Box::new(progress))))
        })
    }
}

#[cfg(test)]
mod tests {
    use model::{
        id::{FlowRunId, UserId, WorkspaceId},
        screen::LineSortKey,
        time::Timestamp,
    };

    use super::Awaited;
    use crate::changes::Change;

    fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(number: u8) -> T {
        format!("{number:032x}").parse().unwrap()
    }

    #[test]
    fn own_calls_wake_the_page_until_there_is_a_run() {
        let (person, workspace): (UserId, WorkspaceId) = (id(1), id(2));
        let (run, other): (FlowRunId, FlowRunId) = (id(3), id(4));
        let run_of = |flow_run| Change::FlowRun { workspace, flow_run };
        let line = LineSortKey { at: Timestamp::default(), id: id(5) };
        let lines_of = |flow_run| Change::Logs { workspace, flow_run, lines: line..=line };
        let wakes = |run, change| Awaited { person, run }.includes(&change);
        assert!(wakes(None, Change::ClientCalled { person }) && wakes(None, run_of(run)));
        assert!(!wakes(None, Change::ClientCalled { person: id(7) }));
        assert!(wakes(Some(run), run_of(run)) && wakes(Some(run), lines_of(run)));
        assert!(!wakes(Some(run), Change::ClientCalled { person }));
        assert!(!wakes(Some(run), run_of(other)) && !wakes(Some(run), lines_of(other)));
    }
}

//! A page's subscription to a topic: the changes since the last update, and the query that makes the next update.

use std::{collections::BTreeSet, time::Duration};

use control::{
    Cx, Result,
    access::Workspace,
    changes::Change,
    screen::{self, RunChanges},
};
use model::{
    id::{FlowRunId, UserId, WorkspaceId},
    live::{TopicKind, Update},
    permission::ReadRuns,
    screen::{RunFilter, Since},
};
use tokio::time::Instant;

/// The shortest time between two updates of a topic; changes within it are sent together.
const UPDATE_INTERVAL: Duration = Duration::from_millis(100);
/// The same for a topic whose updates count many rows.
const COUNT_INTERVAL: Duration = Duration::from_millis(500);
/// The pause after a failed query of a topic.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// The most changed runs of one update; if there are more, the page reloads.
const MAX_CHANGED: usize = 200;

/// A subscription of one caller, who may read the workspace.
pub struct Subscription {
    workspace: Workspace<ReadRuns>,
    pending: Pending,
    due: Option<Instant>,
    last_update: Option<Instant>,
}

/// The result of polling a subscription.
pub enum Poll {
    Update(Update),
    /// More than `MAX_CHANGED` runs changed.
    TooManyChanges,
}

/// The topic, and its changes since the last update.
enum Pending {
    Runs {
        filter: RunFilter,
        changed: BTreeSet<FlowRunId>,
    },
    /// `lines`: updates contain the new log lines, not only their count.
    Run {
        flow_run: FlowRunId,
        level: i32,
        lines: bool,
        changes: RunChanges,
    },
    /// The user's API calls until the first run exists, then that run.
    FirstRun {
        user: UserId,
        run: Option<FlowRunId>,
    },
}

impl Subscription {
    pub fn new(workspace: Workspace<ReadRuns>, kind: TopicKind, user: UserId) -> Self {
        let pending = match kind {
            TopicKind::Runs { filter } => Pending::Runs { filter, changed: BTreeSet::new() },
            TopicKind::Run { flow_run, level, lines } => {
                Pending::Run { flow_run, level, lines, changes: RunChanges::default() }
            }
            TopicKind::FirstRun => Pending::FirstRun { user, run: None },
        };
        Self { workspace, pending, due: None, last_update: None }
    }

    pub fn workspace(&self) -> Workspace<ReadRuns> {
        self.workspace
    }

    /// When to send the next update; `None` if nothing changed.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Records a change, if it belongs to this topic.
    pub fn record(&mut self, change: &Change) {
        if self.pending.record(self.workspace.id(), change) && self.due.is_none() {
            let now = Instant::now();
            self.due = Some(self.last_update.map_or(now, |last| now.max(last + self.pending.interval())));
        }
    }

    /// Reads the update. After an error the subscription is due again in `RETRY_DELAY`.
    pub async fn poll(&mut self, cx: &Cx) -> Result<Poll> {
        let now = Instant::now();
        self.due = Some(now + RETRY_DELAY);
        let poll = self.pending.read(cx, self.workspace).await?;
        (self.due, self.last_update) = (None, Some(now));
        Ok(poll)
    }
}

impl Pending {
    fn interval(&self) -> Duration {
        match self {
            Self::Runs { filter, .. } if filter.since != Since::Ever => COUNT_INTERVAL,
            _ => UPDATE_INTERVAL,
        }
    }

    /// Records the change and returns whether it belongs to the topic.
    fn record(&mut self, own_workspace: WorkspaceId, change: &Change) -> bool {
        match (self, change) {
            (
                Self::Runs { changed, .. },
                Change::FlowRun { workspace, flow_run } | Change::TaskRun { workspace, flow_run: Some(flow_run), .. },
            ) if *workspace == own_workspace => {
                if changed.len() <= MAX_CHANGED {
                    changed.insert(*flow_run);
                }
                true
            }
            (Self::Run { flow_run: own_run, changes, level, lines }, change) => match change {
                Change::FlowRun { workspace, flow_run } if (workspace, flow_run) == (&own_workspace, own_run) => {
                    changes.head = true;
                    true
                }
                Change::TaskRun { workspace, task_run, flow_run }
                    if (workspace, *flow_run) == (&own_workspace, Some(*own_run)) =>
                {
                    if changes.task_runs.len() <= MAX_CHANGED {
                        changes.task_runs.insert(*task_run);
                    }
                    true
                }
                Change::Logs { workspace, flow_run, lines: new_lines }
                    if (workspace, flow_run) == (&own_workspace, own_run) =>
                {
                    changes.level = Some(*level);
                    if *lines {
                        changes.extend_lines(new_lines);
                    }
                    true
                }
                _ => false,
            },
            (Self::FirstRun { user, run: None }, Change::ClientCalled { person }) => person == user,
            (
                Self::FirstRun { run, .. },
                Change::FlowRun { workspace, flow_run } | Change::Logs { workspace, flow_run, .. },
            ) => *workspace == own_workspace && run.is_none_or(|run| run == *flow_run),
            _ => false,
        }
    }

    async fn read(&mut self, cx: &Cx, workspace: Workspace<ReadRuns>) -> Result<Poll> {
        Ok(Poll::Update(match self {
            Self::Runs { changed, .. } if changed.len() > MAX_CHANGED => return Ok(Poll::TooManyChanges),
            Self::Run { changes, .. } if changes.task_runs.len() > MAX_CHANGED => return Ok(Poll::TooManyChanges),
            Self::Runs { filter, changed } => {
                let update = screen::run_list_update(cx, workspace, filter.clone(), changed.clone()).await?;
                changed.clear();
                Update::Runs(update)
            }
            Self::Run { flow_run, changes, .. } => {
                let update = screen::run_update(cx, workspace, *flow_run, changes.clone()).await?;
                *changes = RunChanges::default();
                Update::Run(Box::new(update))
            }
            Self::FirstRun { run, .. } => {
                let progress = screen::first_run_progress(cx, workspace).await?;
                *run = progress.run.as_ref().map(|run| run.id);
                Update::FirstRun(Box::new(progress))
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use control::changes::Change;
    use model::{
        id::{FlowRunId, UserId, WorkspaceId},
        screen::LineSortKey,
        time::Timestamp,
    };

    use super::Pending;

    fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(number: u8) -> T {
        format!("{number:032x}").parse().unwrap()
    }

    #[test]
    fn first_run_topic_has_own_calls_then_only_the_first_run() {
        let (user, workspace): (UserId, WorkspaceId) = (id(1), id(2));
        let (run, other): (FlowRunId, FlowRunId) = (id(3), id(4));
        let run_of = |flow_run| Change::FlowRun { workspace, flow_run };
        let line = LineSortKey { at: Timestamp::default(), id: id(5) };
        let lines_of = |flow_run| Change::Logs { workspace, flow_run, lines: line..=line };
        let records = |run, change| Pending::FirstRun { user, run }.record(workspace, &change);
        assert!(records(None, Change::ClientCalled { person: user }) && records(None, run_of(run)));
        assert!(!records(None, Change::ClientCalled { person: id(7) }));
        assert!(records(Some(run), run_of(run)) && records(Some(run), lines_of(run)));
        assert!(!records(Some(run), Change::ClientCalled { person: user }));
        assert!(!records(Some(run), run_of(other)) && !records(Some(run), lines_of(other)));
    }
}

//! A topic that a page follows: what of it changed since it was last told, and the look that tells it.

use std::{collections::BTreeSet, time::Duration};

use control::{
    Cx, Result,
    access::Workspace,
    bus::Change,
    screen::{self, RunWanted},
};
use model::{
    id::{FlowRunId, UserId, WorkspaceId},
    live::{News, TopicOf},
    permission::ReadRuns,
    screen::{RunFilter, Since},
};
use tokio::time::Instant;

/// What changes within this time is told together.
const PAUSE: Duration = Duration::from_millis(100);
/// The same where telling means counting.
const LONG_PAUSE: Duration = Duration::from_millis(500);
/// How long a topic rests whose look failed.
const REST: Duration = Duration::from_secs(1);
/// What is told one by one; beyond it the page reloads.
const MOST_CHANGED: usize = 200;

/// A topic, opened for one reader.
pub struct Followed {
    at: Workspace<ReadRuns>,
    watch: Watch,
    due: Option<Instant>,
    told: Option<Instant>,
}

/// What a look at a topic came to.
pub enum Told {
    News(News),
    /// Too much happened to be told one by one.
    TooMuch,
}

enum Watch {
    Runs {
        filter: RunFilter,
        changed: BTreeSet<FlowRunId>,
    },
    /// `lines`: those that arrive are told, not only counted.
    Run {
        flow_run: FlowRunId,
        level: i32,
        lines: bool,
        wanted: RunWanted,
    },
    /// The calls of its reader until a run is there, and that run from then on.
    FirstRun {
        reader: UserId,
        run: Option<FlowRunId>,
    },
}

impl Followed {
    pub fn new(at: Workspace<ReadRuns>, of: TopicOf, reader: UserId) -> Self {
        let watch = match of {
            TopicOf::Runs { filter } => Watch::Runs { filter, changed: BTreeSet::new() },
            TopicOf::Run { flow_run, level, lines } => {
                Watch::Run { flow_run, level, lines, wanted: RunWanted::default() }
            }
            TopicOf::FirstRun => Watch::FirstRun { reader, run: None },
        };
        Self { at, watch, due: None, told: None }
    }

    /// Whose it is.
    pub fn at(&self) -> Workspace<ReadRuns> {
        self.at
    }

    /// When it is to be told of next, if anything changed.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Notes a change, if it is one of this topic.
    pub fn note(&mut self, change: &Change) {
        if self.watch.note(self.at.id(), change) && self.due.is_none() {
            let now = Instant::now();
            self.due = Some(self.told.map_or(now, |told| now.max(told + self.watch.pause())));
        }
    }

    /// Reads what is new. After a failure it is due again a little later.
    pub async fn tell(&mut self, cx: &Cx) -> Result<Told> {
        let now = Instant::now();
        self.due = Some(now + REST);
        let told = self.watch.look(cx, self.at).await?;
        (self.due, self.told) = (None, Some(now));
        Ok(told)
    }
}

impl Watch {
    fn pause(&self) -> Duration {
        match self {
            Self::Runs { filter, .. } if filter.since != Since::Ever => LONG_PAUSE,
            _ => PAUSE,
        }
    }

    /// Whether the change is one of the topic.
    fn note(&mut self, here: WorkspaceId, change: &Change) -> bool {
        match (self, change) {
            (
                Self::Runs { changed, .. },
                Change::FlowRun { workspace, flow_run } | Change::TaskRun { workspace, flow_run: Some(flow_run), .. },
            ) if *workspace == here => {
                if changed.len() <= MOST_CHANGED {
                    changed.insert(*flow_run);
                }
                true
            }
            (Self::Run { flow_run: of, wanted, level, lines }, change) => match change {
                Change::FlowRun { workspace, flow_run } if (workspace, flow_run) == (&here, of) => {
                    wanted.head = true;
                    true
                }
                Change::TaskRun { workspace, task_run, flow_run } if (workspace, *flow_run) == (&here, Some(*of)) => {
                    if wanted.task_runs.len() <= MOST_CHANGED {
                        wanted.task_runs.insert(*task_run);
                    }
                    true
                }
                Change::Logs { workspace, flow_run, lines: arrived } if (workspace, flow_run) == (&here, of) => {
                    wanted.level = Some(*level);
                    if *lines {
                        wanted.widen(arrived);
                    }
                    true
                }
                _ => false,
            },
            (Self::FirstRun { reader, run: None }, Change::Called { person }) => person == reader,
            (
                Self::FirstRun { run, .. },
                Change::FlowRun { workspace, flow_run } | Change::Logs { workspace, flow_run, .. },
            ) => *workspace == here && run.is_none_or(|run| run == *flow_run),
            _ => false,
        }
    }

    async fn look(&mut self, cx: &Cx, at: Workspace<ReadRuns>) -> Result<Told> {
        Ok(Told::News(match self {
            Self::Runs { changed, .. } if changed.len() > MOST_CHANGED => return Ok(Told::TooMuch),
            Self::Run { wanted, .. } if wanted.task_runs.len() > MOST_CHANGED => return Ok(Told::TooMuch),
            Self::Runs { filter, changed } => {
                let news = screen::run_list_news(cx, at, filter.clone(), changed.clone()).await?;
                changed.clear();
                News::Runs(news)
            }
            Self::Run { flow_run, wanted, .. } => {
                let news = screen::run_news(cx, at, *flow_run, wanted.clone()).await?;
                *wanted = RunWanted::default();
                News::Run(Box::new(news))
            }
            Self::FirstRun { run, .. } => {
                let progress = screen::first_run_progress(cx, at).await?;
                *run = progress.run.as_ref().map(|run| run.id);
                News::FirstRun(Box::new(progress))
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use control::bus::Change;
    use model::{
        id::{FlowRunId, UserId, WorkspaceId},
        screen::LinePlace,
        time::Timestamp,
    };

    use super::Watch;

    fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(number: u8) -> T {
        format!("{number:032x}").parse().unwrap()
    }

    #[test]
    fn who_waits_for_a_first_run_hears_of_its_own_calls_and_then_of_that_run_alone() {
        let (reader, workspace): (UserId, WorkspaceId) = (id(1), id(2));
        let (run, other): (FlowRunId, FlowRunId) = (id(3), id(4));
        let run_of = |flow_run| Change::FlowRun { workspace, flow_run };
        let place = LinePlace { at: Timestamp::default(), id: id(5) };
        let lines_of = |flow_run| Change::Logs { workspace, flow_run, lines: place..=place };
        let hears = |run, change| Watch::FirstRun { reader, run }.note(workspace, &change);
        assert!(hears(None, Change::Called { person: reader }) && hears(None, run_of(run)));
        assert!(!hears(None, Change::Called { person: id(7) }));
        assert!(hears(Some(run), run_of(run)) && hears(Some(run), lines_of(run)));
        assert!(!hears(Some(run), Change::Called { person: reader }));
        assert!(!hears(Some(run), run_of(other)) && !hears(Some(run), lines_of(other)));
    }
}

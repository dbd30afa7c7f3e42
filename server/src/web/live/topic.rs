//! A topic that a page follows: what of it changed since it was last told, and the look that tells it.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use control::{
    Cx, Result,
    access::Workspace,
    bus::Change,
    screen::{self, LinesSince, RunWanted},
};
use model::{
    id::{FlowRunId, LogId, WorkspaceId},
    live::{LinesFrom, LinesNews, News, TopicOf},
    permission::ReadRuns,
    screen::{RunFilter, Since},
    time::Timestamp,
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
/// A line may be kept so long after its time of arrival was noted.
const ARRIVAL_SLACK: i64 = -5_000_000;
/// Lines of several machines and threads arrive out of order by so much.
const WRITING_SLACK: i64 = -15_000_000;

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
    Runs { filter: RunFilter, changed: BTreeSet<FlowRunId> },
    Run { flow_run: FlowRunId, level: i32, tail: Option<Tail>, wanted: RunWanted },
    FirstRun,
}

impl Followed {
    pub fn new(at: Workspace<ReadRuns>, of: TopicOf) -> Self {
        let watch = match of {
            TopicOf::Runs { filter } => Watch::Runs { filter, changed: BTreeSet::new() },
            TopicOf::Run { flow_run, level, lines } => {
                Watch::Run { flow_run, level, tail: lines.map(Tail::new), wanted: RunWanted::default() }
            }
            TopicOf::FirstRun => Watch::FirstRun,
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
            (Self::Run { flow_run: of, wanted, level, .. }, change) => match change {
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
                Change::Logs { workspace, flow_run } if (workspace, flow_run) == (&here, of) => {
                    wanted.level = Some(*level);
                    true
                }
                _ => false,
            },
            (Self::FirstRun, Change::FlowRun { workspace, .. } | Change::Logs { workspace, .. }) => *workspace == here,
            (Self::FirstRun, Change::Called { .. }) => true,
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
            Self::Run { flow_run, tail, wanted, .. } => {
                let arrived = cx.clock.now();
                wanted.since = tail.as_ref().map(Tail::since);
                let mut news = screen::run_news(cx, at, *flow_run, wanted.clone()).await?;
                *wanted = RunWanted::default();
                if let (Some(tail), Some(lines)) = (tail, &mut news.lines) {
                    tail.keep_new(lines, arrived);
                }
                News::Run(Box::new(news))
            }
            Self::FirstRun => News::FirstRun(Box::new(screen::first_run_progress(cx, at).await?)),
        }))
    }
}

/// The end of a run's log as far as it was told. Lines can arrive late and out of order, so each look goes back a little.
struct Tail {
    written: Timestamp,
    arrived: Timestamp,
    /// What the last look found.
    sent: HashSet<LogId>,
}

impl Tail {
    fn new(from: LinesFrom) -> Self {
        let written = from.last.unwrap_or(Timestamp::from_micros(i64::MIN));
        Self { written, arrived: from.read, sent: HashSet::new() }
    }

    fn since(&self) -> LinesSince {
        LinesSince {
            written: self.written.plus_micros(WRITING_SLACK),
            arrived: self.arrived.plus_micros(ARRIVAL_SLACK),
        }
    }

    /// Leaves those that were not sent before.
    fn keep_new(&mut self, news: &mut LinesNews, arrived: Timestamp) {
        let found = news.lines.iter().map(|line| line.id).collect();
        news.gap = news.gap && self.sent.is_disjoint(&found);
        news.lines.retain(|line| !self.sent.contains(&line.id));
        self.sent = found;
        self.arrived = arrived;
        self.written = news.lines.last().map_or(self.written, |last| last.at.max(self.written));
    }
}

//! What browser and server say to each other over the live socket: one packed value a frame.
//!
//! A page is read once, with a [`Mark`]; then it follows a [`Topic`] from that mark on. What can't be served from there is answered by
//! [`Tell::Reload`]: the page reads itself afresh.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, FlowRunId, WorkspaceId},
    screen::{FirstRunProgress, RunFilter, RunHead, RunLine, RunRow, StateCounts, StateLine, TaskCount, TaskRow},
};

/// The address of the socket.
pub const PATH: &str = "/ui/live";

/// The most topics of one socket.
pub const MOST_TOPICS: usize = 16;

/// A point in what one process of the server told. Marks of another process mean nothing to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Mark {
    /// Which start of the server.
    pub start: u64,
    /// How many changes it had told.
    pub number: u64,
}

/// What a page follows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Topic {
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub of: TopicOf,
}

/// See [`Topic`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TopicOf {
    /// The runs of the workspace that match.
    Runs { filter: RunFilter },
    /// One run: itself, its states, its task runs, and its log lines of a level and above.
    Run {
        flow_run: FlowRunId,
        level: i32,
        /// Whether the lines that arrive are told, or only counted.
        lines: bool,
    },
    /// The first call and the first run.
    FirstRun,
}

/// What the browser says. It gives each subscription a number of its own.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    Follow { id: u32, topic: Topic, mark: Mark },
    Leave { id: u32 },
}

/// What the server says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    /// The topic is followed from here on.
    Following {
        id: u32,
    },
    News {
        id: u32,
        mark: Mark,
        news: News,
    },
    /// The subscription ended: what happened can't be told one by one. Read afresh.
    Reload {
        id: u32,
    },
    /// The subscription ended: there is no such thing, or it is not the reader's to see.
    Refused {
        id: u32,
    },
    /// Nothing is new; said now and then, so that silence means a broken connection.
    Nothing,
}

/// How often [`Tell::Nothing`] is said.
pub const SAY_EVERY: Duration = Duration::from_secs(20);
/// After so much silence the connection counts as broken: two sayings are missed, and a little more.
pub const SILENCE: Duration = Duration::from_secs(50);

/// What is new in a topic.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    Runs(RunsNews),
    Run(Box<RunNews>),
    FirstRun(Box<FirstRunProgress>),
}

/// What is new in a list of runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunsNews {
    /// Runs that were made or changed and match.
    pub rows: Vec<RunRow>,
    /// Runs that changed and don't match, or are there no more.
    pub gone: Vec<FlowRunId>,
    pub total: u64,
    pub counts: StateCounts,
}

/// What is new about a run: only what changed is there.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct RunNews {
    pub head: Option<RunHead>,
    /// All of them, newest first.
    pub states: Option<Vec<StateLine>>,
    pub tasks: Option<TasksNews>,
    pub lines: Option<LinesNews>,
}

/// Task runs that were made or changed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TasksNews {
    pub rows: Vec<TaskRow>,
    pub counts: Vec<TaskCount>,
}

/// Log lines that arrived. Some may have been sent before.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LinesNews {
    /// Oldest first.
    pub lines: Vec<RunLine>,
    pub total: u64,
    /// So many arrived that older ones among them were left out.
    pub gap: bool,
}

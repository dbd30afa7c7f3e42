//! The messages of the live socket, over which the server pushes updates to the pages. Each frame is one value, packed with postcard.
//!
//! A page reads its screen once and gets a [`StreamPosition`] with it; then it subscribes to a [`Topic`] from that position on. If the
//! server no longer has the changes since then, it answers [`ServerMessage::Reload`] and the page reads its screen again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    id::FlowRunId,
    screen::{
        ArtifactList, ArtifactListFilter, ArtifactRef, ArtifactScreen, FirstRunProgress, RunFilter, RunListUpdate,
        RunUpdate, VariableList, VariableListQuery,
    },
    workspace::WorkspaceRef,
};

pub use crate::stream_position::StreamPosition;

/// The URL path of the socket.
pub const PATH: &str = "/ui/live";

/// The most topics of one socket.
pub const MAX_TOPICS: usize = 16;

/// What a page subscribes to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Topic {
    pub workspace: WorkspaceRef,
    pub kind: TopicKind,
}

/// See [`Topic`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TopicKind {
    /// The runs of the workspace that match.
    Runs { filter: RunFilter },
    /// One run: itself, its states, its task runs, and its log lines of a level and above.
    Run {
        flow_run: FlowRunId,
        level: i32,
        /// Whether updates carry the new log lines, or only their count.
        lines: bool,
    },
    /// The workspace's first API call and first run.
    FirstRun,
    /// A page of the list of variables.
    Variables { query: VariableListQuery },
    /// The newest artifacts of the keys that match, from the one after the first `skip`.
    Artifacts { filter: ArtifactListFilter, skip: u32 },
    /// One artifact, and the history of its key, if it has one, after the first `skip`.
    Artifact { artifact: ArtifactRef, key: Option<String>, skip: u32 },
}

/// A message from the browser. The browser chooses the id of each subscription.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    Subscribe { id: u32, topic: Topic, position: StreamPosition },
    Unsubscribe { id: u32 },
}

/// A message from the server.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerMessage {
    /// The subscription is active.
    Subscribed { id: u32 },
    /// The packed [`Update`], which only the page's part of the wasm can decode.
    Update { id: u32, position: StreamPosition, update: Vec<u8> },
    /// The subscription ended because the changes can't be sent one by one. The page has to read its screen again.
    Reload { id: u32 },
    /// The subscription ended: the object does not exist, or the person may not see it.
    Refused { id: u32 },
    /// Sent at a fixed interval, so that silence means a broken connection.
    Heartbeat,
}

/// The interval of [`ServerMessage::Heartbeat`].
pub const HEARTBEAT_EVERY: Duration = Duration::from_secs(20);
/// Without a message for this long the connection counts as broken: two heartbeats are missing, with 10 s to spare.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// What changed in a topic. Packed without the name of the variant: each kind of topic has one type of updates.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Update {
    Runs(RunListUpdate),
    Run(Box<RunUpdate>),
    FirstRun(Box<FirstRunProgress>),
    /// The page as it is now.
    Variables(VariableList),
    Artifacts(Box<ArtifactList>),
    Artifact(Box<ArtifactScreen>),
}

//! The screen of the page that waits for a workspace's first run.

use serde::{Deserialize, Serialize};

use super::{RunLine, RunRow};
use crate::{stream_position::StreamPosition, time::Timestamp};

/// The screen of the page that waits for a workspace's first run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FirstRunScreen {
    pub progress: FirstRunProgress,
    pub now: Timestamp,
    pub position: StreamPosition,
}

/// The progress towards a workspace's first run.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct FirstRunProgress {
    /// The last API call with a key of a member, to the minute.
    pub called: Option<Timestamp>,
    /// The first run that has begun.
    pub run: Option<RunRow>,
    /// The newest warning or error of that run, or else its newest log line.
    pub line: Option<RunLine>,
    /// How many runs the workspace has, without the planned ones.
    pub runs: u64,
    /// How many runs wait for their time, or are late.
    pub planned: u64,
}

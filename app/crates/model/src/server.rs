//! The running server and its background services, as the page for administrators shows them.

use serde::{Deserialize, Serialize};

use crate::time::{Span, Timestamp};

/// The screen of the running server.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ServerScreen {
    pub version: String,
    /// When the server started.
    pub started: Timestamp,
    pub database: DatabaseKind,
    /// In the order of their start.
    pub services: Vec<ServiceStatus>,
    /// When the screen was read.
    pub now: Timestamp,
}

/// The kind of the server's database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum DatabaseKind {
    Sqlite,
    Postgres,
}

/// The status of a background service since the start of the server.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ServiceStatus {
    /// The name in logs.
    pub name: String,
    /// The name for people.
    pub title: String,
    /// What the service does.
    pub description: String,
    /// What its ticks count, for one and for several.
    pub counts: (String, String),
    /// The pause after a tick that left no work.
    pub period: Span,
    /// When the tick that is running started.
    pub running: Option<Timestamp>,
    /// The last tick that ended.
    pub last: Option<Tick>,
    pub ticks: u64,
    /// Items processed by these ticks.
    pub done: u64,
    /// How many ticks failed.
    pub errors: u64,
    /// The failures up to the last tick; `None` if that succeeded.
    pub failing: Option<Failing>,
}

/// A tick that ended.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Tick {
    pub started: Timestamp,
    pub duration: Span,
    pub outcome: TickOutcome,
}

/// How a tick ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum TickOutcome {
    /// The tick processed this many items.
    Done(u64),
    Failed,
}

/// Consecutive failures of a service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failing {
    /// When the first of them started.
    pub since: Timestamp,
    pub times: u32,
    /// The text of the last error.
    pub error: String,
    /// When the service tries again.
    pub next_try: Timestamp,
}

//! What a write publishes after its COMMIT: ids, not values. A subscriber reads what it shows afresh.

use std::ops::RangeInclusive;

use model::{
    id::{ApiKeyId, FlowRunId, TaskRunId, UserId, WorkspaceId},
    screen::LineSortKey,
};
use serde::{Deserialize, Serialize};

/// A committed change.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Change {
    /// A flow run was inserted or updated.
    FlowRun { workspace: WorkspaceId, flow_run: FlowRunId },
    /// A task run was inserted or updated.
    TaskRun { workspace: WorkspaceId, task_run: TaskRunId, flow_run: Option<FlowRunId> },
    /// Log lines of a flow run were inserted: the positions of the first and the last one. Older lines may lie between them.
    Logs { workspace: WorkspaceId, flow_run: FlowRunId, lines: RangeInclusive<LineSortKey> },
    /// A variable was inserted, updated or deleted.
    Variables { workspace: WorkspaceId },
    /// A request with an API key of this person, or of the local person, was accepted.
    ClientCalled { person: UserId },
    /// An API key of this person was deleted: its sockets must close.
    KeyDeleted { person: UserId, api_key: ApiKeyId },
    /// Sessions of this person were deleted: their sockets must be authorized again.
    SessionsEnded { person: UserId },
    /// A workspace was deleted: its sockets must close.
    WorkspaceDeleted { workspace: WorkspaceId },
    /// Something was written that this process can't name: by another process on SQLite, or because messages of another replica were
    /// lost. Subscribers read afresh.
    Unknown,
    /// The server was asked to stop: sockets must close. Published by the server itself, never by a write.
    Stopping,
}

/// Whom a change wakes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    /// Every subscriber.
    All,
    Workspace(WorkspaceId),
    Person(UserId),
}

impl Change {
    /// Whom it wakes.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match *self {
            Self::FlowRun { workspace, .. }
            | Self::TaskRun { workspace, .. }
            | Self::Logs { workspace, .. }
            | Self::Variables { workspace } => Channel::Workspace(workspace),
            Self::ClientCalled { person } | Self::KeyDeleted { person, .. } | Self::SessionsEnded { person } => {
                Channel::Person(person)
            }
            // Rare, and every socket of the workspace has to close, whatever it subscribes to.
            Self::WorkspaceDeleted { .. } | Self::Unknown | Self::Stopping => Channel::All,
        }
    }
}

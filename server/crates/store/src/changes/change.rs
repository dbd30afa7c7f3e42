//! What a write publishes after its COMMIT: ids, not values. A subscriber reads what it shows afresh.

use std::ops::RangeInclusive;

use model::{
    id::{ApiKeyId, ArtifactId, FlowRunId, TaskRunId, UserId, WorkspaceId},
    screen::LineSortKey,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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
    /// An artifact was inserted, updated or deleted. Published for artifacts without a key only if they are updated or deleted.
    Artifact { workspace: WorkspaceId, artifact: ArtifactId, key: Option<KeyDigest> },
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

/// Stands for the key of an artifact, because a key may be longer than a change in a message to other replicas. Keys that have the same
/// one only cause an update too many.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct KeyDigest(u64);

impl KeyDigest {
    /// The same for the same key on every replica.
    #[must_use]
    pub fn of(key: &str) -> Self {
        let digest = Sha256::digest(key);
        Self(digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
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
            Self::Artifact { workspace, .. } => Channel::Workspace(workspace),
            Self::ClientCalled { person } | Self::KeyDeleted { person, .. } | Self::SessionsEnded { person } => {
                Channel::Person(person)
            }
            // Rare, and every socket of the workspace has to close, whatever it subscribes to.
            Self::WorkspaceDeleted { .. } | Self::Unknown | Self::Stopping => Channel::All,
        }
    }
}

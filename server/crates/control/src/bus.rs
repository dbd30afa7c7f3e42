//! What happened, told to whoever listens in this process, after the commit.
//!
//! The bus carries ids, not values: a listener reads what it needs, so that what it shows is what is stored. A listener that falls behind
//! is told so and starts afresh.

use model::id::{ApiKeyId, FlowRunId, TaskRunId, UserId, WorkspaceId};
use tokio::sync::broadcast;

/// Something that was committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// A flow run was made or changed.
    FlowRun { workspace: WorkspaceId, flow_run: FlowRunId },
    /// A task run was made or changed.
    TaskRun { workspace: WorkspaceId, task_run: TaskRunId, flow_run: Option<FlowRunId> },
    /// Log lines of a flow run arrived.
    Logs { workspace: WorkspaceId, flow_run: FlowRunId },
    /// A call with a key of this person was accepted.
    Called { person: UserId },
    /// A key was deleted: its sockets must close.
    KeyDeleted { api_key: ApiKeyId },
    /// Sessions of this person ended: their sockets must look again.
    SessionsEnded { person: UserId },
    /// A workspace was deleted: its sockets must close.
    WorkspaceDeleted { workspace: WorkspaceId },
}

/// The bus; clones share it.
#[derive(Clone, Debug)]
pub struct Bus(broadcast::Sender<Change>);

/// How many changes a listener may be behind before it has to start afresh.
const BACKLOG: usize = 4_096;

impl Default for Bus {
    fn default() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }
}

impl Bus {
    /// Tells of a change. Nobody has to listen.
    pub fn tell(&self, change: Change) {
        // An error means that nobody listens.
        let _unheard = self.0.send(change);
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.subscribe()
    }
}

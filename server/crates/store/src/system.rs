//! The door for background loops: the only way to statements that reach across workspaces.

/// A loop of the server. Naming it keeps every use of the door findable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServiceName {
    /// Frees expired concurrency leases.
    LeaseReaper,
    /// Deletes what is left of deleted workspaces.
    WorkspaceReaper,
    /// Folds the slots of old counters together.
    CounterFolder,
    /// Deletes sessions whose life is over.
    SessionReaper,
}

//! The background loops, which alone may use statements across workspaces.

/// A background loop. [`Tx::system`](crate::tx::Tx::system) takes its name so that every use can be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServiceName {
    /// Frees expired concurrency leases.
    LeaseReaper,
    /// Deletes the rows of deleted workspaces.
    WorkspaceReaper,
    /// Folds the slots of counters.
    CounterFolder,
    /// Deletes expired sessions.
    SessionReaper,
    /// Marks scheduled runs that did not start in time.
    LateRuns,
    /// Exchanges changes with the other replicas.
    Replicas,
}

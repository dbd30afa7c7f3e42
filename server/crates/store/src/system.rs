//! The services of the server itself, which alone may use statements across workspaces.

/// A background loop or a step of the server's start. [`Tx::system`](crate::tx::Tx::system) takes its name so that every use can be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServiceName {
    /// Frees expired concurrency leases.
    LeaseReaper,
    /// Deletes the rows of deleted workspaces.
    WorkspaceReaper,
    /// Folds the slots of counters.
    CounterFolder,
    /// Adds the built-in block types to workspaces.
    BlockTypeInstaller,
    /// Deletes expired sessions.
    SessionReaper,
    /// Marks scheduled runs that did not start in time.
    LateRuns,
    /// Indexes the names of new rows on SQLite.
    NameIndexer,
    /// Exchanges changes with the other replicas.
    Replicas,
}

//! Ids: one newtype for each kind of object, so that the compiler rejects a flow id where a run id is expected.
//!
//! All are UUIDs, written lower-case with hyphens. `model` has no source of randomness, so it never creates one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

ids! {
    /// A person who can sign in.
    UserId;
    /// A sign-in method of a person: a password today, an identity provider's account later.
    IdentityId;
    /// The owner of workspaces: a person's own account, an organisation later.
    AccountId;
    /// A workspace: the tenant that everything clients store belongs to.
    WorkspaceId;
    /// An API key.
    ApiKeyId;
    /// An entry of the audit log.
    AuditId;
    /// A flow.
    FlowId;
    /// A flow run.
    FlowRunId;
    /// A task run.
    TaskRunId;
    /// A state of a run; also the id of the event that announces it.
    StateId;
    /// A deployment.
    DeploymentId;
    /// A log line.
    LogId;
    /// An event.
    EventId;
    /// A block type.
    BlockTypeId;
    /// A block schema.
    BlockSchemaId;
    /// A block document.
    BlockDocumentId;
    /// An artifact.
    ArtifactId;
    /// The artifacts of one key.
    ArtifactCollectionId;
    /// A variable.
    VariableId;
    /// A concurrency limit.
    ConcurrencyLimitId;
    /// A lease on slots of concurrency limits.
    LeaseId;
    /// A work queue.
    WorkQueueId;
    /// A work pool.
    WorkPoolId;
    /// One HTTP request, as logs and error pages quote it.
    RequestId;
}

/// How a client names an object that has both an id and a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IdOrName<T> {
    Id(T),
    Name(String),
}

//! Ids: one newtype for each kind of object, so that the compiler rejects a flow id where a run id is expected.
//!
//! All are UUIDs, written lower-case with hyphens. `model` has no source of randomness, so it never creates one.

/// Declares ids. Those to which several kinds of objects refer are below, the others beside their objects.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}
pub(crate) use ids;

/// Declares ids, and a macro that calls another one with their names.
macro_rules! shared_ids {
    ($dollar:tt $($(#[$doc:meta])* $name:ident;)*) => {
        ids! { $($(#[$doc])* $name;)* }

        /// Calls a macro with the names of the ids in this module.
        #[macro_export]
        macro_rules! for_shared_ids {
            ($dollar callback:ident) => {
                $dollar callback! { $($name)* }
            };
        }
    };
}

shared_ids! { $
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
    /// A block type.
    BlockTypeId;
    /// A block schema.
    BlockSchemaId;
    /// A block document.
    BlockDocumentId;
    /// An artifact.
    ArtifactId;
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

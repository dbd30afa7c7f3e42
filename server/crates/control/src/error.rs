//! The error type of all use cases. The API maps it to status codes and bodies, the pages to texts.

use std::{fmt, time::Duration};

use model::{id::IdOrName, validation::ValidationError};
use uuid::Uuid;

/// Why a use case failed.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum Error {
    /// The session is not signed in, or the API key is unknown, expired or deleted.
    #[error("not signed in")]
    Unauthenticated,
    /// The object does not exist, or the caller may not know of it.
    #[error("{noun}{} not found", .id.map(|id| format!(" with id {id}")).unwrap_or_default())]
    NotFound {
        /// What kind of object it is.
        noun: Noun,
        /// The id that the caller asked for, unless it asked by a name or for a page.
        id: Option<Uuid>,
    },
    /// The input is invalid; nothing was changed.
    #[error("invalid input")]
    Invalid(Vec<ValidationError>),
    /// The input refers to an object that does not exist.
    #[error("{0}")]
    MissingReference(String),
    /// The call conflicts with what is stored.
    #[error("{0}")]
    Conflict(String),
    /// Not allowed, whatever the caller's role.
    #[error("{0}")]
    Forbidden(String),
    /// The object existed and is gone for good.
    #[error("{0}")]
    Gone(&'static str),
    /// A concurrency limit has too few free slots.
    #[error("the concurrency limit is reached")]
    NoFreeSlot {
        /// After how many seconds to try again.
        retry_after: f64,
    },
    /// A list or a count reads too many rows.
    #[error("This query would take too long. Add the filter {narrowed_by} to narrow it down.")]
    TooBroad {
        /// The filter that makes it read fewer rows.
        narrowed_by: &'static str,
    },
    /// Too many attempts, or the server is overloaded.
    #[error("too many requests")]
    TooManyRequests {
        /// After which time to try again.
        retry_after: Duration,
    },
    /// The database can't be reached at present.
    #[error("not available at the moment")]
    Unavailable,
    /// The connection to the database broke during COMMIT: the change may or may not have been made.
    #[error("the outcome is unknown")]
    InDoubt,
    /// An unexpected internal failure. The details are in the log, never in the response.
    #[error("internal error")]
    Internal,
}

/// A kind of object, as errors name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Noun {
    name: &'static str,
    stop: &'static str,
}

impl Noun {
    /// An object about which the reference writes "not found" without a full stop.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, stop: "" }
    }

    /// An object about which the reference writes "not found." with a full stop.
    #[must_use]
    pub const fn with_full_stop(name: &'static str) -> Self {
        Self { name, stop: "." }
    }

    /// What clients get if there is none, as the reference writes it.
    #[must_use]
    pub fn not_found(self) -> String {
        format!("{self} not found{}", self.stop)
    }
}

impl fmt::Display for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl From<&'static str> for Noun {
    fn from(name: &'static str) -> Self {
        Self::new(name)
    }
}

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// There is no object with this id, or the caller may not know of it.
    pub fn not_found(noun: impl Into<Noun>, id: impl Into<Uuid>) -> Self {
        Self::NotFound { noun: noun.into(), id: Some(id.into()) }
    }

    /// There is no object with this id or name.
    pub fn no_such<T: Copy + Into<Uuid>>(noun: impl Into<Noun>, object: &IdOrName<T>) -> Self {
        match object {
            IdOrName::Id(id) => Self::not_found(noun, *id),
            IdOrName::Name(_) => Self::missing(noun),
        }
    }

    /// There is no object of the name that was asked for, or no such page.
    pub fn missing(noun: impl Into<Noun>) -> Self {
        Self::NotFound { noun: noun.into(), id: None }
    }

    /// A validation error of one field.
    #[must_use]
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![ValidationError::value(field, message)])
    }
}

impl From<ValidationError> for Error {
    fn from(error: ValidationError) -> Self {
        Self::Invalid(vec![error])
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            // Nothing was changed and nothing is broken. TooManyRequests, because the oldest clients retry after 429 only.
            // The store retries a write after `Conflict`; here its attempts are used up.
            store::Error::Overloaded | store::Error::TooSlow(_) | store::Error::Conflict => {
                tracing::warn!(%error, "the database is overloaded");
                Self::TooManyRequests { retry_after: Duration::from_secs(1) }
            }
            store::Error::TooBroad { narrowed_by } => {
                tracing::info!(%error, "a list was not read to its end");
                Self::TooBroad { narrowed_by }
            }
            store::Error::Unavailable(_) => {
                tracing::warn!(%error, "the database is unavailable");
                Self::Unavailable
            }
            store::Error::InDoubt => {
                tracing::warn!(%error, "the outcome of a commit is unknown");
                Self::InDoubt
            }
            // A reference to a row that does not exist, or a duplicate key.
            store::Error::Constraint { .. } => {
                tracing::info!(%error, "a write violated a constraint");
                Self::Conflict(INTEGRITY_CONFLICT.to_owned())
            }
            store::Error::NotOneRow { .. }
            | store::Error::AlreadyFailed
            | store::Error::Misuse(_)
            | store::Error::Panicked(_)
            | store::Error::Corrupt(_)
            | store::Error::Database(_) => {
                tracing::error!(%error, "a database operation failed");
                Self::Internal
            }
        }
    }
}

/// The error text when a write violates a constraint of the database.
const INTEGRITY_CONFLICT: &str =
    "Data integrity conflict. This usually means a unique or foreign key constraint was violated.";

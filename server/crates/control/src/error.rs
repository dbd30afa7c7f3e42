//! The one error type of the use cases. The API maps it to status codes and bodies, the pages to words.

use std::time::Duration;

use model::invalid::Invalid;

/// Why a use case did not do what was asked.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or the key is wrong, expired or deleted.
    #[error("not signed in")]
    Unauthenticated,
    /// There is no such thing, or the caller may not know of it.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The input breaks a rule; nothing was changed.
    #[error("invalid input")]
    Invalid(Vec<Invalid>),
    /// The input refers to something that is not there.
    #[error("{0}")]
    BadRequest(String),
    /// It can't be, given what is there already.
    #[error("{0}")]
    Conflict(String),
    /// Not allowed for anybody, whatever their role.
    #[error("{0}")]
    Forbidden(String),
    /// It was there and is gone for good.
    #[error("{0}")]
    Gone(&'static str),
    /// All slots are taken; try again after so many seconds.
    #[error("all slots are taken")]
    Locked {
        /// Seconds to wait.
        retry_after: f64,
    },
    /// Too many attempts, or the server is overloaded: try again after this time.
    #[error("too many requests")]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The database can't be reached at the moment.
    #[error("not available at the moment")]
    Unavailable,
    /// The database took a change and then fell silent: it may have been made, or not.
    #[error("whether this was done is not known")]
    InDoubt,
    /// A fault of the program. The details stand in the log, never in an answer.
    #[error("internal error")]
    Internal,
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// One complaint about one field.
    #[must_use]
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Invalid::value(field, message)])
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(vec![invalid])
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            // Nothing was changed, and nothing is broken: the oldest clients come back after this and after nothing else.
            // `Again` is replayed by the seam; whoever sees it here was out of tries.
            store::Error::Overloaded | store::Error::TooSlow(_) | store::Error::Again => {
                tracing::warn!(%error, "the database had too much to do");
                Self::TooMany { retry_after: Duration::from_secs(1) }
            }
            store::Error::Unavailable(_) => {
                tracing::warn!(%error, "the database did not do it");
                Self::Unavailable
            }
            store::Error::InDoubt => {
                tracing::warn!(%error, "the database did not answer");
                Self::InDoubt
            }
            // A reference to something that is not there, or two of the same: the state of things forbids it.
            store::Error::Constraint { .. } => {
                tracing::info!(%error, "a write was refused");
                Self::Conflict(INTEGRITY_CONFLICT.to_owned())
            }
            store::Error::NotOne { .. }
            | store::Error::Broken
            | store::Error::Misuse(_)
            | store::Error::Panicked(_)
            | store::Error::Corrupt(_)
            | store::Error::Database(_) => {
                tracing::error!(%error, "the storage path failed");
                Self::Internal
            }
        }
    }
}

/// What is said when the database refuses a row.
const INTEGRITY_CONFLICT: &str =
    "Data integrity conflict. This usually means a unique or foreign key constraint was violated.";

//! Errors of the storage layer, the same for both databases.

/// Why a read or a write failed. No variant contains a statement's text or a value of a row. The message may be logged, but must not be sent
/// to clients.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// The rows that the write had read changed before it could write. The storage layer runs the write again, a few times.
    #[error("the data changed while the write ran")]
    Conflict,
    /// A row violates a constraint of its table.
    #[error("the database rejected {rule} ({name})")]
    Constraint {
        /// The kind of constraint.
        rule: Rule,
        /// The constraint or the columns, as the database names them.
        name: String,
    },
    /// A statement that must touch exactly one row touched none or several.
    #[error("{statement} touched {touched} rows instead of one")]
    NotOneRow {
        /// The statement's name.
        statement: &'static str,
        /// How many rows it touched.
        touched: u64,
    },
    /// An earlier statement of this write failed; the rest of the write is not run.
    #[error("a statement of this write failed before")]
    AlreadyFailed,
    /// A bug in the calling code: for example a read that writes, or a write that awaits something other than its transaction.
    #[error("{0}")]
    Misuse(&'static str),
    /// The queue is full, or other writes of the same batch destroyed its transaction twice. The caller may retry in a moment.
    #[error("the database is overloaded")]
    Overloaded,
    /// The time limit of a read or a write passed. The write was rolled back.
    #[error("{0} exceeded its time limit")]
    TooSlow(&'static str),
    /// A list or a count read more rows than the time limit of a read allows.
    #[error("a list exceeded the time limit of a read; it needs the filter {narrowed_by}")]
    TooBroad {
        /// The filter that makes such a list read fewer rows.
        narrowed_by: &'static str,
    },
    /// A COMMIT was sent, but no reply arrived, so the write may be committed or not.
    #[error("it is unknown whether the write was committed")]
    InDoubt,
    /// The write panicked and was rolled back.
    #[error("{0} panicked")]
    Panicked(&'static str),
    /// The database can't be reached, or its disk is full.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A stored value can't be decoded as the type of its field.
    #[error("a stored value is not a valid {0}")]
    Corrupt(&'static str),
    /// Any other error of the database: its message if that names only tables and columns, else its code.
    #[error("the database failed: {0}")]
    Database(String),
}

/// The kinds of constraints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// Two rows with the same key.
    Unique,
    /// A reference to a row that does not exist, or the deletion of a row that is still referenced.
    ForeignKey,
    /// A CHECK or a NOT NULL.
    Check,
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unique => "a duplicate",
            Self::ForeignKey => "a broken reference",
            Self::Check => "an invalid row",
        })
    }
}

impl Error {
    /// Whether a unique constraint was violated.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Constraint { rule: Rule::Unique, .. })
    }
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

//! What can go wrong between a use case and its database, in words that hold for both.

/// Why a read or a write did not happen. No variant carries a statement or a value of a row: the text may reach a log, never a client.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// A conditional effect touched no row: the facts that the write judged are old. The seam runs the write again.
    #[error("the facts changed while the write was judged")]
    Again,
    /// The database refused a row that breaks a rule of its table.
    #[error("{rule} refused by the database ({name})")]
    Constraint {
        /// Which kind of rule.
        rule: Rule,
        /// The constraint or the columns, as the database names them.
        name: String,
    },
    /// A statement that must touch exactly one row touched another number of rows.
    #[error("{statement} touched {touched} rows instead of one")]
    NotOne {
        /// The statement's name.
        statement: &'static str,
        /// How many rows it touched.
        touched: u64,
    },
    /// A statement of this write failed before; the rest of the write is refused.
    #[error("a statement of this write failed before")]
    Broken,
    /// A write was tried in a read, or a write awaited something other than its transaction.
    #[error("{0}")]
    Misuse(&'static str),
    /// The queue is full, or the neighbours of a write took its transaction with them twice: try again in a moment.
    #[error("the database has too much to do")]
    Overloaded,
    /// The time limit of a read or a write passed. Nothing of a write was kept.
    #[error("the time limit of {0} passed")]
    TooSlow(&'static str),
    /// A COMMIT was sent and its answer never came: the write may have been made, or not.
    #[error("whether a write was committed is not known")]
    InDoubt,
    /// The write panicked; nothing of it was kept.
    #[error("{0} panicked")]
    Panicked(&'static str),
    /// The database can't be reached, or has no room left.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A stored value can't be read as what it should be.
    #[error("a stored value is not a valid {0}")]
    Corrupt(&'static str),
    /// Anything else the database said: its message if that names tables and columns alone, else the code.
    #[error("the database failed: {0}")]
    Database(String),
}

/// The kinds of rules that a database holds a row to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// Two rows with the same key.
    Unique,
    /// A row that refers to nothing, or is still referred to.
    ForeignKey,
    /// A CHECK or a NOT NULL.
    Check,
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unique => "a duplicate was",
            Self::ForeignKey => "a broken reference was",
            Self::Check => "an invalid row was",
        })
    }
}

impl Error {
    /// Whether two rows would have had the same key.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Constraint { rule: Rule::Unique, .. })
    }
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

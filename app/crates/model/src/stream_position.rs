//! How far a page has read the changes that the server publishes.

use serde::{Deserialize, Serialize};

/// A position in the stream of changes that one server process publishes. Other processes reject it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct StreamPosition {
    /// Identifies the server process.
    pub process: u64,
    /// How many changes the process had published.
    pub sequence: u64,
}

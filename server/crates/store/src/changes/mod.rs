//! Changes: what writes publish after their COMMIT, and how the other processes on the same database learn of them.
//!
//! - [`change`]: what is published, and whom it wakes; [`hub`]: the subscribers of this process;
//! - [`outbox`]: PostgreSQL: sends what this process commits to the other replicas; [`replicas`]: receives what they commit.
//!
//! On SQLite only administration commands write beside the server. The writer thread notices them by `PRAGMA data_version` and publishes
//! [`Change::Unknown`].

mod change;
mod hub;
mod message;
mod outbox;
mod replicas;

pub(crate) use replicas::follow as follow_replicas;

pub use change::{Change, Channel, KeyDigest};
pub use hub::{Changes, Lagged, Subscriber};

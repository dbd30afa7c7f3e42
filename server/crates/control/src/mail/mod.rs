//! Mail: queued within the write that causes it, so that nothing is lost and nothing is sent for a write that is rolled back; and sent by a
//! background service, so that no request waits for a mail server.

mod content;
pub(crate) mod link;
mod queue;
mod send;

pub use content::Notice;
pub(crate) use content::{Content, Kind};
pub(crate) use link::{void, void_change};
pub use queue::{Mail, notice};
pub use send::{Sending, reap, send_due};

//! The page that waits for a workspace's first run: the steps, and which of them are done.

mod key_step;
mod page;
mod server;
mod steps;

pub use page::FirstRunPage;

//! The page that waits for a workspace's first run: what to type, and what of it has been noticed.

mod server;
mod steps;
mod wait;

pub use wait::FirstRunPage;

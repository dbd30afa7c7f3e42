//! API keys: the list of them, a new one, and the one time that it is shown.

pub mod create;
mod list;
mod server;
mod shown_once;

pub use list::ApiKeysPage;

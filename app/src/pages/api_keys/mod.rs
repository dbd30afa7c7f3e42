//! The page of API keys: the list, the form for a new key, and the dialog that shows its secret once.

pub mod create;
mod created_key;
mod list;
mod server;

pub use list::ApiKeysPage;

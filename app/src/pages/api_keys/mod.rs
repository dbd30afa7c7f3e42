//! The page of API keys: the list, the form for a new key, and the dialog that shows its secret once.

mod create;
mod created_key;
pub mod lifetime;
mod list;
mod server;

pub use list::ApiKeysPage;
pub use server::{CreateKey, CreatedKey};

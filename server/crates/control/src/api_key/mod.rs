//! A person's API keys. A key gives access to every workspace of its person; [`access`](crate::access) checks that.

mod create;
mod delete;
mod list;

pub use create::{CreatedKey, NewKey, create};
pub use delete::delete;
pub use identity::ApiKey;
pub use list::list;

/// The most keys of one person.
const MAX_KEYS: i64 = 200;

//! API keys of a person. A key opens every workspace that its person is a member of; what it opens is decided in [`access`](crate::access).

mod create;
mod delete;
mod list;

pub use create::{CreatedKey, NewKey, create};
pub use delete::delete;
pub use identity::ApiKey;
pub use list::list;

/// The most keys of one person.
const MOST: i64 = 200;

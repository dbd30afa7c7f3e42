//! The pages of artifacts: the newest of each key, and one artifact with the history of its key.

mod card;
mod content;
mod details;
mod history;
mod kind;
mod list;
mod list_query;
mod page;
mod server;

pub use list::ArtifactsPage;
pub use page::{ArtifactPage, NewestArtifactPage};

//! To a person for whom `prefect cloud login` got a key.

use model::time::Timestamp;

use super::{Message, time};

/// `name` is the key's.
#[must_use]
pub fn key_from_cli(site: &str, name: &str, at: Timestamp, keys: &str) -> Message {
    Message::new(format!("New API key on {site}"))
        .text(format!(
            "On {}, the API key “{name}” was created for your account on {site}, by prefect cloud login in a terminal.",
            time(at)
        ))
        .text("If it wasn’t you, delete the key and change your password:")
        .link("Your API keys", keys)
}

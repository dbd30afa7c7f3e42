//! To a person whose account can be signed in to in another way than before.

use model::time::Timestamp;

use super::{Message, time};

/// `method` is what the operator calls the provider, or "Password".
#[must_use]
pub fn method_added(site: &str, method: &str, at: Timestamp, settings: &str) -> Message {
    Message::new(format!("New sign-in method on {site}"))
        .text(format!("On {}, a sign-in method was added to your account on {site}: {method}.", time(at)))
        .text("If it wasn’t you, remove it and change your password:")
        .link("Your sign-in methods", settings)
}

/// As [`method_added`].
#[must_use]
pub fn method_removed(site: &str, method: &str, at: Timestamp, settings: &str) -> Message {
    Message::new(format!("Sign-in method removed on {site}"))
        .text(format!("On {}, a sign-in method was removed from your account on {site}: {method}.", time(at)))
        .text("If it wasn’t you, change your password and check how your account can be signed in to:")
        .link("Your sign-in methods", settings)
}

//! To a person whose password was changed.

use model::time::Timestamp;

use super::{Message, time};

/// The password was changed or reset.
#[must_use]
pub fn password_changed(site: &str, at: Timestamp, forgot_password: &str) -> Message {
    Message::new(format!("Your password on {site} was changed"))
        .text(format!("On {}, the password of your account on {site} was changed.", time(at)))
        .text("If it wasn’t you, reset it now. This also signs out everyone who is signed in to your account.")
        .link("Reset your password", forgot_password)
}

//! To a person who has forgotten the password.

use super::Message;

/// The link leads to the form for a new password, for 30 minutes.
#[must_use]
pub fn reset_password(site: &str, link: &str) -> Message {
    Message::new(format!("Reset your password on {site}"))
        .text(format!(
            "Someone asked to reset the password of your account on {site}. If it was you, choose a new one:"
        ))
        .link("Choose a new password", link)
        .text("The link works once, for 30 minutes. If it wasn’t you, ignore this mail. Your password stays the same.")
}

//! To the old and to the new address of a person who changes it.

use model::time::Timestamp;

use super::{Message, time};

/// To the old address: the change was requested.
#[must_use]
pub fn address_change_requested(site: &str, new: &str, at: Timestamp, sign_in: &str) -> Message {
    Message::new(format!("Your email address on {site} is about to change"))
        .text(format!(
            "On {}, you asked to change the email address of your account on {site} to {new}. It changes once the new address is verified.",
            time(at)
        ))
        .text("If it wasn’t you, sign in and change your password. This also voids the link that was sent to the new address.")
        .link("Sign in", sign_in)
}

/// To the new address: the link verifies it, for 24 hours.
#[must_use]
pub fn confirm_address(site: &str, link: &str) -> Message {
    Message::new(format!("Verify your new email address for {site}"))
        .text(format!(
            "Someone wants to use this email address for their account on {site}. If it was you, verify the address:"
        ))
        .link("Verify your email address", link)
        .text("The link works once, for 24 hours. If it wasn’t you, ignore this mail.")
}

//! To a person who has registered, or asks again: verify the address.

use super::Message;

/// The link verifies the address, for 24 hours.
#[must_use]
pub fn verify_address(site: &str, link: &str) -> Message {
    Message::new(format!("Verify your email address for {site}"))
        .text(format!("Someone registered on {site} with this email address. If it was you, verify the address:"))
        .link("Verify your email address", link)
        .text("The link works once, for 24 hours. If you didn’t register, ignore this mail.")
}

//! To an address that was used to register, although it has an account.

use super::Message;

/// Says that the address has an account.
#[must_use]
pub fn account_exists(site: &str, sign_in: &str, forgot_password: &str) -> Message {
    Message::new(format!("You already have an account on {site}"))
        .text(format!(
            "Someone tried to register on {site} with this email address, which already has an account. If it was you, sign in:"
        ))
        .link("Sign in", sign_in)
        .text("If you don’t know the password any more, reset it:")
        .link("Reset your password", forgot_password)
        .text("If it wasn’t you, ignore this mail. Nothing was changed.")
}

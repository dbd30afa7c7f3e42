//! Wordings that texts must not have.

use super::{Place, Text};

/// What is wrong with the wording of a text.
pub fn fault(_: &Text) -> Option<String> {
    let _ = Place::Page;
    None
}

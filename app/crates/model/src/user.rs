//! People.

use serde::{Deserialize, Serialize};

use crate::{handle::Handle, id::UserId};

/// A person who can sign in, as pages show one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    /// The address to sign in with; `None` for the built-in person of local mode.
    pub email: Option<String>,
    pub handle: Handle,
    pub name: String,
    /// Whether the person administers the server.
    pub is_admin: bool,
}

/// The most characters of a person's name.
pub const MAX_NAME_CHARACTERS: usize = 100;

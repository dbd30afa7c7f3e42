//! People.

use serde::{Deserialize, Serialize};

use crate::{handle::Handle, id::UserId};

/// A person who can sign in, as pages show them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    /// The address to sign in with.
    pub email: String,
    pub handle: Handle,
    pub name: String,
}

//! People.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{handle::Handle, id::UserId};

/// A person who can sign in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    pub email: Email,
    pub handle: Handle,
    pub name: String,
}

/// An address to sign in with. Upper case does not count in it, so it is kept in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Email(String);

/// A text that is no address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("enter an address such as you@example.com")]
pub struct NotAnEmail;

const LONGEST: usize = 254;

impl Email {
    /// The text of the address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = NotAnEmail;

    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.split_once('@').ok_or(NotAnEmail)?;
        let odd = |letter: char| letter == '@' || letter.is_whitespace() || letter.is_control();
        if text.len() > LONGEST || local.is_empty() || domain.is_empty() || local.contains(odd) || domain.contains(odd)
        {
            return Err(NotAnEmail);
        }
        Ok(Self(text))
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;

    fn try_from(text: String) -> Result<Self, NotAnEmail> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> String {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Email, NotAnEmail};

    #[test]
    fn addresses_are_kept_in_lower_case() {
        assert_eq!(" Ada@Example.com ".parse::<Email>().unwrap().as_str(), "ada@example.com");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for bad in ["", "ada", "@example.com", "ada@", "a@b@c", "a b@example.com", "a\0@example.com", &long] {
            assert_eq!(bad.parse::<Email>(), Err(NotAnEmail), "{bad:?}");
        }
    }
}

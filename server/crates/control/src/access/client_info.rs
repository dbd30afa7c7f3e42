//! What is known of the client that sent a request.

use std::{fmt, net::IpAddr};

/// The client of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClientInfo {
    /// The client's IP address.
    pub address: Option<IpAddr>,
    /// What a browser calls itself.
    pub user_agent: UserAgent,
}

/// The longest name of a browser that is kept.
const MAX_BYTES: usize = 300;

/// What a browser calls itself, cut to 300 bytes. They are stored inline, so that use cases can copy a [`ClientInfo`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UserAgent {
    bytes: [u8; MAX_BYTES],
    length: usize,
}

impl UserAgent {
    /// The value of the header `User-Agent`.
    #[must_use]
    pub fn new(value: &str) -> Self {
        let length = value.floor_char_boundary(MAX_BYTES);
        let mut bytes = [0; MAX_BYTES];
        bytes[..length].copy_from_slice(&value.as_bytes()[..length]);
        Self { bytes, length }
    }

    /// The text; `None` if the client sent none.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes[..self.length]).ok().filter(|text| !text.is_empty())
    }
}

impl Default for UserAgent {
    fn default() -> Self {
        Self { bytes: [0; MAX_BYTES], length: 0 }
    }
}

impl fmt::Debug for UserAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::UserAgent;

    #[test]
    fn long_names_of_browsers_are_cut_between_characters() {
        assert_eq!(UserAgent::default().as_str(), None);
        assert_eq!(UserAgent::new("curl/8.14.1").as_str(), Some("curl/8.14.1"));
        assert_eq!(UserAgent::new(&"a".repeat(301)).as_str(), Some(&*"a".repeat(300)));
        assert_eq!(UserAgent::new(&format!("{}ü", "a".repeat(299))).as_str(), Some(&*"a".repeat(299)));
    }
}

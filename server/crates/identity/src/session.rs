//! The token in a browser's cookie: 256 random bits, of which only the SHA-256 is stored.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const BYTES: usize = 32;
const LETTERS: usize = 43;

/// What proves that a browser has signed in. Never printed by accident.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SessionToken([u8; BYTES]);

/// A cookie that holds no token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a session token")]
pub struct NotASessionToken;

impl SessionToken {
    /// A new token; `fill` must give random bytes fit for secrets.
    #[must_use]
    pub fn mint(fill: impl FnOnce(&mut [u8])) -> Self {
        let mut token = Self([0; BYTES]);
        fill(&mut token.0);
        token
    }

    /// The cookie's value: 43 letters that need no quoting.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }

    /// What is stored in its place.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl FromStr for SessionToken {
    type Err = NotASessionToken;

    fn from_str(text: &str) -> Result<Self, NotASessionToken> {
        // Judged first: a long cookie is not worth decoding.
        if text.len() != LETTERS {
            return Err(NotASessionToken);
        }
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotASessionToken)?);
        bytes.as_slice().try_into().map(Self).map_err(|_| NotASessionToken)
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::SessionToken;

    #[test]
    fn a_token_is_read_back_from_its_cookie() {
        let token = SessionToken::mint(|bytes| bytes.fill(0xfb));
        let read: SessionToken = token.reveal().parse().unwrap();
        assert_eq!(read.sha256(), token.sha256());
        assert_ne!(read.sha256(), SessionToken::mint(|bytes| bytes.fill(0xfa)).sha256());
        assert_eq!(format!("{token:?}"), "SessionToken(…)");
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let almost = format!("{}=", &*SessionToken::mint(|_| ()).reveal());
        let spilled = "_".repeat(43);
        for text in ["", "abc", &almost, &spilled, "é"] {
            assert!(text.parse::<SessionToken>().is_err(), "{text:?}");
        }
    }
}

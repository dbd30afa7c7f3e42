//! The secret in the link with which the first person of a server registers.

use std::{
    fmt::{self, Write as _},
    str::FromStr,
};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const BYTES: usize = 32;

/// The secret in plain text, 64 hexadecimal digits. Only its hash is stored; `Debug` does not print it.
#[derive(Clone)]
pub struct SetupToken(Zeroizing<String>);

/// The text is not a setup token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a setup token: expected {} hexadecimal digits", BYTES * 2)]
pub struct NotASetupToken;

impl SetupToken {
    /// The token of cryptographically secure random bytes.
    #[must_use]
    pub fn from_random(bytes: &[u8; BYTES]) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(BYTES * 2));
        for byte in bytes {
            // Writing to a String can't fail.
            let _infallible = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The plain text, for the link.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The hash that is stored. A token of 256 random bits needs no slow one.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl FromStr for SetupToken {
    type Err = NotASetupToken;

    fn from_str(text: &str) -> Result<Self, NotASetupToken> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != BYTES * 2 || !text.bytes().all(is_digit) {
            return Err(NotASetupToken);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

impl fmt::Debug for SetupToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetupToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{NotASetupToken, SetupToken};

    #[test]
    fn a_token_is_parsed_from_its_own_text_alone() {
        let token = SetupToken::from_random(&[0xa7; 32]);
        assert_eq!(token.reveal(), "a7".repeat(32));
        assert_eq!(token.reveal().parse::<SetupToken>().unwrap().sha256(), token.sha256());
        assert_ne!(SetupToken::from_random(&[0xa8; 32]).sha256(), token.sha256());
        let bad = [String::new(), "a7".repeat(31), "A7".repeat(32), "a7".repeat(33), "é".repeat(32), "g".repeat(64)];
        for text in bad {
            assert_eq!(text.parse::<SetupToken>().map(|_| ()), Err(NotASetupToken), "{text:?}");
        }
        assert_eq!(format!("{token:?}"), "SetupToken(…)");
    }
}

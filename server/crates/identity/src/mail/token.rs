//! The tokens in the links of mails.

use std::str::FromStr;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// 256 bits that nobody guesses, so that their SHA-256 is stored and no slow hash is needed. `Debug` does not print them.
#[derive(Clone)]
pub struct MailToken(Zeroizing<[u8; 32]>);

/// A text is not a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a token: expected 43 letters, digits, hyphens and underscores")]
pub struct NotAToken;

impl MailToken {
    /// A token of cryptographically secure random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// The text for the link.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// The hash that is stored.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_slice()).into()
    }
}

impl FromStr for MailToken {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        // Longer texts are rejected before they are decoded.
        if text.len() != 43 {
            return Err(NotAToken);
        }
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAToken)?);
        Ok(Self::new(bytes.as_slice().try_into().map_err(|_| NotAToken)?))
    }
}

impl std::fmt::Debug for MailToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::MailToken;

    #[test]
    fn a_token_survives_its_text() {
        let token = MailToken::new([0xfb; 32]);
        let text = token.text();
        assert_eq!(text.len(), 43);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        assert_eq!(text.parse::<MailToken>().unwrap().sha256(), token.sha256());
        assert_eq!(format!("{token:?}"), "MailToken(…)");
    }

    #[test]
    fn texts_that_are_no_token_are_rejected() {
        let token = MailToken::new([7; 32]).text();
        let texts = [
            String::new(),
            token[1..].to_owned(),
            format!("{}=", token.as_str()),
            format!("{}+", &token[1..]),
            format!("{}\n", &token[1..]),
            "é".repeat(21) + "a",
            "x".repeat(10_000),
        ];
        for text in texts {
            assert!(text.parse::<MailToken>().is_err(), "{text:?}");
        }
    }
}

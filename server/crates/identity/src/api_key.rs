//! API keys: `pnu_` (of a user) or `pnb_` (of a service account), 30 random characters, and a checksum of six.
//!
//! With the checksum a mistyped key is rejected without a database query, and secret scanners can recognise a leaked key.
//! Only the SHA-256 of a key is stored: 178 random bits need no slow hash.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::base62;

const RANDOM_CHARS: usize = 30;
const CHECKSUM_CHARS: usize = 6;
const PREFIX_CHARS: usize = 4;
const LENGTH: usize = PREFIX_CHARS + RANDOM_CHARS + CHECKSUM_CHARS;

/// The kind of account that a key authenticates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyKind {
    /// A person.
    User,
    /// A service account, which clients call a bot.
    ServiceAccount,
}

impl KeyKind {
    /// The prefix of keys of this kind.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::User => "pnu_",
            Self::ServiceAccount => "pnb_",
        }
    }
}

/// A key in plain text: it is shown once when created, and sent with each request. `Debug` does not print it.
#[derive(Clone)]
pub struct ApiKey(Zeroizing<String>);

/// The text is not a well-formed API key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an API key: expected `pnu_` or `pnb_`, followed by 36 letters and digits")]
pub struct NotAnApiKey;

impl ApiKey {
    /// Creates a key; `fill` must fill the slice with cryptographically secure random bytes.
    #[must_use]
    pub fn mint(kind: KeyKind, fill: impl FnMut(&mut [u8])) -> Self {
        // Allocate the full length at once: a reallocation would leave a copy of the secret in memory.
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        text.push_str(kind.prefix());
        base62::push_random(&mut text, RANDOM_CHARS, fill);
        let check = checksum(&text);
        text.push_str(&check);
        Self(text)
    }

    /// The plain text, to be shown to the owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The hash that is stored.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The last four characters, by which the owner recognises the key later.
    #[must_use]
    pub fn last_four(&self) -> &str {
        &self.0[LENGTH - 4..]
    }

    /// The kind of account that the key authenticates.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        if self.0.starts_with(KeyKind::User.prefix()) { KeyKind::User } else { KeyKind::ServiceAccount }
    }
}

impl FromStr for ApiKey {
    type Err = NotAnApiKey;

    fn from_str(text: &str) -> Result<Self, NotAnApiKey> {
        let has_prefix = [KeyKind::User, KeyKind::ServiceAccount].iter().any(|kind| text.starts_with(kind.prefix()));
        if !has_prefix || text.len() != LENGTH || !base62::is_base62(&text[PREFIX_CHARS..]) {
            return Err(NotAnApiKey);
        }
        let (body, check) = text.split_at(LENGTH - CHECKSUM_CHARS);
        if checksum(body) != check {
            return Err(NotAnApiKey);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({}…)", self.kind().prefix())
    }
}

/// The CRC-32 of prefix and random characters. The prefix is included so that a key of one kind can't be turned into the other kind.
fn checksum(body: &str) -> String {
    let mut check = String::with_capacity(CHECKSUM_CHARS);
    base62::push_u32(&mut check, crc32fast::hash(body.as_bytes()));
    check
}

#[cfg(test)]
mod tests {
    use super::{ApiKey, KeyKind};

    fn byte_sequence() -> impl FnMut(&mut [u8]) {
        let mut next = 0_u8;
        move |bytes| {
            for byte in bytes {
                *byte = next;
                next = next.wrapping_mul(5).wrapping_add(7);
            }
        }
    }

    #[test]
    fn a_new_key_has_prefix_and_36_characters_and_parses() {
        for (kind, prefix) in [(KeyKind::User, "pnu_"), (KeyKind::ServiceAccount, "pnb_")] {
            let key = ApiKey::mint(kind, byte_sequence());
            let text = key.reveal();
            assert!(text.starts_with(prefix));
            assert_eq!(text.len(), 40);
            assert!(text[4..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
            assert!(text.ends_with(key.last_four()));

            let parsed: ApiKey = text.parse().unwrap();
            assert_eq!(parsed.kind(), kind);
            assert_eq!(parsed.sha256(), key.sha256());
        }
    }

    #[test]
    fn a_key_with_one_changed_character_is_rejected() {
        let key = ApiKey::mint(KeyKind::User, byte_sequence());
        for index in 0..key.reveal().len() {
            let mut text = key.reveal().as_bytes().to_vec();
            text[index] = if text[index] == b'7' { b'8' } else { b'7' };
            let text = String::from_utf8(text).unwrap();
            assert!(text.parse::<ApiKey>().is_err(), "{text}");
        }
        let other_kind = key.reveal().replacen("pnu_", "pnb_", 1);
        assert!(other_kind.parse::<ApiKey>().is_err());
    }

    #[test]
    fn texts_that_are_no_key_are_rejected() {
        let key = ApiKey::mint(KeyKind::User, byte_sequence());
        let texts = [
            String::new(),
            "pnu_".to_owned(),
            "pcu_123".to_owned(),
            format!(" {}", key.reveal()),
            format!("{}0", key.reveal()),
            "pnu_é234567890123456789012345678901234567".to_owned(),
            "\0".repeat(40),
        ];
        for text in texts {
            assert!(text.parse::<ApiKey>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn debug_does_not_print_the_key() {
        let key = ApiKey::mint(KeyKind::User, byte_sequence());
        assert_eq!(format!("{key:?}"), "ApiKey(pnu_…)");
    }
}

//! API keys: `pnu_` (a person's) or `pnb_` (a service account's), 30 random letters, and a checksum of six.
//!
//! The checksum lets a typing mistake be refused without a look into the database, and a leaked key be found by scanners.
//! Only the SHA-256 of a key is ever stored: 178 random bits need no slow hash.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::base62;

const RANDOM_LETTERS: usize = 30;
const CHECK_LETTERS: usize = 6;
const PREFIX: usize = 4;
const LENGTH: usize = PREFIX + RANDOM_LETTERS + CHECK_LETTERS;

/// Whom a key speaks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyKind {
    /// A person.
    User,
    /// A service account, which clients call a bot.
    ServiceAccount,
}

impl KeyKind {
    /// The letters that such a key begins with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::User => "pnu_",
            Self::ServiceAccount => "pnb_",
        }
    }
}

/// A key in the clear: it is shown once when made, and comes with each request. Never printed by accident.
#[derive(Clone)]
pub struct ApiKey(Zeroizing<String>);

/// A text that no server of this kind has made as a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an API key: expected `pnu_` or `pnb_`, followed by 36 letters and digits")]
pub struct NotAnApiKey;

impl ApiKey {
    /// A new key; `fill` must give random bytes fit for secrets.
    #[must_use]
    pub fn mint(kind: KeyKind, fill: impl FnMut(&mut [u8])) -> Self {
        // Room for the whole: growing would leave a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        text.push_str(kind.prefix());
        base62::push_random(&mut text, RANDOM_LETTERS, fill);
        let check = checksum(&text);
        text.push_str(&check);
        Self(text)
    }

    /// The key itself, to be shown to its owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored in its place.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// What its owner may see of it later.
    #[must_use]
    pub fn last_four(&self) -> &str {
        &self.0[LENGTH - 4..]
    }

    /// Whom it speaks for.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        if self.0.starts_with(KeyKind::User.prefix()) { KeyKind::User } else { KeyKind::ServiceAccount }
    }
}

impl FromStr for ApiKey {
    type Err = NotAnApiKey;

    fn from_str(text: &str) -> Result<Self, NotAnApiKey> {
        let known = [KeyKind::User, KeyKind::ServiceAccount].iter().any(|kind| text.starts_with(kind.prefix()));
        if !known || text.len() != LENGTH || !base62::holds(&text[PREFIX..]) {
            return Err(NotAnApiKey);
        }
        let (body, check) = text.split_at(LENGTH - CHECK_LETTERS);
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

/// The CRC-32 of prefix and random letters, so that one kind of key can't be passed off as the other.
fn checksum(body: &str) -> String {
    let mut check = String::with_capacity(CHECK_LETTERS);
    base62::push_u32(&mut check, crc32fast::hash(body.as_bytes()));
    check
}

#[cfg(test)]
mod tests {
    use super::{ApiKey, KeyKind};

    fn counting() -> impl FnMut(&mut [u8]) {
        let mut next = 0_u8;
        move |bytes| {
            for byte in bytes {
                *byte = next;
                next = next.wrapping_mul(5).wrapping_add(7);
            }
        }
    }

    #[test]
    fn a_minted_key_is_its_prefix_and_36_letters_and_is_read_back() {
        for (kind, prefix) in [(KeyKind::User, "pnu_"), (KeyKind::ServiceAccount, "pnb_")] {
            let key = ApiKey::mint(kind, counting());
            let text = key.reveal();
            assert!(text.starts_with(prefix));
            assert_eq!(text.len(), 40);
            assert!(text[4..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
            assert!(text.ends_with(key.last_four()));

            let read: ApiKey = text.parse().unwrap();
            assert_eq!(read.kind(), kind);
            assert_eq!(read.sha256(), key.sha256());
        }
    }

    #[test]
    fn any_letter_changed_is_noticed() {
        let key = ApiKey::mint(KeyKind::User, counting());
        for place in 0..key.reveal().len() {
            let mut text = key.reveal().as_bytes().to_vec();
            text[place] = if text[place] == b'7' { b'8' } else { b'7' };
            let text = String::from_utf8(text).unwrap();
            assert!(text.parse::<ApiKey>().is_err(), "{text}");
        }
        let other_kind = key.reveal().replacen("pnu_", "pnb_", 1);
        assert!(other_kind.parse::<ApiKey>().is_err());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let key = ApiKey::mint(KeyKind::User, counting());
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
    fn its_text_is_not_printed() {
        let key = ApiKey::mint(KeyKind::User, counting());
        assert_eq!(format!("{key:?}"), "ApiKey(pnu_…)");
    }
}

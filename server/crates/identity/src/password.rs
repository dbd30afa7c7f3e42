//! Passwords: as typed, and as accepted for a new one. Never printed, wiped when dropped.
//!
//! Length and commonness are judged, composition is not: rules about digits and signs make people choose worse.

mod common;

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The fewest characters of a new password.
pub const MIN_CHARACTERS: usize = 10;
/// The most characters of a password: room for any passphrase, and a bound.
pub const MAX_CHARACTERS: usize = 128;

/// A password as somebody typed it, to be compared with a stored hash.
///
/// It is kept in Unicode's composed form (NFC): another keyboard may compose the same letter otherwise.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// A password that somebody may choose.
#[derive(Clone)]
pub struct NewPassword(Password);

/// Why a password can't be chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has at least {MIN_CHARACTERS} characters")]
    TooShort,
    #[error("a password has at most {MAX_CHARACTERS} characters")]
    TooLong,
    #[error("a password can't hold control characters")]
    ControlCharacter,
    #[error("this password is among the first that somebody would guess; choose a less common one")]
    Common,
    #[error("this password is little more than your name, your address or this server's name; choose another")]
    AboutYou,
}

impl Password {
    /// Takes what was typed.
    #[must_use]
    pub fn typed(text: impl Into<String>) -> Self {
        let text = Zeroizing::new(text.into());
        // Composing never needs more room than this, and growing would leave a copy behind.
        let mut composed = Zeroizing::new(String::with_capacity(text.len() * 3));
        composed.extend(text.nfc());
        Self(composed)
    }

    /// Accepts it as a new password; `about` holds what others know of the person: address, handle, name.
    pub fn choose(self, about: &[&str]) -> Result<NewPassword, PasswordError> {
        match self.0.chars().take(MAX_CHARACTERS + 1).count() {
            0..MIN_CHARACTERS => Err(PasswordError::TooShort),
            MIN_CHARACTERS..=MAX_CHARACTERS if self.0.chars().any(char::is_control) => {
                Err(PasswordError::ControlCharacter)
            }
            MIN_CHARACTERS..=MAX_CHARACTERS if common::is_about(&self.0, about) => Err(PasswordError::AboutYou),
            MIN_CHARACTERS..=MAX_CHARACTERS if common::is_common(&self.0) => Err(PasswordError::Common),
            MIN_CHARACTERS..=MAX_CHARACTERS => Ok(NewPassword(self)),
            _ => Err(PasswordError::TooLong),
        }
    }

    /// Whether any account could have it: what is longer than allowed is nobody's.
    pub(crate) fn could_be_somebodys(&self) -> bool {
        self.0.chars().nth(MAX_CHARACTERS).is_none()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl NewPassword {
    /// The password, for hashing or a first sign-in.
    #[must_use]
    pub fn as_password(&self) -> &Password {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{NewPassword, Password, PasswordError};

    fn choose(text: &str) -> Result<NewPassword, PasswordError> {
        Password::typed(text).choose(&["ann.lee@example.org", "ann-lee", "Ann Lee"])
    }

    #[test]
    fn length_counts_characters() {
        assert_eq!(choose("vier ziege").err(), None);
        assert_eq!(choose("vier zieg").err(), Some(PasswordError::TooShort));
        // Eighteen bytes, nine characters.
        assert_eq!(choose("äöüßéèêàâ").err(), Some(PasswordError::TooShort));
        let long = "Käse ".repeat(40);
        assert_eq!(choose(&long[..long.char_indices().nth(128).unwrap().0]).err(), None);
        assert_eq!(choose(&long[..long.char_indices().nth(129).unwrap().0]).err(), Some(PasswordError::TooLong));
        assert_eq!(choose("violet\0otter").err(), Some(PasswordError::ControlCharacter));
    }

    #[test]
    fn what_everybody_would_guess_is_refused() {
        for text in [
            "1234567890",
            "qwertyuiop",
            "Password123!",
            "p@ssw0rd2024",
            "iloveyou!!",
            "!!!Michelle99",
            "aaaaaaaaaaaaaaa",
            "abababababab",
            "abcdefghijkl",
            "98765432109876",
            "dragondragon",
            "motherfucker",
        ] {
            assert_eq!(choose(text).err(), Some(PasswordError::Common), "{text}");
        }
    }

    #[test]
    fn what_is_known_of_the_person_is_no_password() {
        for text in
            ["ann.lee@example.org", "Ann.Lee.2024", "annlee annlee", "provost-provost", "Prefect2026!", "ann lee 12"]
        {
            assert_eq!(choose(text).err(), Some(PasswordError::AboutYou), "{text}");
        }
    }

    #[test]
    fn passphrases_and_random_letters_pass() {
        for text in [
            "correct battery dragon lamp",
            "the provost likes green tea",
            "x7Gq!mZ2pLw9",
            "dragon48151623426108",
            "四つのりんごが青い空を飛ぶ",
        ] {
            assert_eq!(choose(text).err(), None, "{text}");
        }
    }

    #[test]
    fn the_same_letters_composed_otherwise_are_the_same_password() {
        let (one, two) = (Password::typed("cre\u{300}me bru\u{302}le\u{301}e"), Password::typed("crème brûlée"));
        assert_eq!(one.as_bytes(), two.as_bytes());
    }

    #[test]
    fn its_text_is_not_printed() {
        let new = choose("violet otter lamp").unwrap();
        assert_eq!(format!("{new:?} {:?}", new.as_password()), "NewPassword(…) Password(…)");
    }
}

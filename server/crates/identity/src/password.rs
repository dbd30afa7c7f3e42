//! Passwords, as typed and as accepted for an account. `Debug` does not print them, and their memory is zeroed on drop.
//!
//! A new password must be long and uncommon. There are no rules about digits and symbols, because those make people choose worse ones.

mod common;

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The minimum length of a new password.
pub const MIN_CHARACTERS: usize = 10;
/// The maximum length of a password: enough for any passphrase, while it bounds the work of hashing.
pub const MAX_CHARACTERS: usize = 128;

/// A password as typed, to be verified against a stored hash.
///
/// The text is normalised to Unicode NFC, because keyboards differ in how they compose the same letter.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// A password that was accepted for an account.
#[derive(Clone)]
pub struct NewPassword(Password);

/// Why a new password is rejected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("use at least {MIN_CHARACTERS} characters")]
    TooShort,
    #[error("a password has at most {MAX_CHARACTERS} characters")]
    TooLong,
    #[error("a password can’t contain control characters")]
    ControlCharacter,
    #[error("this password is too easy to guess; choose a less common one")]
    Common,
    #[error("this password is too similar to your name, your email or this server’s name; choose another")]
    AboutYou,
}

impl Password {
    /// Normalises the typed text.
    #[must_use]
    pub fn typed(text: impl Into<String>) -> Self {
        let text = Zeroizing::new(text.into());
        // NFC never needs more space than this, and a reallocation would leave a copy of the secret in memory.
        let mut composed = Zeroizing::new(String::with_capacity(text.len() * 3));
        composed.extend(text.nfc());
        Self(composed)
    }

    /// Accepts the password as the new one of an account, or returns why it is rejected. `personal` are words that others know of the
    /// person: e-mail address, handle, name.
    pub fn validate_as_new(self, personal: &[&str]) -> Result<NewPassword, PasswordError> {
        match self.0.chars().take(MAX_CHARACTERS + 1).count() {
            0..MIN_CHARACTERS => Err(PasswordError::TooShort),
            MIN_CHARACTERS..=MAX_CHARACTERS if self.0.chars().any(char::is_control) => {
                Err(PasswordError::ControlCharacter)
            }
            MIN_CHARACTERS..=MAX_CHARACTERS if common::is_personal(&self.0, personal) => Err(PasswordError::AboutYou),
            MIN_CHARACTERS..=MAX_CHARACTERS if common::is_common(&self.0) => Err(PasswordError::Common),
            MIN_CHARACTERS..=MAX_CHARACTERS => Ok(NewPassword(self)),
            _ => Err(PasswordError::TooLong),
        }
    }

    /// Whether an account can have this password.
    pub(crate) fn is_within_max_length(&self) -> bool {
        self.0.chars().nth(MAX_CHARACTERS).is_none()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl NewPassword {
    /// The password, for hashing or the first sign-in.
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
        Password::typed(text).validate_as_new(&["ann.lee@example.org", "ann-lee", "Ann Lee"])
    }

    #[test]
    fn length_is_counted_in_characters() {
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
    fn common_passwords_are_rejected() {
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
    fn personal_words_are_rejected() {
        for text in
            ["ann.lee@example.org", "Ann.Lee.2024", "annlee annlee", "provost-provost", "Prefect2026!", "ann lee 12"]
        {
            assert_eq!(choose(text).err(), Some(PasswordError::AboutYou), "{text}");
        }
    }

    #[test]
    fn passphrases_and_random_characters_are_accepted() {
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
    fn composed_and_decomposed_letters_are_equal() {
        let (decomposed, composed) =
            (Password::typed("cre\u{300}me bru\u{302}le\u{301}e"), Password::typed("crème brûlée"));
        assert_eq!(decomposed.as_bytes(), composed.as_bytes());
    }

    #[test]
    fn debug_does_not_print_the_password() {
        let accepted = choose("violet otter lamp").unwrap();
        assert_eq!(format!("{accepted:?} {:?}", accepted.as_password()), "NewPassword(…) Password(…)");
    }
}

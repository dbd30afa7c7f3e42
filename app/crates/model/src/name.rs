//! Names and keys that clients choose, validated when they are deserialized.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not a valid name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidName {
    #[error("a name must not be empty")]
    Empty,
    #[error("a name has at most {0} characters")]
    TooLong(usize),
    #[error("a key has at most {0} bytes")]
    TooManyBytes(usize),
    #[error("a name must not contain any of / % & > < or the character NUL")]
    Forbidden,
    #[error("only lower-case letters, digits and dashes are allowed")]
    NotASlug,
    #[error("only lower-case letters, digits, dashes and underscores are allowed, at most {MAX_VARIABLE_NAME}")]
    NotAVariable,
}

/// The most characters of a name: with four bytes each it still fits an index of PostgreSQL, which takes 2,704 bytes.
const MAX_CHARACTERS: usize = 512;
/// The most characters of a variable's name.
pub const MAX_VARIABLE_NAME: usize = 255;
/// The most bytes of a name that has an index of its own.
const OWN_INDEX: usize = 4 * MAX_CHARACTERS;
/// The most bytes of a key: two keys share an index.
const SHARED_INDEX: usize = 2 * MAX_CHARACTERS;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident of $bytes:ident if $allowed:expr, else $error:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The text of the name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                let allowed: fn(&str) -> bool = $allowed;
                if text.is_empty() {
                    Err(InvalidName::Empty)
                } else if text.chars().nth(MAX_CHARACTERS).is_some() {
                    Err(InvalidName::TooLong(MAX_CHARACTERS))
                } else if text.len() > $bytes {
                    Err(InvalidName::TooManyBytes($bytes))
                } else if allowed(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidName::$error)
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

names! {
    /// The name of a flow, a block type or a limit. It can be part of a URL path, so it contains none of `/ % & > <`.
    Name of OWN_INDEX if |text| !text.contains(['/', '%', '&', '>', '<', '\0']), else Forbidden;
    /// The name of a run: free text.
    RunName of OWN_INDEX if |text| !text.contains('\0'), else Forbidden;
    /// Lower-case letters, digits and dashes: block types' slugs and block documents' names.
    Slug of OWN_INDEX if |text| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), else NotASlug;
    /// The name of a variable.
    VariableName of OWN_INDEX if is_variable_name, else NotAVariable;
    /// A key by which a client finds an object that it created: idempotency keys, task keys, dynamic keys.
    Key of SHARED_INDEX if |text| !text.contains('\0'), else Forbidden;
}

fn is_variable_name(text: &str) -> bool {
    text.len() <= MAX_VARIABLE_NAME
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::{InvalidName, Key, Name, Slug};

    #[test]
    fn names_of_flows_exclude_the_delimiters_of_urls() {
        for good in ["Testing", "my flow", "ветер", "a.b-c_d", "日本"] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in ["a/b", "50%", "a&b", "a>b", "<b>", "a\0b"] {
            assert_eq!(bad.parse::<Name>(), Err(InvalidName::Forbidden), "{bad:?}");
        }
        assert_eq!("".parse::<Name>(), Err(InvalidName::Empty));
        assert_eq!("é".repeat(513).parse::<Name>(), Err(InvalidName::TooLong(512)));
    }

    #[test]
    fn slugs_are_lower_case_letters_digits_and_dashes() {
        assert!("local-file-system".parse::<Slug>().is_ok());
        for bad in ["Local", "a_b", "a b", "ä"] {
            assert_eq!(bad.parse::<Slug>(), Err(InvalidName::NotASlug), "{bad}");
        }
    }

    #[test]
    fn two_keys_fit_one_index() {
        assert!("🚀".repeat(256).parse::<Key>().is_ok());
        assert_eq!("🚀".repeat(257).parse::<Key>(), Err(InvalidName::TooManyBytes(1_024)));
        assert!("🚀".repeat(512).parse::<Name>().is_ok(), "a name has an index of its own");
    }

    #[test]
    fn the_json_error_gives_the_reason() {
        let error = serde_json::from_str::<Key>("\"\"").unwrap_err().to_string();
        assert!(error.contains("must not be empty"), "{error}");
    }
}

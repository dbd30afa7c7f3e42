//! Names and keys that clients choose, checked where they are read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is no name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAName {
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
}

/// The most characters of a name: with four bytes each it still fits an index of PostgreSQL, which takes 2,704 bytes.
const LONGEST: usize = 512;
/// The most bytes of a name that stands in an index alone.
const ALONE: usize = 4 * LONGEST;
/// The most bytes of a key: two of them share an index.
const IN_PAIRS: usize = 2 * LONGEST;

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
            type Error = NotAName;

            fn try_from(text: String) -> Result<Self, NotAName> {
                let allowed: fn(&str) -> bool = $allowed;
                if text.is_empty() {
                    Err(NotAName::Empty)
                } else if text.chars().nth(LONGEST).is_some() {
                    Err(NotAName::TooLong(LONGEST))
                } else if text.len() > $bytes {
                    Err(NotAName::TooManyBytes($bytes))
                } else if allowed(&text) {
                    Ok(Self(text))
                } else {
                    Err(NotAName::$error)
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAName;

            fn from_str(text: &str) -> Result<Self, NotAName> {
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
    /// The name of a flow, a block type or a limit: it may stand in a path, so it holds none of `/ % & > <`.
    Name of ALONE if |text| !text.contains(['/', '%', '&', '>', '<', '\0']), else Forbidden;
    /// The name of a run: free text.
    RunName of ALONE if |text| !text.contains('\0'), else Forbidden;
    /// Lower-case letters, digits and dashes: block types' slugs and block documents' names.
    Slug of ALONE if |text| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), else NotASlug;
    /// A text by which a client finds again what it made: idempotency keys, task keys, dynamic keys.
    Key of IN_PAIRS if |text| !text.contains('\0'), else Forbidden;
}

#[cfg(test)]
mod tests {
    use super::{Key, Name, NotAName, Slug};

    #[test]
    fn names_of_flows_take_any_letters_but_not_the_signs_of_a_path() {
        for good in ["Testing", "my flow", "ветер", "a.b-c_d", "日本"] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in ["a/b", "50%", "a&b", "a>b", "<b>", "a\0b"] {
            assert_eq!(bad.parse::<Name>(), Err(NotAName::Forbidden), "{bad:?}");
        }
        assert_eq!("".parse::<Name>(), Err(NotAName::Empty));
        assert_eq!("é".repeat(513).parse::<Name>(), Err(NotAName::TooLong(512)));
    }

    #[test]
    fn slugs_are_lower_case() {
        assert!("local-file-system".parse::<Slug>().is_ok());
        for bad in ["Local", "a_b", "a b", "ä"] {
            assert_eq!(bad.parse::<Slug>(), Err(NotAName::NotASlug), "{bad}");
        }
    }

    #[test]
    fn two_keys_fit_one_index() {
        assert!("🚀".repeat(256).parse::<Key>().is_ok());
        assert_eq!("🚀".repeat(257).parse::<Key>(), Err(NotAName::TooManyBytes(1_024)));
        assert!("🚀".repeat(512).parse::<Name>().is_ok(), "a name stands in its index alone");
    }

    #[test]
    fn a_bad_name_in_json_says_why() {
        let error = serde_json::from_str::<Key>("\"\"").unwrap_err().to_string();
        assert!(error.contains("must not be empty"), "{error}");
    }
}

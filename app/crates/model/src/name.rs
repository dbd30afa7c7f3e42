//! Names and keys that clients choose, validated when they are deserialized.

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
    #[error("only {0} are allowed")]
    Only(&'static str),
    #[error("only {0} are allowed, at most {1}")]
    OnlyUpTo(&'static str, usize),
}

/// The most characters of a name: with four bytes each it still fits an index of PostgreSQL, which takes 2,704 bytes.
pub(crate) const MAX_CHARACTERS: usize = 512;
/// The most bytes of a name that has an index of its own.
pub(crate) const OWN_INDEX: usize = 4 * MAX_CHARACTERS;
/// The most bytes of a key: two keys share an index.
const SHARED_INDEX: usize = 2 * MAX_CHARACTERS;

/// Declares types of names.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident of $bytes:ident if $allowed:expr, else $error:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
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
            type Error = $crate::name::InvalidName;

            fn try_from(text: String) -> Result<Self, $crate::name::InvalidName> {
                let allowed: fn(&str) -> bool = $allowed;
                if text.is_empty() {
                    Err($crate::name::InvalidName::Empty)
                } else if text.chars().nth($crate::name::MAX_CHARACTERS).is_some() {
                    Err($crate::name::InvalidName::TooLong($crate::name::MAX_CHARACTERS))
                } else if text.len() > $bytes {
                    Err($crate::name::InvalidName::TooManyBytes($bytes))
                } else if allowed(&text) {
                    Ok(Self(text))
                } else {
                    Err($error)
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::name::InvalidName;

            fn from_str(text: &str) -> Result<Self, $crate::name::InvalidName> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}
pub(crate) use names;

names! {
    /// The name of a flow, a block type or a limit. It can be part of a URL path, so it contains none of `/ % & > <`.
    Name of OWN_INDEX if |text| !text.contains(['/', '%', '&', '>', '<', '\0']), else InvalidName::Forbidden;
    /// The name of a run: free text.
    RunName of OWN_INDEX if |text| !text.contains('\0'), else InvalidName::Forbidden;
    /// Lower-case letters, digits and dashes: block types' slugs and block documents' names.
    Slug of OWN_INDEX if |text| is_lower_case(text, "-"),
        else InvalidName::Only("lowercase letters, digits and dashes");
    /// A key by which a client finds an object that it created: idempotency keys, task keys, dynamic keys.
    Key of SHARED_INDEX if |text| !text.contains('\0'), else InvalidName::Forbidden;
}

/// Whether a text consists of lower-case letters, digits and these other characters.
pub(crate) fn is_lower_case(text: &str, others: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || others.as_bytes().contains(&byte))
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
            assert_eq!(bad.parse::<Slug>(), Err(InvalidName::Only("lowercase letters, digits and dashes")), "{bad}");
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

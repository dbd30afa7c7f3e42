//! What a provider answers: with the browser that comes back, after the exchange, or instead of it.

use std::fmt;

use crate::{Email, provider::ProviderAccount};

/// How much of a provider's text is logged and shown.
const MAX_SAID_CHARS: usize = 200;
/// The maximum length of a name or label that a provider sends.
const MAX_NAME_CHARS: usize = 200;

/// The query of the URL with which a browser comes back. All of it may be forged.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Callback {
    pub code: Option<String>,
    pub iss: Option<String>,
    pub error: Option<String>,
    pub error_description: Option<String>,
}

/// An account that the provider has confirmed for this browser and this attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confirmed {
    pub account: ProviderAccount,
    /// The address or login that the person has at the provider, to be shown.
    pub label: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    pub email: Option<Email>,
    /// Whether the provider has verified that the address is the person's.
    pub email_verified: bool,
}

/// Why a provider has confirmed no account.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProviderError {
    /// The person, or the provider's policy, did not allow the sign-in.
    #[error("access was denied at the provider")]
    Denied,
    /// The provider answered with an error code.
    #[error("the provider answered with the error {error}")]
    Answered { error: String },
    #[error("the provider can’t be reached")]
    Unreachable,
    #[error("the provider did not answer in time")]
    TooSlow,
    #[error("the provider’s answer is too large")]
    TooLarge,
    /// The answer proves nothing; the text says what is wrong with it.
    #[error("the provider’s answer is not valid: {0}")]
    BadAnswer(&'static str),
}

impl fmt::Debug for Callback {
    /// Without the code, which is a secret until it is exchanged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("iss", &self.iss).field("error", &self.error).finish_non_exhaustive()
    }
}

impl Callback {
    /// The code to exchange, or the error with which the provider answered instead.
    pub(super) fn code(&self) -> Result<&str, ProviderError> {
        if let Some(error) = &self.error {
            return Err(answered(error, self.error_description.as_deref()));
        }
        match self.code.as_deref() {
            Some(code) if !code.is_empty() => Ok(code),
            _ => Err(bad_answer("it contains no code", "")),
        }
    }
}

/// The error with which a provider has answered.
pub(super) fn answered(error: &str, description: Option<&str>) -> ProviderError {
    if error == "access_denied" {
        return ProviderError::Denied;
    }
    let description = description.map(|text| bounded(text, MAX_SAID_CHARS));
    let error = bounded(error, MAX_SAID_CHARS);
    tracing::warn!(error, description, "an identity provider answered with an error");
    ProviderError::Answered { error }
}

/// Rejects an answer and logs it. `said` must contain no token, code or secret.
pub(super) fn bad_answer(reason: &'static str, said: &str) -> ProviderError {
    tracing::warn!(reason, said = bounded(said, MAX_SAID_CHARS), "the answer of an identity provider was rejected");
    ProviderError::BadAnswer(reason)
}

/// A name that a provider has sent, as it may be shown: trimmed, without control characters, and not too long.
pub(super) fn shown(text: &str) -> Option<String> {
    let text = bounded(text.trim(), MAX_NAME_CHARS);
    (!text.is_empty()).then_some(text)
}

/// The first characters of `text`, without control characters.
fn bounded(text: &str, max_chars: usize) -> String {
    text.chars().filter(|next| !next.is_control()).take(max_chars).collect()
}

#[cfg(test)]
mod tests {
    use super::{Callback, ProviderError, shown};

    #[test]
    fn an_error_comes_before_a_code() {
        let callback = |code: Option<&str>, error: Option<&str>| Callback {
            code: code.map(str::to_owned),
            error: error.map(str::to_owned),
            ..Callback::default()
        };
        assert_eq!(callback(Some("c"), None).code(), Ok("c"));
        assert_eq!(callback(Some("c"), Some("access_denied")).code(), Err(ProviderError::Denied));
        let error = format!("server\n_error{}", "x".repeat(500));
        let callback_with_error = callback(None, Some(&error));
        match callback_with_error.code() {
            Err(ProviderError::Answered { error }) => {
                assert!(error.starts_with("server_errorx") && error.len() == 200, "{error}");
            }
            other => panic!("{other:?}"),
        }
        for empty in [callback(None, None), callback(Some(""), None)] {
            assert!(matches!(empty.code(), Err(ProviderError::BadAnswer(_))));
        }
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(shown(" Ann\u{0}\n Lee ").as_deref(), Some("Ann Lee"));
        assert_eq!(shown(" \n "), None);
        assert_eq!(shown(&"ä".repeat(500)).unwrap().chars().count(), 200);
    }
}

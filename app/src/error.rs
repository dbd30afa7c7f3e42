//! The errors that a server function returns to the browser, and what is wrong with a form, which a server function returns as a value.
//!
//! Must not know the use cases: `context` converts the errors of `control` into these.

use leptos::server_fn::{
    codec::PostcardEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use model::{id::RequestId, validation::ValidationError};
use serde::{Deserialize, Serialize};

use crate::response_status::ResponseStatus;

/// Why a screen can't be shown, or why a form was not processed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Error {
    /// The request has no valid session.
    SignedOut,
    /// There is no such object, or the caller may not see it.
    NotFound,
    /// The request is invalid; a sentence that says why.
    Refused(String),
    /// Too many attempts, or too many requests at once.
    TooMany {
        /// Seconds until the next attempt.
        seconds: u64,
    },
    /// The server can't process the request at the moment.
    Unavailable { request: Option<RequestId> },
    /// A bug in the server.
    Broken { request: Option<RequestId> },
    /// The browser got no usable response.
    Unreachable,
}

impl Error {
    /// The HTTP status of the response.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::NotFound => 404,
            Self::Refused(_) => 422,
            Self::TooMany { .. } => 429,
            Self::Unavailable { .. } => 503,
            Self::Broken { .. } | Self::Unreachable => 500,
        }
    }

    /// Whether the server, or its database, does not answer at the moment.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Unreachable)
    }

    /// The request id, which a person quotes when they ask for help.
    #[must_use]
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Self::Unavailable { request } | Self::Broken { request } => *request,
            _ => None,
        }
    }

    /// One or two sentences for people, shown above a form.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::SignedOut => "You’ve been signed out. Sign in and try again.".to_owned(),
            Self::NotFound => "This no longer exists, or you don’t have access to it.".to_owned(),
            Self::Refused(sentence) => sentence.clone(),
            Self::TooMany { seconds } => "Too many attempts. ".to_owned() + &when_to_retry(*seconds),
            Self::Unavailable { .. } => "The server is unavailable. Try again in a moment.".to_owned(),
            Self::Broken { request: Some(request) } => {
                format!(
                    "Something went wrong on the server. Try again. If it keeps failing, give your administrator request ID {request}."
                )
            }
            Self::Broken { request: None } => "Something went wrong on the server. Try again.".to_owned(),
            Self::Unreachable => "The server didn’t respond. Check your connection and try again.".to_owned(),
        }
    }
}

/// "Try again in 20 seconds."
pub(crate) fn when_to_retry(seconds: u64) -> String {
    match seconds {
        0 | 1 => "Try again in a second.".to_owned(),
        2..=90 => format!("Try again in {seconds} seconds."),
        more => format!("Try again in {} minutes.", more.div_ceil(60)),
    }
}

impl FromServerFnError for Error {
    type Encoder = PostcardEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as Of;
        let unreadable =
            || Self::Refused("The server couldn’t read the form. Reload the page and try again.".to_owned());
        let error = match error {
            Of::Args(_) | Of::MissingArg(_) => unreadable(),
            Of::Deserialization(_) | Of::Request(_) if ResponseStatus::on_server() => unreadable(),
            Of::Serialization(_) | Of::Response(_) if ResponseStatus::on_server() => Self::Broken { request: None },
            _ => Self::Unreachable,
        };
        ResponseStatus::set(error.status());
        error
    }
}

/// The result of a form: the value, or what is wrong with the form.
pub type FormResult<T> = Result<T, FormError>;

/// What is wrong with a form; nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FormError {
    /// At most one message per field.
    Fields(Vec<ValidationError>),
    /// About the form as a whole, in a sentence.
    Whole(String),
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn waits_are_seconds_up_to_90_then_minutes() {
        let message = |seconds| Error::TooMany { seconds }.message();
        assert_eq!(message(1), "Too many attempts. Try again in a second.");
        assert_eq!(message(20), "Too many attempts. Try again in 20 seconds.");
        assert_eq!(message(91), "Too many attempts. Try again in 2 minutes.");
        assert_eq!(message(600), "Too many attempts. Try again in 10 minutes.");
    }
}

//! What can go wrong on the way to a screen, as the browser is told; and what is wrong with a form, which is no error but an answer.
//!
//! Knows no use case: `context` turns the errors of `control` into these.

use leptos::server_fn::{
    codec::PostcardEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use model::{id::RequestId, invalid::Invalid};
use serde::{Deserialize, Serialize};

use crate::form::Status;

/// Why a screen can't be shown, or why an act could not even be tried.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Error {
    /// Nobody is signed in.
    SignedOut,
    /// There is no such thing, or it is not the caller's to see.
    NotFound,
    /// It was asked for in a way that can't be; a sentence.
    Refused(String),
    /// Too many attempts, or too much at once.
    TooMany {
        /// How long to wait.
        seconds: u64,
    },
    /// The server can't do it at the moment.
    Unavailable { request: Option<RequestId> },
    /// A fault of the program.
    Broken { request: Option<RequestId> },
    /// The browser got no usable answer.
    Unreachable,
}

impl Error {
    /// The status that an answer with it has.
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

    /// What a person quotes when they ask for help.
    #[must_use]
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Self::Unavailable { request } | Self::Broken { request } => *request,
            _ => None,
        }
    }

    /// In a sentence or two, for a form that was sent.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::SignedOut => "You are signed out. Sign in again, then repeat this.".to_owned(),
            Self::NotFound => "This isn’t there any more, or you don’t have access to it.".to_owned(),
            Self::Refused(sentence) => sentence.clone(),
            Self::TooMany { seconds } => format!("Too many attempts. Try again in {}.", wait(*seconds)),
            Self::Unavailable { .. } => "The server can’t do this at the moment. Try again.".to_owned(),
            Self::Broken { request: Some(request) } => {
                format!("This broke on our side. If it keeps failing, quote request {request}.")
            }
            Self::Broken { request: None } => "This broke on our side. Try again.".to_owned(),
            Self::Unreachable => "The server didn’t answer. Check the connection, then try again.".to_owned(),
        }
    }
}

fn wait(seconds: u64) -> String {
    match seconds {
        0 | 1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        more => format!("{} minutes", more.div_ceil(60)),
    }
}

impl FromServerFnError for Error {
    type Encoder = PostcardEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as Of;
        let error = match error {
            Of::Args(_) | Of::MissingArg(_) => {
                Self::Refused("A field of this form is missing or can’t be read.".to_owned())
            }
            Of::Deserialization(_) | Of::Request(_) if Status::is_known() => {
                Self::Refused("This form can’t be read.".to_owned())
            }
            Of::Serialization(_) | Of::Response(_) if Status::is_known() => Self::Broken { request: None },
            _ => Self::Unreachable,
        };
        Status::set(error.status());
        error
    }
}

/// What came of a form: what it made, or what is wrong with it.
pub type Outcome<T> = Result<T, Refusal>;

/// What is wrong with a form; nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Refusal {
    /// One complaint a field.
    Fields(Vec<Invalid>),
    /// All of it, in a sentence.
    Whole(String),
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn waits_are_said_in_the_unit_that_people_count_in() {
        let said = |seconds| Error::TooMany { seconds }.sentence();
        assert_eq!(said(1), "Too many attempts. Try again in a second.");
        assert_eq!(said(20), "Too many attempts. Try again in 20 seconds.");
        assert_eq!(said(91), "Too many attempts. Try again in 2 minutes.");
        assert_eq!(said(600), "Too many attempts. Try again in 10 minutes.");
    }
}

//! Why a socket is closed: the code that clients act on, and a reason for people.

use axum::extract::ws::{CloseFrame, Message, close_code};
use control::Error;

/// The end of a socket. Reasons are short: a close frame holds 123 bytes of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Close {
    code: u16,
    reason: &'static str,
}

impl Close {
    pub const GONE: Self = Self { code: close_code::NORMAL, reason: "" };
    pub const IDLE: Self = Self { code: close_code::NORMAL, reason: "nothing was heard for too long" };
    pub const NO_KEY: Self = Self {
        code: close_code::POLICY,
        reason: "No API key was sent. Set PREFECT_CLOUD_API_URL to this server's API address; /help shows how.",
    };
    pub const BAD_KEY: Self = Self { code: close_code::POLICY, reason: "The API key is not valid here." };
    pub const REVOKED: Self = Self { code: close_code::POLICY, reason: "The API key is no longer valid here." };
    /// The client connects again, to whoever is there then.
    pub const STOPPING: Self = Self { code: close_code::AWAY, reason: "The server is stopping." };
    pub const NO_INTRODUCTION: Self =
        Self { code: close_code::POLICY, reason: "The first message must be {\"type\": \"auth\", \"token\": …}." };
    pub const NOT_TEXT: Self = Self { code: close_code::UNSUPPORTED, reason: "Only text frames are read." };
    /// The client keeps what was not confirmed and sends it again.
    pub const NOT_KEPT: Self =
        Self { code: close_code::AGAIN, reason: "The events could not be stored; send them again." };

    pub fn message(self) -> Message {
        Message::Close(Some(CloseFrame { code: self.code, reason: self.reason.into() }))
    }
}

impl From<Error> for Close {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated | Error::NotFound(_) => Self::BAD_KEY,
            _ => Self::NOT_KEPT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Close;

    #[test]
    fn reasons_fit_into_a_frame() {
        for close in
            [Close::IDLE, Close::NO_KEY, Close::BAD_KEY, Close::REVOKED, Close::NO_INTRODUCTION, Close::NOT_KEPT]
        {
            assert!(close.reason.len() <= 123, "{}", close.reason);
        }
    }
}

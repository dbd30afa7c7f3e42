//! Why a socket is closed: the code that clients act on, and a reason for people.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use control::Error;
use tokio::time::timeout;

use crate::error::ApiError;

/// How long a frame may take to be taken.
const PATIENCE: Duration = Duration::from_secs(5);

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
    pub const MANY_WORKSPACES: Self = Self {
        code: close_code::POLICY,
        reason: "This key opens several workspaces: set PREFECT_API_URL to the address of one of them.",
    };
    pub const BAD_KEY: Self = Self { code: close_code::POLICY, reason: "The API key is not valid here." };
    pub const REVOKED: Self = Self { code: close_code::POLICY, reason: "The API key is no longer valid here." };
    /// The client connects again, to whoever is there then.
    pub const STOPPING: Self = Self { code: close_code::AWAY, reason: "The server is stopping." };
    pub const NO_INTRODUCTION: Self =
        Self { code: close_code::POLICY, reason: "The first message must be {\"type\": \"auth\", \"token\": …}." };
    pub const CROWDED: Self = Self { code: close_code::AGAIN, reason: "This key has too many sockets open." };
    pub const SLOW: Self = Self { code: close_code::AGAIN, reason: "What is sent is not taken." };
    pub const UNAVAILABLE: Self = Self { code: close_code::AGAIN, reason: "Try again in a moment." };
    pub const NOT_TEXT: Self = Self { code: close_code::UNSUPPORTED, reason: "Only text frames are read." };
    /// The client keeps what was not confirmed and sends it again.
    pub const NOT_KEPT: Self =
        Self { code: close_code::AGAIN, reason: "The events could not be stored; send them again." };

    pub fn message(self) -> Message {
        Message::Close(Some(CloseFrame { code: self.code, reason: self.reason.into() }))
    }
}

/// Sends a frame to whoever takes it in time.
pub async fn put(socket: &mut WebSocket, message: Message) -> Result<(), Close> {
    timeout(PATIENCE, socket.send(message)).await.map_err(|_| Close::SLOW)?.map_err(|_| Close::GONE)
}

/// Of events that were to be stored.
impl From<Error> for Close {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated | Error::NotFound(_) => Self::BAD_KEY,
            _ => Self::NOT_KEPT,
        }
    }
}

/// Of somebody who was to be let in.
impl From<ApiError> for Close {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Unauthorized | ApiError::NotFound(_) => Self::BAD_KEY,
            ApiError::BadRequest(_) => Self::MANY_WORKSPACES,
            _ => Self::UNAVAILABLE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Close;

    #[test]
    fn reasons_fit_into_a_frame() {
        for close in [Close::NO_KEY, Close::MANY_WORKSPACES, Close::REVOKED, Close::NO_INTRODUCTION, Close::NOT_KEPT] {
            assert!(close.reason.len() <= 123, "{}", close.reason);
        }
    }
}

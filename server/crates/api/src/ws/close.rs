//! Why a socket is closed: the code that clients act on, and a reason for people.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use control::Error;
use tokio::time::timeout;

use crate::error::ApiError;

/// How long a frame may take to be taken.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most bytes of a reason that a close frame holds.
const LONGEST_REASON: usize = 123;

/// The end of a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Close {
    code: u16,
    reason: &'static str,
}

impl Close {
    const fn new(code: u16, reason: &'static str) -> Self {
        assert!(reason.len() <= LONGEST_REASON, "a close frame holds no more");
        Self { code, reason }
    }

    pub const GONE: Self = Self::new(close_code::NORMAL, "");
    pub const IDLE: Self = Self::new(close_code::NORMAL, "nothing was heard for too long");
    pub const NO_KEY: Self = Self::new(
        close_code::POLICY,
        "No API key was sent. Set PREFECT_CLOUD_API_URL to this server's API address; /help shows how.",
    );
    pub const MANY_WORKSPACES: Self = Self::new(
        close_code::POLICY,
        "This key opens several workspaces: set PREFECT_API_URL to the address of one of them.",
    );
    pub const BAD_KEY: Self = Self::new(close_code::POLICY, "The API key is not valid here.");
    pub const REVOKED: Self = Self::new(close_code::POLICY, "The API key is no longer valid here.");
    /// The client connects again, to whoever is there then.
    pub const STOPPING: Self = Self::new(close_code::AWAY, "The server is stopping.");
    pub const NO_INTRODUCTION: Self =
        Self::new(close_code::POLICY, "The first message must be {\"type\": \"auth\", \"token\": …}.");
    pub const CROWDED: Self = Self::new(close_code::AGAIN, "This key has too many sockets open.");
    pub const SLOW: Self = Self::new(close_code::AGAIN, "What is sent is not taken.");
    pub const UNAVAILABLE: Self = Self::new(close_code::AGAIN, "Try again in a moment.");
    pub const NOT_TEXT: Self = Self::new(close_code::UNSUPPORTED, "Only text frames are read.");
    /// The client keeps what was not confirmed and sends it again.
    pub const NOT_KEPT: Self = Self::new(close_code::AGAIN, "The events could not be stored; send them again.");

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

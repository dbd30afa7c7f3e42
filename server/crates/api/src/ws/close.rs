//! Close frames: a code that clients act on, and a reason for people.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use control::Error;
use tokio::time::timeout;

use crate::error::ApiError;

/// How long sending one frame may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);

/// The protocol limits a control frame to 125 bytes; the code takes two.
const MAX_REASON_BYTES: usize = 123;

/// Why a socket is closed. The constants are for clients; the live socket of pages has its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Close {
    code: u16,
    reason: &'static str,
}

impl Close {
    /// Panics if the reason does not fit into a close frame; in a constant, that is an error of the compiler.
    #[must_use]
    pub const fn new(code: u16, reason: &'static str) -> Self {
        assert!(reason.len() <= MAX_REASON_BYTES, "the reason does not fit into a close frame");
        Self { code, reason }
    }

    pub const DISCONNECTED: Self = Self::new(close_code::NORMAL, "");
    pub const IDLE: Self = Self::new(close_code::NORMAL, "The client sent nothing for too long.");
    pub const NO_KEY: Self = Self::new(
        close_code::POLICY,
        "No API key was sent. Set PREFECT_CLOUD_API_URL to this server's API address; /help shows how.",
    );
    pub const MANY_WORKSPACES: Self = Self::new(
        close_code::POLICY,
        "This key has access to several workspaces: set PREFECT_API_URL to the address of one of them.",
    );
    pub const INVALID_KEY: Self = Self::new(close_code::POLICY, "The API key is not valid here.");
    pub const REVOKED: Self = Self::new(close_code::POLICY, "The API key is no longer valid here.");
    /// The client connects again, to the restarted server or to another one behind the same address.
    pub const STOPPING: Self = Self::new(close_code::AWAY, "The server is stopping.");
    pub const NO_AUTH_MESSAGE: Self =
        Self::new(close_code::POLICY, "The first message must be {\"type\": \"auth\", \"token\": …}.");
    pub const TOO_MANY_SOCKETS: Self = Self::new(close_code::AGAIN, "This key has too many sockets open.");
    pub const SLOW_CLIENT: Self = Self::new(close_code::AGAIN, "The client reads messages too slowly.");
    pub const UNAVAILABLE: Self = Self::new(close_code::AGAIN, "Try again in a moment.");
    pub const NOT_TEXT: Self = Self::new(close_code::UNSUPPORTED, "Only text frames are accepted.");
    /// The client keeps unconfirmed events and sends them again.
    pub const NOT_STORED: Self = Self::new(close_code::AGAIN, "The events could not be stored; send them again.");

    /// The close frame.
    #[must_use]
    pub fn message(self) -> Message {
        Message::Close(Some(CloseFrame { code: self.code, reason: self.reason.into() }))
    }
}

/// Sends a frame, with a timeout for clients that do not read.
pub async fn send(socket: &mut WebSocket, message: Message) -> Result<(), Close> {
    timeout(SEND_TIMEOUT, socket.send(message)).await.map_err(|_| Close::SLOW_CLIENT)?.map_err(|_| Close::DISCONNECTED)
}

/// Errors of storing events.
impl From<Error> for Close {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated | Error::NotFound { .. } => Self::INVALID_KEY,
            _ => Self::NOT_STORED,
        }
    }
}

/// Errors of authorizing the client.
impl From<ApiError> for Close {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Unauthorized | ApiError::NotFound(_) => Self::INVALID_KEY,
            ApiError::BadRequest(_) => Self::MANY_WORKSPACES,
            _ => Self::UNAVAILABLE,
        }
    }
}

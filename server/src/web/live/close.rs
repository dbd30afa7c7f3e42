//! Why the live socket is closed.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use tokio::time::timeout;

/// How long one telling may take to be taken.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The end of a conversation. The browser reloads the page after [`close_code::POLICY`] and connects again after all others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Close {
    code: u16,
    reason: &'static str,
}

impl Close {
    pub const GONE: Self = Self { code: close_code::NORMAL, reason: "" };
    pub const SILENT: Self = Self { code: close_code::AWAY, reason: "Nothing was heard for too long." };
    pub const STOPPING: Self = Self { code: close_code::AWAY, reason: "The server is stopping." };
    pub const SLOW: Self = Self { code: close_code::AGAIN, reason: "What is told is not taken." };
    pub const REVOKED: Self =
        Self { code: close_code::POLICY, reason: "The session is over, or the workspace is not open to it any more." };
    pub const NO_ASK: Self =
        Self { code: close_code::INVALID, reason: "Only the asks of Provost's own pages are read." };
    pub const TOO_MUCH: Self = Self { code: close_code::AGAIN, reason: "Too much was asked at once." };

    /// Says it, as the last word.
    pub async fn say(self, mut socket: WebSocket) {
        let close = Message::Close(Some(CloseFrame { code: self.code, reason: self.reason.into() }));
        // Whoever is gone already does not hear it.
        let _unheard = timeout(PATIENCE, socket.send(close)).await;
    }
}

//! The close codes of the live socket.

use std::time::Duration;

use api::ws::close;
use axum::extract::ws::{WebSocket, close_code};
use tokio::time::timeout;

/// How long the browser may take to receive one frame.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the socket is closed. The browser reloads the page after [`close_code::POLICY`] and reconnects after all others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Close(close::Close);

impl Close {
    const fn new(code: u16, reason: &'static str) -> Self {
        Self(close::Close::new(code, reason))
    }

    pub const DISCONNECTED: Self = Self::new(close_code::NORMAL, "");
    pub const IDLE: Self = Self::new(close_code::AWAY, "The browser sent nothing for too long.");
    pub const STOPPING: Self = Self::new(close_code::AWAY, "The server is stopping.");
    pub const SLOW: Self = Self::new(close_code::AGAIN, "The browser reads updates too slowly.");
    pub const REVOKED: Self =
        Self::new(close_code::POLICY, "The session has ended, or the workspace is no longer open to it.");
    pub const INVALID_MESSAGE: Self =
        Self::new(close_code::INVALID, "Only messages of Provost's own pages are accepted.");
    pub const LIMIT_EXCEEDED: Self = Self::new(close_code::AGAIN, "Too many messages or topics at once.");

    /// Sends the close frame.
    pub async fn send(self, mut socket: WebSocket) {
        // The browser may have disconnected already.
        let _ignored = timeout(SEND_TIMEOUT, socket.send(self.0.message())).await;
    }
}

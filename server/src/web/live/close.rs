//! Why the live socket is closed.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use tokio::time::timeout;

/// How long one telling may take to be taken.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The most bytes of a reason that a close frame holds.
const LONGEST_REASON: usize = 123;

/// The end of a conversation. The browser reloads the page after [`close_code::POLICY`] and connects again after all others.
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
    pub const SILENT: Self = Self::new(close_code::AWAY, "Nothing was heard for too long.");
    pub const STOPPING: Self = Self::new(close_code::AWAY, "The server is stopping.");
    pub const SLOW: Self = Self::new(close_code::AGAIN, "What is told is not taken.");
    pub const REVOKED: Self =
        Self::new(close_code::POLICY, "The session is over, or the workspace is not open to it any more.");
    pub const NO_ASK: Self = Self::new(close_code::INVALID, "Only the asks of Provost's own pages are read.");
    pub const TOO_MUCH: Self = Self::new(close_code::AGAIN, "Too much was asked at once.");

    /// Says it, as the last word.
    pub async fn say(self, mut socket: WebSocket) {
        let close = Message::Close(Some(CloseFrame { code: self.code, reason: self.reason.into() }));
        // Whoever is gone already does not hear it.
        let _unheard = timeout(PATIENCE, socket.send(close)).await;
    }
}

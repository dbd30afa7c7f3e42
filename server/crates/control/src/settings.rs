//! The operator's settings that use cases need.

use model::time::Span;
use store::session::SessionLifetime;

/// Settings of the running server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The URL by which people and clients reach the server: scheme and host, no path and no slash at the end.
    pub public_url: String,
    /// Whether `/api` without a workspace in the path serves the default workspace without sign-in.
    pub local: bool,
    /// A session ends when it has not been used for this long.
    pub session_idle: Span,
    /// A session ends after this time, used or not.
    pub session_absolute: Span,
}

impl Settings {
    /// How long sessions live.
    #[must_use]
    pub fn session_lifetime(&self) -> SessionLifetime {
        SessionLifetime { idle: self.session_idle, absolute: self.session_absolute }
    }
}

impl Default for Settings {
    fn default() -> Self {
        const DAY: f64 = 86_400.0;
        Self {
            public_url: "http://127.0.0.1:4200".to_owned(),
            local: false,
            session_idle: Span::from_seconds(14.0 * DAY),
            session_absolute: Span::from_seconds(90.0 * DAY),
        }
    }
}

//! The cookie that a browser's session goes by.

use control::{
    Cx,
    session::{Sessions, sessions},
};
use tower_sessions::{
    Expiry, SessionManagerLayer,
    cookie::{SameSite, time::Duration},
};

/// The name of the cookie. Over https the prefix has browsers insist that it is ours alone.
#[must_use]
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-provost" } else { "provost" }
}

/// The layer that reads and writes it. The cookie lives as long as a session can; when one is over before that, the store says so.
pub fn layer(cx: &Cx, secure: bool) -> SessionManagerLayer<Sessions> {
    let longest = Duration::microseconds(cx.settings.session_absolute.micros());
    SessionManagerLayer::new(sessions(cx))
        .with_name(cookie_name(secure))
        .with_secure(secure)
        .with_http_only(true)
        // Strict would lose the session on the way back from a sign-in provider.
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(longest))
}

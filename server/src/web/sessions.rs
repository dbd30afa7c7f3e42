//! The session cookie.

use control::{
    Cx,
    session::{Sessions, sessions},
};
use tower_sessions::{
    Expiry, SessionManagerLayer,
    cookie::{SameSite, time::Duration},
};

/// The name of the cookie. Over https the `__Host-` prefix makes browsers accept it from this host only.
#[must_use]
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-provost" } else { "provost" }
}

/// The middleware that reads and writes the cookie. The cookie lives as long as the longest session; the session store ends
/// sessions that expire earlier.
pub fn layer(cx: &Cx, secure: bool) -> SessionManagerLayer<Sessions> {
    let max_age = Duration::microseconds(cx.settings.session_absolute.micros());
    SessionManagerLayer::new(sessions(cx))
        .with_name(cookie_name(secure))
        .with_secure(secure)
        .with_http_only(true)
        // With `Strict` a browser would omit the cookie when a sign-in provider redirects back.
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(max_age))
}

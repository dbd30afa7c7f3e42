//! The cookie that binds a sign-in by provider to the browser in which it began.

use app::context::provider_cookie;
use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use control::person::provider::BrowserSecret;
use cookie::{Cookie, SameSite, time::Duration};
use model::zone::{BrowserZone, ZONE_COOKIE};

/// As long as an attempt is valid.
pub const ATTEMPT_AGE: Duration = Duration::minutes(10);
/// As long as a person may take to choose a handle.
pub const REGISTRATION_AGE: Duration = Duration::minutes(30);

/// The browser's secret, if it has sent one.
pub fn secret(headers: &HeaderMap, secure: bool) -> Option<BrowserSecret> {
    value(headers, provider_cookie(secure))?.parse().ok()
}

/// The browser's time zone, if it has sent one.
pub fn zone(headers: &HeaderMap) -> Option<BrowserZone> {
    BrowserZone::parse(&value(headers, ZONE_COOKIE)?)
}

fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = texts.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// The header that sets the browser's secret. `Lax`, because the provider's page sends the browser back.
pub fn set(secret: &BrowserSecret, max_age: Duration, secure: bool) -> Option<HeaderValue> {
    let cookie = Cookie::build((provider_cookie(secure), secret.to_text())).path("/").max_age(max_age);
    let cookie = cookie.http_only(true).same_site(SameSite::Lax).secure(secure).build();
    HeaderValue::try_from(cookie.to_string()).ok()
}

//! The time zone of a page for a browser that sends none: the person's, from where they last signed in.

use axum::extract::Request;
use axum::http::header::COOKIE;
use control::{Cx, Result, access, person, session::Session};
use model::zone::{BrowserZone, ZONE_COOKIE};

/// Adds the person's zone to the request's extensions, if the browser has sent none. Without a zone, times are in UTC.
pub async fn insert(cx: &Cx, request: &mut Request) {
    if sends_zone(request) {
        return;
    }
    let Some(session) = request.extensions().get::<Session>().cloned() else { return };
    if let Ok(Some(zone)) = of_person(cx, &session).await {
        request.extensions_mut().insert(zone);
    }
}

fn sends_zone(request: &Request) -> bool {
    let cookies = request.headers().get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(|value| value.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.any(|(name, value)| name == ZONE_COOKIE && BrowserZone::parse(value).is_some())
}

async fn of_person(cx: &Cx, session: &Session) -> Result<Option<BrowserZone>> {
    let caller = access::authenticate_session(session).await?;
    person::zone(cx, caller).await
}

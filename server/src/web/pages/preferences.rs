//! What the person has chosen for all pages: appearance and time zone.

use axum::extract::Request;
use control::{Cx, Result, access, profile, session::Session};

/// Adds the [`Preferences`](profile::Preferences) of a signed-in person to the request's extensions.
pub async fn insert(cx: &Cx, request: &mut Request) {
    let session = request.extensions().get::<Session>().cloned();
    // Without them the page looks as the browser asks for.
    if let Ok(preferences) = of_person(cx, session.as_ref()).await {
        request.extensions_mut().insert(preferences);
    }
}

async fn of_person(cx: &Cx, session: Option<&Session>) -> Result<profile::Preferences> {
    let caller = match (access::authenticate_local(cx), session) {
        (Err(_), Some(session)) => access::authenticate_session(session).await?,
        (local, _) => local?,
    };
    profile::preferences(cx, caller).await
}

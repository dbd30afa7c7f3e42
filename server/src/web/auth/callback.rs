//! Where a browser comes back from a provider.

use app::links;
use axum::{
    Extension,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{IntoResponse as _, Response},
};
use control::{
    person::{
        self,
        provider::{Callback, Completed, Problem, Purpose, Refused, Returned, complete},
    },
    session::Session,
};
use identity::ClientIp;
use serde::Deserialize;

use super::{
    AuthState,
    answer::{page, refusal, see_other},
    cookie,
};
use crate::web::client_ip::client_info;

/// What the provider has added to the URL.
#[derive(Deserialize)]
pub struct CallbackQuery {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Completes what the browser was sent for, and redirects to the page that shows it.
pub async fn callback(
    State(auth): State<AuthState>,
    Path(name): Path<String>,
    query: Result<Query<CallbackQuery>, QueryRejection>,
    session: Option<Extension<Session>>,
    client: Option<Extension<ClientIp>>,
    headers: HeaderMap,
) -> Response {
    if auth.cx.settings.local {
        return see_other(links::workspaces_path());
    }
    let refused = |problem: Problem| Refused { refusal: problem.into(), purpose: Purpose::SignIn, to: None };
    let Some(provider) = auth.cx.providers.get(&name) else { return refusal(&refused(Problem::Unknown), "") };
    // A parameter that comes twice is rejected too.
    let Ok(Query(query)) = query else { return refusal(&refused(Problem::BadAnswer), &name) };
    let Some(Extension(session)) = session else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let returned = Returned {
        state: query.state.and_then(|state| state.parse().ok()),
        browser: cookie::secret(&headers, auth.secure),
        callback: Callback {
            code: query.code,
            iss: query.iss,
            error: query.error,
            error_description: query.error_description,
        },
    };
    let client = client_info(client.map(|Extension(client)| client), &headers);
    match complete(&auth.cx, &session, provider, returned, client).await {
        Ok(completed) => respond(&auth, completed, &name, &session, &headers).await,
        Err(refused) => refusal(&refused, &name),
    }
}

async fn respond(
    auth: &AuthState,
    completed: Completed,
    provider: &str,
    session: &Session,
    headers: &HeaderMap,
) -> Response {
    match completed {
        Completed::SignedIn { to } => {
            if let Some(zone) = cookie::zone(headers) {
                person::keep_zone(&auth.cx, session, &zone).await;
            }
            page(to.as_deref(), links::workspaces_path())
        }
        Completed::Registering { token } => {
            let mut response = see_other(links::register_account_path());
            if let Some(set) = cookie::set(&token, cookie::REGISTRATION_AGE, auth.secure) {
                response.headers_mut().append(SET_COOKIE, set);
            }
            response
        }
        Completed::Connected { .. } => see_other(&links::connected(provider)),
        Completed::Proved { to } => page(to.as_deref(), links::my_sign_in_path()),
    }
}

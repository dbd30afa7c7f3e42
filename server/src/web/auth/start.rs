//! Sends a browser to a provider.

use app::links;
use axum::{
    Extension,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{
        HeaderMap, HeaderName,
        header::{REFERER, SET_COOKIE},
    },
    response::Response,
};
use control::{
    access::{self, ClientInfo},
    person::provider::{
        Attempt, AttemptRequest, BrowserSecret, Problem, Provider, Purpose, Refusal, Refused, begin_attempt,
    },
    session::Session,
};
use identity::ClientIp;
use serde::Deserialize;

use super::{
    AuthState,
    answer::{refusal, see_other},
    cookie,
};
use crate::web::client_ip::client_info;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why the browser is sent, and the path to go to afterwards. A parameter of a form that is not known is as good as none.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StartQuery {
    to: String,
    purpose: String,
}

/// Redirects to the provider.
pub async fn start(
    State(auth): State<AuthState>,
    Path(name): Path<String>,
    query: Result<Query<StartQuery>, QueryRejection>,
    session: Option<Extension<Session>>,
    client: Option<Extension<ClientIp>>,
    headers: HeaderMap,
) -> Response {
    if auth.cx.settings.local {
        return see_other(links::workspaces_path());
    }
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let purpose = if query.purpose.is_empty() { Some(Purpose::SignIn) } else { Purpose::parse(&query.purpose) };
    let purpose = purpose.unwrap_or(Purpose::SignIn);
    // A page of another site must not make a signed-in person connect an account.
    if purpose != Purpose::SignIn && !is_from_this_site(&headers, &auth.cx.settings.public_url) {
        return see_other(links::my_sign_in_path());
    }
    let to = links::same_site_path(&query.to).map(str::to_owned);
    let Some(provider) = auth.cx.providers.get(&name) else {
        return refusal(&Refused { refusal: Problem::Unknown.into(), purpose, to }, "");
    };
    let request = AttemptRequest { provider: name.clone(), purpose, destination: to.clone() };
    let client = client_info(client.map(|Extension(client)| client), &headers);
    let session = session.map(|Extension(session)| session);
    match send(&auth, provider, request, session.as_ref(), client, &headers).await {
        Ok(response) => response,
        Err(refused) => refusal(&Refused { refusal: refused, purpose, to }, &name),
    }
}

/// Whether a page of this server has the link. Browsers omit `Sec-Fetch-Site` over plain http; they still send the `Referer`.
fn is_from_this_site(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get(SEC_FETCH_SITE) {
        Some(site) => site == "same-origin",
        None => {
            let referer = headers.get(REFERER).and_then(|referer| referer.to_str().ok());
            referer.and_then(|referer| referer.strip_prefix(origin)).is_some_and(|path| path.starts_with('/'))
        }
    }
}

async fn send(
    auth: &AuthState,
    provider: &Provider,
    request: AttemptRequest,
    session: Option<&Session>,
    client: ClientInfo,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let cx = &auth.cx;
    let caller = match session {
        Some(session) if request.purpose != Purpose::SignIn => {
            let caller = access::authenticate_session(session).await?;
            access::require_verified_address(cx, caller).await?;
            Some(caller)
        }
        _ => None,
    };
    // Attempts in several tabs of a browser share its secret.
    let secret = cookie::secret(headers, auth.secure).unwrap_or_else(|| {
        let mut random = [0; 32];
        cx.ids.fill(&mut random);
        BrowserSecret::new(random)
    });
    let state = begin_attempt(cx, caller, request, &secret, client).await?;
    let url = provider.authorization_url(&Attempt::new(&secret, &state)).await.map_err(|error| {
        tracing::warn!(provider = provider.name().as_str(), %error, "a browser can’t be sent to a provider");
        Problem::from(&error)
    })?;
    let mut response = see_other(url.as_str());
    let set = cookie::set(&secret, cookie::ATTEMPT_AGE, auth.secure).ok_or(Problem::Unavailable)?;
    response.headers_mut().append(SET_COOKIE, set);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, header::REFERER};

    use super::{SEC_FETCH_SITE, is_from_this_site};

    #[test]
    fn link_of_another_site_is_recognized() {
        let check = |sent: &[(HeaderName, &'static str)]| {
            let headers: HeaderMap = sent.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
            is_from_this_site(&headers, "https://a.example")
        };
        assert!(check(&[(SEC_FETCH_SITE, "same-origin")]));
        assert!(check(&[(REFERER, "https://a.example/my/sign-in")]));
        for foreign in [
            vec![],
            vec![(SEC_FETCH_SITE, "cross-site"), (REFERER, "https://a.example/")],
            vec![(SEC_FETCH_SITE, "none")],
            vec![(REFERER, "https://a.example.evil.example/")],
            vec![(REFERER, "https://evil.example/https://a.example/")],
        ] {
            assert!(!check(&foreign), "{foreign:?}");
        }
    }
}

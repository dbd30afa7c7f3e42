//! Redirects to pages that say what happened.

use app::links;
use axum::{
    http::{HeaderValue, StatusCode, header::LOCATION},
    response::{IntoResponse as _, Response},
};
use control::person::provider::{Problem, Purpose, Refusal, Refused};

/// A redirect to another URL.
pub fn see_other(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the redirect has an invalid URL").into_response(),
    }
}

/// A redirect to a page of this site; to `otherwise` if the path is none.
pub fn page(to: Option<&str>, otherwise: &str) -> Response {
    see_other(to.and_then(links::same_site_path).unwrap_or(otherwise))
}

/// A redirect to the page from which the person came, which says why nothing was done.
pub fn refusal(refused: &Refused, provider: &str) -> Response {
    let to = refused.to.as_deref().and_then(links::same_site_path);
    match (&refused.refusal, refused.purpose) {
        (Refusal::ProofRequired, _) => see_other(&links::confirm_to_connect(provider)),
        (Refusal::Problem(Problem::SignedOut), Purpose::Connect | Purpose::Prove) => {
            see_other(&links::sign_in(Some(links::my_sign_in_path())))
        }
        (Refusal::Problem(problem), purpose) => {
            let (page, to) = match purpose {
                Purpose::SignIn => (links::sign_in_path(), to),
                Purpose::Connect => (links::my_sign_in_path(), None),
                Purpose::Prove => (links::confirm_path(), to),
            };
            see_other(&links::with_problem(page, to, problem.code(), provider))
        }
    }
}

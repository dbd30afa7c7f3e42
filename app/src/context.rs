//! What server functions need to call use cases: the caller, the permission, and the status, cookies and redirect of the response.
//!
//! On the server only. The `server` crate provides one [`RequestContext`] per request; a server function takes it by [`authorize`]
//! (permission in a workspace), [`authenticated`] (a signed-in caller) or [`RequestContext::current`] (anyone).

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use control::{
    Cx,
    access::{self, Caller, ClientInfo, Membership, Workspace},
    session::Session,
};
use cookie::{Cookie, SameSite, time::Duration};
use http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use leptos::{prelude::*, server_fn::redirect::REDIRECT_HEADER};
use leptos_axum::ResponseOptions;
use leptos_router::components::provide_server_redirect;
use model::{
    id::RequestId,
    permission::Permit,
    zone::{BrowserZone, ZONE_COOKIE},
};
use tokio::sync::OnceCell;
use ui::theme::{THEME_COOKIE, Theme};

use crate::{
    error::{Error, FormError, FormResult},
    form::{Flash, FlashResult},
    links::{self, WorkspaceRef},
    response_status::ResponseStatus,
};

/// One request for a page or to a server function.
#[derive(Clone)]
pub struct RequestContext {
    pub cx: Cx,
    pub session: Session,
    pub client: ClientInfo,
    pub request_id: Option<RequestId>,
    /// The first membership that was looked up: layout and page of a workspace both need it.
    membership: Arc<OnceCell<(access::WorkspaceRef, Membership)>>,
}

/// The cookie that carries a [`Flash`].
const FLASH_COOKIE: &str = "provost-form";
/// Browsers drop cookies of more than about 4 kB.
const LONGEST_FLASH: usize = 3_600;

impl RequestContext {
    #[must_use]
    pub fn new(cx: Cx, session: Session, client: ClientInfo, request_id: Option<RequestId>) -> Self {
        Self { cx, session, client, request_id, membership: Arc::default() }
    }

    /// Provides itself, and what pages read from the request, as Leptos context.
    pub fn provide(self) {
        if let Some(response) = use_context::<ResponseOptions>() {
            let set = move |status| {
                // Components of a page render concurrently: an error in one of them must not undo another's redirect.
                if !is_redirect(&response) {
                    response.set_status(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
                }
            };
            provide_context(ResponseStatus(Arc::new(set)));
        }
        provide_server_redirect(redirect);
        provide_context(Theme::from_attribute(cookie(THEME_COOKIE).as_deref()));
        let of_person = || use_context::<Parts>()?.extensions.get::<BrowserZone>().cloned();
        if let Some(zone) = cookie(ZONE_COOKIE).and_then(|value| BrowserZone::parse(&value)).or_else(of_person) {
            provide_context(zone);
        }
        take_flash();
        provide_context(self);
    }

    /// The current request's.
    ///
    /// # Errors
    /// [`Error::Unreachable`] if there is no request, as when the list of routes is generated.
    pub fn current() -> Result<Self, Error> {
        use_context::<Self>().ok_or(Error::Unreachable)
    }

    /// The caller.
    ///
    /// # Errors
    /// [`Error::SignedOut`] if the request has no valid session.
    pub async fn caller(&self) -> Result<Caller, Error> {
        if let Some(caller) = self.optional_caller().await? {
            return Ok(caller);
        }
        let error = Error::from(control::Error::Unauthenticated);
        if is_plain_form() {
            redirect(&links::sign_in(None));
        }
        Err(error)
    }

    /// Keeps the browser's time zone with the person who has just signed in.
    pub async fn keep_zone(&self) {
        if let Some(zone) = use_context::<BrowserZone>() {
            control::person::keep_zone(&self.cx, &self.session, &zone).await;
        }
    }

    /// The caller, if the request has a valid session.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn optional_caller(&self) -> Result<Option<Caller>, Error> {
        if let Ok(local) = access::authenticate_local(&self.cx) {
            return Ok(Some(local));
        }
        match access::authenticate_session(&self.session).await {
            Err(control::Error::Unauthenticated) => Ok(None),
            caller => Ok(Some(caller?)),
        }
    }

    async fn membership(&self, caller: Caller, workspace: access::WorkspaceRef) -> control::Result<Membership> {
        let look_up = || access::membership(&self.cx, caller, workspace);
        let first = async || look_up().await.map(|membership| (workspace, membership));
        let (known, membership) = *self.membership.get_or_try_init(first).await?;
        if known == workspace && membership.caller() == caller { Ok(membership) } else { look_up().await }
    }

    /// The response to a form: the value, with a redirect if `next` names a path; or what is wrong with the form.
    ///
    /// A plain form always gets a redirect, to its own page if `next` names none.
    ///
    /// # Errors
    /// Errors that the form did not cause.
    pub fn form_response<T>(
        &self,
        result: control::Result<T>,
        submission: Submission,
        next: impl FnOnce(&T) -> Option<String>,
    ) -> Result<FormResult<T>, Error> {
        let (outcome, end) = match result {
            Ok(value) => {
                if let Some(next) = next(&value) {
                    redirect(&next);
                    return Ok(Ok(value));
                }
                (Ok(Ok(value)), FlashResult::Done)
            }
            Err(error) => match form_error(error) {
                Ok(error) => (Ok(Err(error.clone())), FlashResult::Refused(error)),
                Err(error) => {
                    set_error_status(&error);
                    (Err(error.clone()), FlashResult::Failed(error))
                }
            },
        };
        if is_plain_form() {
            submission.flash(end, self.is_secure());
        }
        outcome
    }

    fn is_secure(&self) -> bool {
        self.cx.settings.public_url.starts_with("https:")
    }
}

/// The signed-in caller, for what concerns a person and no workspace.
///
/// # Errors
/// [`Error::SignedOut`] if the request has no valid session.
pub async fn authenticated() -> Result<(RequestContext, Caller), Error> {
    let context = RequestContext::current()?;
    let caller = context.caller().await?;
    Ok((context, caller))
}

/// Permission `P` in a workspace. Every server function about a workspace begins with it.
///
/// # Errors
/// [`Error::SignedOut`]; [`Error::NotFound`] if there is no such workspace, the caller is no member of it, or lacks the permission.
pub async fn authorize<P: Permit>(workspace: WorkspaceRef) -> Result<(Cx, Workspace<P>), Error> {
    let (context, caller) = authenticated().await?;
    let at = context.membership(caller, workspace).await?.authorize()?;
    Ok((context.cx, at))
}

/// A form that was sent.
pub struct Submission {
    /// The path of its server function.
    pub form: &'static str,
    /// The page that shows it.
    pub page: String,
    /// What was typed, by field, without passwords.
    pub typed: Vec<(&'static str, String)>,
}

impl Submission {
    fn flash(self, end: FlashResult, secure: bool) {
        let typed: BTreeMap<_, _> = self.typed.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut flash = Flash { form: self.form.to_owned(), end, typed };
        let mut value = encode(&flash);
        if value.len() > LONGEST_FLASH {
            flash.typed.retain(|_, value| value.len() < 200);
            value = encode(&flash);
        }
        set_flash_cookie(value, Duration::minutes(1), secure);
        redirect(&self.page);
    }
}

fn encode(flash: &Flash) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(flash).unwrap_or_default())
}

fn decode(value: &str) -> Option<Flash> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

/// Provides the flash to the page that is being rendered and deletes its cookie.
fn take_flash() {
    let is_page = use_context::<Parts>().is_some_and(|parts| parts.method == Method::GET);
    let Some(value) = cookie(FLASH_COOKIE).filter(|_| is_page) else { return };
    set_flash_cookie(String::new(), Duration::ZERO, false);
    let Some(flash) = decode(&value) else { return };
    if let FlashResult::Failed(error) = &flash.end {
        set_error_status(error);
    }
    provide_context(flash);
}

/// The value of a cookie of the request.
fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let texts = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = texts.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

fn set_flash_cookie(value: String, max_age: Duration, secure: bool) {
    let cookie = Cookie::build((FLASH_COOKIE, value)).path("/").max_age(max_age).http_only(true);
    let cookie = cookie.same_site(SameSite::Lax).secure(secure).build().to_string();
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(cookie)) {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

/// Whether the browser sent the request as a plain form, without a script: the response is then a redirect.
#[must_use]
pub fn is_plain_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        let accepted = parts.headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
        parts.method == Method::POST && accepted.is_some_and(|accepted| accepted.contains("text/html"))
    })
}

/// Whether the response is a redirect already.
fn is_redirect(response: &ResponseOptions) -> bool {
    response.0.read().is_ok_and(|parts| parts.status.is_some_and(|status| status.is_redirection()))
}

/// Redirects to another page. A script that called a server function gets a header; all other requests get a redirect status.
pub fn redirect(path: &str) {
    let (Some(parts), Some(response)) = (use_context::<Parts>(), use_context::<ResponseOptions>()) else { return };
    let Ok(location) = HeaderValue::from_str(path) else { return };
    response.insert_header(header::LOCATION, location);
    if parts.method != Method::POST {
        response.set_status(StatusCode::FOUND);
    } else if is_plain_form() {
        response.set_status(StatusCode::SEE_OTHER);
    } else {
        response.insert_header(HeaderName::from_static(REDIRECT_HEADER), HeaderValue::from_static(""));
    }
}

/// Forbids this server, and proxies, to compress the response.
pub(crate) fn forbid_compression() {
    // Without it the secret would be sent compressed.
    let response = expect_context::<ResponseOptions>();
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
}

/// Adds a source to a directive of the response's content security policy, if the policy has the directive.
pub fn extend_policy(directive: &str, source: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let extended = response.0.read().ok().and_then(|parts| {
        let policy = parts.headers.get(header::CONTENT_SECURITY_POLICY)?.to_str().ok()?;
        let (head, tail) = policy.split_once(&format!("{directive} "))?;
        HeaderValue::try_from(format!("{head}{directive} {source} {tail}")).ok()
    });
    if let Some(policy) = extended {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The only mapping from the use cases' errors to those of pages: what is wrong with a form, or another error.
fn form_error(error: control::Error) -> Result<FormError, Error> {
    use control::Error as Of;
    let request = use_context::<RequestContext>().and_then(|context| context.request_id);
    Err(match error {
        Of::Invalid(fields) => return Ok(FormError::Fields(fields)),
        Of::Conflict(sentence) | Of::Forbidden(sentence) | Of::MissingReference(sentence) => {
            return Ok(FormError::Whole(sentence));
        }
        Of::TooBroad { .. } => return Ok(FormError::Whole(error.to_string())),
        Of::Gone(sentence) => return Ok(FormError::Whole(sentence.to_owned())),
        Of::Unauthenticated => Error::SignedOut,
        Of::NotFound { .. } => Error::NotFound,
        Of::NoFreeSlot { retry_after } => Error::TooMany { seconds: whole_seconds(retry_after) },
        Of::TooManyRequests { retry_after } => Error::TooMany { seconds: whole_seconds(retry_after.as_secs_f64()) },
        Of::Unavailable | Of::InDoubt => Error::Unavailable { request },
        Of::Internal => Error::Broken { request },
    })
}

/// Seconds, rounded up: a person who retries a moment too early is only rejected again.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a range that u64 contains")]
fn whole_seconds(seconds: f64) -> u64 {
    seconds.ceil().clamp(1.0, 1e9) as u64
}

/// The error of a page, or of a call that is no form. It also sets the status of the response.
impl From<control::Error> for Error {
    fn from(error: control::Error) -> Self {
        let error = match form_error(error) {
            Ok(FormError::Fields(fields)) => Self::Refused(fields.first().map(ToString::to_string).unwrap_or_default()),
            Ok(FormError::Whole(sentence)) => Self::Refused(sentence),
            Err(error) => error,
        };
        set_error_status(&error);
        error
    }
}

/// Sets the status of the response, and `Retry-After` where waiting helps.
fn set_error_status(error: &Error) {
    ResponseStatus::set(error.status());
    let wait = match error {
        Error::TooMany { seconds } => *seconds,
        Error::Unavailable { .. } => 5,
        _ => return,
    };
    if let (Some(response), false) = (use_context::<ResponseOptions>(), is_plain_form()) {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(wait));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Error;

    #[test]
    fn page_names_the_wait_of_the_use_case() {
        use control::Error as Of;

        let wait = |error: Of| match Error::from(error) {
            Error::TooMany { seconds } => seconds,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait(Of::NoFreeSlot { retry_after: 12.2 }), 13);
        assert_eq!(wait(Of::NoFreeSlot { retry_after: 0.0 }), 1);
        assert_eq!(wait(Of::TooManyRequests { retry_after: Duration::from_millis(1_500) }), 2);
        assert_eq!(wait(Of::TooManyRequests { retry_after: Duration::from_secs(20) }), 20);
    }
}

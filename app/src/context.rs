//! The doors from server functions into the use cases: who asks, with what right, and how the answer leaves.
//!
//! On the server only. Whoever serves the pages puts one [`Visit`] into the context of each request; a server function takes it
//! by [`enter`] (a right in a workspace), [`visitor`] (somebody signed in) or [`Visit::now`] (anybody).

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use control::{
    Cx,
    access::{self, Address, Caller, Origin, Workspace},
    session::Session,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use leptos::{prelude::*, server_fn::redirect::REDIRECT_HEADER};
use leptos_axum::ResponseOptions;
use leptos_router::components::provide_server_redirect;
use model::{id::RequestId, permission::Permit, user::Person};
use ui::theme::Theme;

use crate::{
    error::{Error, Outcome, Refusal},
    form::{Flash, FlashEnd, Status},
    layout::Frame,
    links::{self, Place},
};

/// A request for a page or to a server function.
#[derive(Clone)]
pub struct Visit {
    pub cx: Cx,
    pub session: Session,
    pub origin: Origin,
    pub request: Option<RequestId>,
}

/// The cookie that carries a [`Flash`].
const FLASH_COOKIE: &str = "provost-form";
/// Browsers drop cookies of more than about 4 kB.
const LONGEST_FLASH: usize = 3_600;

impl Visit {
    /// Puts it, and what pages read of it, into the context of the request.
    pub fn provide(self) {
        if let Some(answer) = use_context::<ResponseOptions>() {
            let set = move |status| {
                // The parts of a page are made at the same time: what another of them lacks does not undo a redirect.
                if !leads_on(&answer) {
                    answer.set_status(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
                }
            };
            provide_context(Status(Arc::new(set)));
        }
        provide_server_redirect(redirect);
        let cookies = cookies();
        provide_context(Theme::from_cookies(&cookies));
        take_flash(&cookies);
        provide_context(self);
    }

    /// The request that is being answered.
    ///
    /// # Errors
    /// [`Error::Unreachable`] when there is none, as when the list of routes is made.
    pub fn now() -> Result<Self, Error> {
        use_context::<Self>().ok_or(Error::Unreachable)
    }

    /// Who asks.
    ///
    /// # Errors
    /// [`Error::SignedOut`] if nobody is signed in.
    pub async fn caller(&self) -> Result<Caller, Error> {
        if let Some(caller) = self.caller_if_any().await? {
            return Ok(caller);
        }
        let error = Error::from(control::Error::Unauthenticated);
        if is_plain_form() {
            redirect(&links::sign_in(None));
        }
        Err(error)
    }

    /// Who asks, if anybody is signed in.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn caller_if_any(&self) -> Result<Option<Caller>, Error> {
        if let Ok(local) = access::by_loopback(&self.cx) {
            return Ok(Some(local));
        }
        match access::by_session(&self.session).await {
            Err(control::Error::Unauthenticated) => Ok(None),
            caller => Ok(Some(caller?)),
        }
    }

    /// What every frame shows.
    #[must_use]
    pub fn frame(&self, person: Option<Person>) -> Frame {
        let settings = &self.cx.settings;
        Frame {
            person,
            local: settings.local,
            public_url: settings.public_url.clone(),
            now: self.cx.clock.now(),
            here: None,
        }
    }

    /// Answers a form: what was made, with a redirect if there is somewhere to go on; or what is wrong with it.
    ///
    /// A plain form is answered with a redirect in any case, to its page if to nowhere else.
    ///
    /// # Errors
    /// What is not the form's fault.
    pub fn answer<T>(
        &self,
        result: control::Result<T>,
        form: Filled,
        next: impl FnOnce(&T) -> Option<String>,
    ) -> Result<Outcome<T>, Error> {
        let (outcome, end) = match result {
            Ok(made) => {
                if let Some(next) = next(&made) {
                    redirect(&next);
                    return Ok(Ok(made));
                }
                (Ok(Ok(made)), FlashEnd::Done)
            }
            Err(error) => match refusal(error) {
                Ok(refusal) => (Ok(Err(refusal.clone())), FlashEnd::Refused(refusal)),
                Err(error) => {
                    let error = Error::from(error);
                    (Err(error.clone()), FlashEnd::Failed(error))
                }
            },
        };
        if is_plain_form() {
            form.flash(end, self.is_secure());
        }
        outcome
    }

    fn is_secure(&self) -> bool {
        self.cx.settings.public_url.starts_with("https:")
    }
}

/// Who asks, for what concerns a person and no workspace.
///
/// # Errors
/// [`Error::SignedOut`] if nobody is signed in.
pub async fn visitor() -> Result<(Visit, Caller), Error> {
    let visit = Visit::now()?;
    let caller = visit.caller().await?;
    Ok((visit, caller))
}

/// The right `P` in the workspace at `place`: the one entry to everything that lies in workspaces.
///
/// # Errors
/// [`Error::SignedOut`]; [`Error::NotFound`] if there is no such workspace, the caller is no member of it, or may not do that there.
pub async fn enter<P: Permit>(place: Place) -> Result<(Cx, Workspace<P>), Error> {
    let (visit, caller) = visitor().await?;
    let address = Address { account: place.account, workspace: place.workspace };
    let at = access::enter(&visit.cx, caller, address).await?;
    Ok((visit.cx, at))
}

/// A form as it was sent.
pub struct Filled {
    /// The path of its server function.
    pub form: &'static str,
    /// The page that shows it.
    pub page: String,
    /// What was typed, but no passwords.
    pub typed: Vec<(&'static str, String)>,
}

impl Filled {
    fn flash(self, end: FlashEnd, secure: bool) {
        let typed: BTreeMap<_, _> = self.typed.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut flash = Flash { form: self.form.to_owned(), end, typed };
        let mut value = encode(&flash);
        if value.len() > LONGEST_FLASH {
            flash.typed.retain(|_, value| value.len() < 200);
            value = encode(&flash);
        }
        set_cookie(&format!("{FLASH_COOKIE}={value}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax{}", secured(secure)));
        redirect(&self.page);
    }
}

fn secured(secure: bool) -> &'static str {
    if secure { "; Secure" } else { "" }
}

fn encode(flash: &Flash) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(flash).unwrap_or_default())
}

fn decode(value: &str) -> Option<Flash> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

/// Hands the flash to the page that is being made, once.
fn take_flash(cookies: &str) {
    let page = use_context::<Parts>().is_some_and(|parts| parts.method == Method::GET);
    let value =
        cookies.split(';').filter_map(|cookie| cookie.trim().split_once('=')).find(|(name, _)| *name == FLASH_COOKIE);
    let Some((_, value)) = value.filter(|_| page) else { return };
    set_cookie(&format!("{FLASH_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
    let Some(flash) = decode(value) else { return };
    if let FlashEnd::Failed(error) = &flash.end {
        tell(error);
    }
    provide_context(flash);
}

fn cookies() -> String {
    let Some(parts) = use_context::<Parts>() else { return String::new() };
    let values = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values.collect::<Vec<_>>().join("; ")
}

fn set_cookie(cookie: &str) {
    set_header(header::SET_COOKIE, cookie);
}

fn set_header(name: HeaderName, value: &str) {
    if let (Some(answer), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) {
        answer.append_header(name, value);
    }
}

/// Whether the request was sent by a form and not by a script: then it is answered with a redirect.
#[must_use]
pub fn is_plain_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        let accepted = parts.headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
        parts.method == Method::POST && accepted.is_some_and(|accepted| accepted.contains("text/html"))
    })
}

/// Whether the answer is a redirect already.
fn leads_on(answer: &ResponseOptions) -> bool {
    answer.0.read().is_ok_and(|parts| parts.status.is_some_and(|status| status.is_redirection()))
}

/// Leads on to another page. A script that called a server function is told in a header; everything else gets a real redirect.
pub fn redirect(path: &str) {
    let (Some(parts), Some(answer)) = (use_context::<Parts>(), use_context::<ResponseOptions>()) else { return };
    let Ok(location) = HeaderValue::from_str(path) else { return };
    answer.insert_header(header::LOCATION, location);
    if parts.method != Method::POST {
        answer.set_status(StatusCode::FOUND);
    } else if is_plain_form() {
        answer.set_status(StatusCode::SEE_OTHER);
    } else {
        answer.insert_header(HeaderName::from_static(REDIRECT_HEADER), HeaderValue::from_static(""));
    }
}

/// What a form is told; back comes what is not its fault.
fn refusal(error: control::Error) -> Result<Refusal, control::Error> {
    use control::Error;
    Ok(match error {
        Error::Invalid(fields) => Refusal::Fields(fields),
        Error::Conflict(sentence) | Error::Forbidden(sentence) | Error::BadRequest(sentence) => {
            Refusal::Whole(sentence)
        }
        Error::Gone(sentence) => Refusal::Whole(sentence.to_owned()),
        other => return Err(other),
    })
}

/// The one mapping of the use cases' errors to those of pages. The status of the answer is set here too.
impl From<control::Error> for Error {
    fn from(error: control::Error) -> Self {
        use control::Error as Of;
        let request = use_context::<Visit>().and_then(|visit| visit.request);
        let error = match error {
            Of::Unauthenticated => Self::SignedOut,
            Of::NotFound(_) => Self::NotFound,
            Of::Invalid(fields) => Self::Refused(fields.first().map(ToString::to_string).unwrap_or_default()),
            Of::Conflict(sentence) | Of::Forbidden(sentence) | Of::BadRequest(sentence) => Self::Refused(sentence),
            Of::Gone(sentence) => Self::Refused(sentence.to_owned()),
            Of::Locked { .. } => Self::TooMany { seconds: 1 },
            Of::TooMany { retry_after } => Self::TooMany { seconds: retry_after.as_secs().max(1) },
            Of::Unavailable | Of::InDoubt => Self::Unavailable { request },
            Of::Internal => Self::Broken { request },
        };
        tell(&error);
        error
    }
}

/// Says what went wrong in the status, and how long to wait where that helps.
fn tell(error: &Error) {
    Status::set(error.status());
    let wait = match error {
        Error::TooMany { seconds } => *seconds,
        Error::Unavailable { .. } => 5,
        _ => return,
    };
    if let (Some(answer), false) = (use_context::<ResponseOptions>(), is_plain_form()) {
        answer.insert_header(header::RETRY_AFTER, HeaderValue::from(wait));
    }
}

//! What the page asks, and the key that is created when the person approves.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{api_key::ApiKey, client_callback::ClientCallback, time::Timestamp, user::Person};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, FormResult},
    secret::Secret,
};

/// The field with the person's decision, in a form that is sent without a script, and its values.
pub const DECISION: &str = "decision";
pub const APPROVE: &str = "approve";
pub const DENY: &str = "deny";
/// The most bytes of a refused callback that the page shows.
#[cfg(feature = "ssr")]
const MAX_SHOWN_CALLBACK: usize = 300;

/// What the page shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientSignInScreen {
    /// A script asked while it shows another document, whose policy does not allow the request to the terminal.
    OtherDocument,
    /// The callback is no port of this computer; the first part of it.
    Refused {
        callback: String,
        owner: PageOwner,
    },
    Asked(Box<Question>),
}

/// The person who is signed in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PageOwner {
    pub person: Person,
    /// Local mode has no sign-in, so nobody can sign out.
    pub local: bool,
}

/// What the person decides about.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub owner: PageOwner,
    pub callback: ClientCallback,
    /// The browser in words.
    pub browser: String,
    /// The address from which the browser sent the request.
    pub address: Option<String>,
    /// How many workspaces the person has.
    pub workspaces: u64,
    /// The URL at which people and clients reach this server.
    pub public_url: String,
    /// The server's time when the page was rendered.
    pub now: Timestamp,
    /// The answer, if the browser sent it without a script.
    pub answer: Option<Answer>,
}

/// What the person decided in a form that was sent without a script.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Approved(ApprovedKey),
    Denied,
}

/// A new key for the terminal. Only this response contains its secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovedKey {
    pub secret: Secret,
    pub key: ApiKey,
}

/// What the page shows for a callback. For the document of the page it also allows the request to the callback.
#[server(prefix = "/ui", endpoint = "client-sign-in", output = Postcard)]
pub async fn read_client_sign_in(#[server(default)] callback: String) -> Result<ClientSignInScreen, Error> {
    use control::{person, workspace};
    use model::browser::browser_in_words;

    use crate::{
        context::{authenticated, extend_policy},
        page_request::is_page,
    };

    let (context, caller) = authenticated().await?;
    let cx = &context.cx;
    let owner = PageOwner { person: person::person(cx, caller).await?, local: cx.settings.local };
    let Ok(parsed) = callback.parse::<ClientCallback>() else {
        let shown = callback.char_indices().take_while(|(at, _)| *at < MAX_SHOWN_CALLBACK).map(|(_, letter)| letter);
        return Ok(ClientSignInScreen::Refused { callback: shown.collect(), owner });
    };
    if !is_page() {
        return Ok(ClientSignInScreen::OtherDocument);
    }
    extend_policy("connect-src", &parsed.to_string());
    Ok(ClientSignInScreen::Asked(Box::new(Question {
        owner,
        callback: parsed,
        browser: browser_in_words(context.client.user_agent.as_str().unwrap_or_default()),
        address: context.client.address.map(|address| address.to_string()),
        workspaces: workspace::me_workspaces(cx, caller).await?.len() as u64,
        public_url: cx.settings.public_url.clone(),
        now: cx.clock.now(),
        answer: answer(&context, caller, parsed).await?,
    })))
}

/// Carries out the form that the browser sent to the page without a script. What is wrong with it is shown after a redirect.
#[cfg(feature = "ssr")]
async fn answer(
    context: &crate::context::RequestContext,
    caller: control::access::Caller,
    callback: ClientCallback,
) -> Result<Option<Answer>, Error> {
    let Some(form) = crate::page_request::PostedForm::current() else { return Ok(None) };
    match form.field(DECISION).as_str() {
        APPROVE => {}
        DENY => return Ok(Some(Answer::Denied)),
        _ => return Err(control::Error::invalid(DECISION, "expected approve or deny").into()),
    }
    let name = form.field("name");
    match create_key(context, caller, name.clone()).await {
        Ok(key) => Ok(Some(Answer::Approved(key))),
        Err(error) => {
            let _refused: FormResult<()> = context.form_response(Err(error), submission(callback, name), |()| None)?;
            Ok(None)
        }
    }
}

/// Creates a key for the terminal at `callback`.
#[server(prefix = "/ui", endpoint = "approve-client", output = Postcard)]
pub async fn approve_client(callback: String, name: String) -> Result<FormResult<ApprovedKey>, Error> {
    use crate::context::{authenticated, is_plain_form};

    let (context, caller) = authenticated().await?;
    let Ok(callback) = callback.parse::<ClientCallback>() else {
        return Err(control::Error::invalid("callback", model::client_callback::InvalidCallback.to_string()).into());
    };
    let result = if is_plain_form() {
        // The response is a redirect, which must not contain the secret. The form without a script is sent to the page instead.
        Err(control::Error::Conflict("Reload the page and approve again.".to_owned()))
    } else {
        create_key(&context, caller, name.clone()).await
    };
    context.form_response(result, submission(callback, name), |_| None)
}

#[cfg(feature = "ssr")]
async fn create_key(
    context: &crate::context::RequestContext,
    caller: control::access::Caller,
    name: String,
) -> control::Result<ApprovedKey> {
    let created = control::api_key::create_for_client(&context.cx, caller, name, context.client).await?;
    Ok(ApprovedKey { secret: Secret::reveal(created.secret.reveal()), key: created.key })
}

#[cfg(feature = "ssr")]
fn submission(callback: ClientCallback, name: String) -> crate::context::Submission {
    use leptos::server_fn::ServerFn as _;

    crate::context::Submission {
        form: ApproveClient::PATH,
        page: crate::links::client_sign_in(callback),
        typed: vec![("name", name)],
    }
}

//! The server functions of a person's settings. Each calls one use case.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::profile::{Profile, SessionList};

use crate::error::{Error, FormResult};

/// The caller's profile.
#[server(prefix = "/ui", endpoint = "profile", output = Postcard)]
pub async fn read_profile() -> Result<Profile, Error> {
    let (context, caller) = crate::context::authenticated().await?;
    Ok(control::profile::profile(&context.cx, caller).await?)
}

/// Changes names and handle. Without `handle` that stays.
#[server(prefix = "/ui", endpoint = "edit-profile", output = Postcard)]
pub async fn edit_profile(
    first_name: String,
    #[server(default)] last_name: String,
    #[server(default)] handle: Option<String>,
) -> Result<FormResult<()>, Error> {
    use control::profile;
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let typed = vec![
        ("first_name", first_name.clone()),
        ("last_name", last_name.clone()),
        ("handle", handle.clone().unwrap_or_default()),
    ];
    let submission = Submission { form: EditProfile::PATH, page: crate::links::my_profile_path().to_owned(), typed };
    let edited = profile::EditProfile { first_name, last_name, handle };
    let result = profile::edit(&context.cx, caller, edited, context.client).await;
    context.form_response(result, submission, |()| None)
}

/// Sets how pages look, and their time zone.
#[server(prefix = "/ui", endpoint = "set-appearance", output = Postcard)]
pub async fn set_appearance(
    theme: String,
    palette: String,
    density: String,
    #[server(default)] zone: String,
) -> Result<FormResult<()>, Error> {
    use control::profile;
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let page = crate::links::my_profile_path().to_owned();
    let submission = Submission { form: SetAppearance::PATH, page, typed: Vec::new() };
    let edited = profile::EditPreferences { theme, palette, density, zone };
    let result = profile::edit_preferences(&context.cx, caller, edited).await;
    context.form_response(result, submission, |()| None)
}

/// Sets the theme: the switch in the account menu sends it.
#[server(prefix = "/ui", endpoint = "set-theme", output = Postcard)]
pub async fn set_theme(theme: String) -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let page = crate::links::my_profile_path().to_owned();
    let submission = Submission { form: SetTheme::PATH, page, typed: Vec::new() };
    let result = control::profile::set_theme(&context.cx, caller, &theme).await;
    context.form_response(result, submission, |()| None)
}

/// Deletes the caller and redirects to the sign-in page, as after signing out.
#[server(prefix = "/ui", endpoint = "delete-account", output = Postcard)]
pub async fn delete_account(confirmation: String) -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::{
        context::{Submission, authenticated, redirect},
        links,
        pages::sign_in::SignOut,
    };

    let (context, caller) = authenticated().await?;
    let result =
        control::profile::delete_account(&context.cx, caller, &context.session, &confirmation, context.client).await;
    let submission = if result.is_ok() {
        let page = links::sign_in(None);
        redirect(&page);
        Submission { form: SignOut::PATH, page, typed: Vec::new() }
    } else {
        let page = links::my_profile_path().to_owned();
        Submission { form: DeleteAccount::PATH, page, typed: vec![("confirmation", confirmation)] }
    };
    context.form_response(result, submission, |()| None)
}

/// The browsers in which the caller is signed in.
#[server(prefix = "/ui", endpoint = "sessions", output = Postcard)]
pub async fn list_sessions() -> Result<SessionList, Error> {
    let (context, caller) = crate::context::authenticated().await?;
    Ok(control::session::active(&context.cx, caller).await?)
}

/// Ends one session of the caller.
#[server(prefix = "/ui", endpoint = "end-session", output = Postcard)]
pub async fn end_session(id: String) -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let page = crate::links::my_sessions_path().to_owned();
    let submission = Submission { form: EndSession::PATH, page, typed: Vec::new() };
    let result = control::session::end(&context.cx, caller, &id, context.client).await;
    context.form_response(result, submission, |()| None)
}

/// Ends all sessions of the caller but the one that calls.
#[server(prefix = "/ui", endpoint = "end-other-sessions", output = Postcard)]
pub async fn end_other_sessions() -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let page = crate::links::my_sessions_path().to_owned();
    let submission = Submission { form: EndOtherSessions::PATH, page, typed: Vec::new() };
    let result = control::session::end_others(&context.cx, caller, context.client).await;
    context.form_response(result, submission, |()| None)
}

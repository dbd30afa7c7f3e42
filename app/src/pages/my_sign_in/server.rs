//! The server functions of the page.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{id::IdentityId, sign_in::SignInScreen};

use crate::error::{Error, FormResult};
#[cfg(feature = "ssr")]
use crate::links;

/// The caller's sign-in methods, and what the code of a problem in the page's URL means.
#[server(prefix = "/ui", endpoint = "sign-in-methods", output = Postcard)]
pub async fn read_sign_in_methods(problem: String, provider: String) -> Result<SignInScreen, Error> {
    use control::person::provider::{problem_sentence, sign_in_methods};

    use crate::context::authenticated;

    let (context, caller) = authenticated().await?;
    let methods = sign_in_methods(&context.cx, caller).await?;
    Ok(SignInScreen { methods, problem: problem_sentence(&context.cx, &problem, &provider) })
}

/// Changes the password and ends all other sessions.
#[server(prefix = "/ui", endpoint = "change-password", output = Postcard)]
pub async fn change_password(current: String, new: String) -> Result<FormResult<()>, Error> {
    use control::person::{self, Password};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let change = person::ChangePassword { current: Password::typed(current), new: Password::typed(new) };
    let result = person::change_password(&context.cx, caller, change, context.client).await;
    let submission =
        Submission { form: ChangePassword::PATH, page: links::my_sign_in_path().to_owned(), typed: Vec::new() };
    context.form_response(result, submission, |()| None)
}

/// Sets the password of a person who has none, and ends all other sessions.
#[server(prefix = "/ui", endpoint = "set-password", output = Postcard)]
pub async fn set_password(#[server(default)] email: String, new: String) -> Result<FormResult<()>, Error> {
    use control::person::{self, Password};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let form = person::FirstPassword { email: email.clone(), new: Password::typed(new) };
    let result = person::set_first_password(&context.cx, caller, form, context.client).await;
    let page = links::my_sign_in_path().to_owned();
    let submission = Submission { form: SetPassword::PATH, page, typed: vec![("email", email)] };
    context.form_response(result, submission, |()| None)
}

/// Disconnects an account at a provider.
#[server(prefix = "/ui", endpoint = "disconnect-provider", output = Postcard)]
pub async fn disconnect_provider(id: IdentityId) -> Result<FormResult<()>, Error> {
    use control::person::provider;
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let result = provider::disconnect_provider(&context.cx, caller, id, context.client).await;
    let page = links::my_sign_in_path().to_owned();
    context.form_response(result, Submission { form: DisconnectProvider::PATH, page, typed: Vec::new() }, |()| None)
}

//! Signing in and out.

use leptos::{prelude::*, server_fn::codec::Postcard};
use ui::prelude::*;

use super::{
    auth_page::{AuthPage, OtherAuthPage},
    providers::{ProviderLinks, query_value, sign_in_options},
};
use crate::{
    error::{Error, FormResult},
    form::{FormErrorBanner, FormState},
    links,
};

/// Signs a person in and redirects to `to`.
#[server(prefix = "/ui", endpoint = "sign-in", output = Postcard)]
pub async fn sign_in(email: String, password: String, #[server(default)] to: String) -> Result<FormResult<()>, Error> {
    use control::person::{self, Password};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission};

    let context = RequestContext::current()?;
    let credentials = person::SignIn { email: email.clone(), password: Password::typed(password) };
    let result = person::sign_in(&context.cx, &context.session, &credentials, context.client).await;
    if result.is_ok() {
        context.keep_zone().await;
    }
    let submission = Submission { form: SignIn::PATH, page: links::sign_in(Some(&to)), typed: vec![("email", email)] };
    context.form_response(result, submission, |()| {
        Some(links::same_site_path(&to).unwrap_or(links::workspaces_path()).to_owned())
    })
}

/// Signs out and redirects to the sign-in page, which says so, and which redirects to `to` afterwards.
#[server(prefix = "/ui", endpoint = "sign-out", output = Postcard)]
pub async fn sign_out(#[server(default)] to: String) -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission, redirect};

    let context = RequestContext::current()?;
    match control::session::sign_out(&context.cx, &context.session, context.client).await {
        // Without a valid session there is nothing to end.
        Ok(()) | Err(control::Error::Unauthenticated) => {}
        Err(error) => return Err(error.into()),
    }
    let page = links::sign_in(Some(&to));
    redirect(&page);
    context.form_response(Ok(()), Submission { form: SignOut::PATH, page, typed: Vec::new() }, |()| None)
}

/// The page.
#[component]
pub fn SignInPage() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let form = FormState::of(action);
    let signed_out = FormState::of(ServerAction::<SignOut>::new()).succeeded();
    let options = sign_in_options();
    let other =
        OtherAuthPage { question: "New here?", label: "Create an account", href: links::register, registers: true };
    view! {
        <AuthPage title="Sign in" sub="Welcome back. Your runs kept going." other let(to)>
            {view! {
                <ProviderLinks options to=to.clone() />
                <SignInForm action form signed_out to />
            }
            .into_any()}
        </AuthPage>
    }
    .into_any()
}

#[component]
fn SignInForm(action: ServerAction<SignIn>, form: FormState, signed_out: Signal<bool>, to: String) -> impl IntoView {
    let notice = match query_value("notice").as_str() {
        "verified" => Some("Your email address is verified. Sign in to go on."),
        "password-reset" => Some("Your password was changed. Sign in with the new one."),
        _ => None,
    };
    let notice = move || {
        let is_first_try = action.value().with(Option::is_none);
        let notice = if signed_out.get() { Some("You’re signed out.") } else { notice };
        notice.filter(|_| is_first_try).map(|notice| view! { <Banner tone=Tone::Ok>{notice}</Banner> })
    };
    view! {
        <ActionForm action>
            {notice}
            <FormErrorBanner form />
            <input type="hidden" name="to" value=to />
            <TextField
                label="Email"
                name="email"
                kind=InputKind::Email
                value=form.typed("email").unwrap_or_default()
                error=form.field_error("email")
                autocomplete="username"
                large=true
                autofocus=true
            />
            <PasswordField
                label="Password"
                name="password"
                error=form.field_error("password")
                autocomplete="current-password"
                large=true
            />
            <p class="small">
                <a class="link" href=links::forgot_password_path()>
                    "Forgot your password?"
                </a>
            </p>
            <Button kind=ButtonKind::Primary size=ButtonSize::Large wide=true submit=true busy=form.is_pending()>
                "Sign in"
            </Button>
        </ActionForm>
    }
}

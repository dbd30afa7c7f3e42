//! Signing in and out.

use leptos::{prelude::*, server_fn::codec::Postcard};
use ui::prelude::*;

use super::auth_page::{AuthPage, OtherAuthPage};
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

/// Signs out and redirects to the sign-in page, which says so.
#[server(prefix = "/ui", endpoint = "sign-out", output = Postcard)]
pub async fn sign_out() -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission, redirect};

    let context = RequestContext::current()?;
    match control::session::sign_out(&context.cx, &context.session, context.client).await {
        // Without a valid session there is nothing to end.
        Ok(()) | Err(control::Error::Unauthenticated) => {}
        Err(error) => return Err(error.into()),
    }
    let page = links::sign_in(None);
    redirect(&page);
    context.form_response(Ok(()), Submission { form: SignOut::PATH, page, typed: Vec::new() }, |()| None)
}

/// The page.
#[component]
pub fn SignInPage() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let form = FormState::of(action);
    let signed_out = FormState::of(ServerAction::<SignOut>::new()).succeeded();
    let other = OtherAuthPage { question: "New here?", label: "Create an account", href: links::register };
    view! {
        <AuthPage title="Sign in" sub="Welcome back. Your runs kept going." other let(to)>
            {view! { <SignInForm action form signed_out to /> }.into_any()}
        </AuthPage>
    }
    .into_any()
}

#[component]
fn SignInForm(action: ServerAction<SignIn>, form: FormState, signed_out: Signal<bool>, to: String) -> impl IntoView {
    let signed_out = move || {
        let is_first_try = action.value().with(Option::is_none);
        (signed_out.get() && is_first_try).then(|| view! { <Banner tone=Tone::Ok>"You’re signed out."</Banner> })
    };
    view! {
        <ActionForm action>
            {signed_out}
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
            <Button kind=ButtonKind::Primary size=ButtonSize::Large wide=true submit=true busy=form.is_pending()>
                "Sign in"
            </Button>
        </ActionForm>
    }
}

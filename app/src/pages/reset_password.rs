//! The page of the link in a mail that leads to a new password.

use leptos::{prelude::*, server_fn::codec::Postcard};
use ui::prelude::*;

use super::{
    auth_page::{AuthPage, OtherAuthPage},
    providers::query_value,
};
use crate::{
    error::{Error, FormResult},
    form::{FormErrorBanner, FormState},
    links,
};

/// Sets the password of the person to whom the link with `token` was mailed, and redirects to the sign-in page.
#[server(prefix = "/ui", endpoint = "reset-password", output = Postcard)]
pub async fn reset_password(token: String, new: String) -> Result<FormResult<()>, Error> {
    use control::person::{self, Password};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission};

    let context = RequestContext::current()?;
    let result = person::reset_password(&context.cx, &token, Password::typed(new), context.client).await;
    let page = links::reset_password(&token);
    let submission = Submission { form: ResetPassword::PATH, page, typed: Vec::new() };
    context.form_response(result, submission, |()| Some(links::sign_in_after("password-reset")))
}

/// The page.
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    let action = ServerAction::<ResetPassword>::new();
    let form = FormState::of(action);
    let token = query_value("token");
    let other = OtherAuthPage {
        question: "Has the link expired?",
        label: "Get a new one",
        href: links::forgot_password,
        registers: false,
    };
    view! {
        <AuthPage title="Choose a new password" sub="You’ll be signed out everywhere, then sign in with it." other for_everyone=true let(_to)>
            {if token.is_empty() {
                view! { <Banner tone=Tone::Bad>"Open this page with the link in our mail."</Banner> }.into_any()
            } else {
                new_password_form(action, form, token.clone())
            }}
        </AuthPage>
    }
    .into_any()
}

fn new_password_form(action: ServerAction<ResetPassword>, form: FormState, token: String) -> AnyView {
    view! {
        <ActionForm action>
            <FormErrorBanner form />
            <input type="hidden" name="token" value=token />
            // Password managers expect the name of the account, which only the token tells: a person adds it when they save the password.
            <input type="text" class="sr" name="username" autocomplete="username" tabindex="-1" aria-hidden="true" readonly />
            <PasswordField
                label="New password"
                name="new"
                hint=Signal::stored(Some("At least 10 characters; a sentence works well.".to_owned()))
                error=form.field_error("new")
                autocomplete="new-password"
                large=true
            />
            <Button kind=ButtonKind::Primary size=ButtonSize::Large wide=true submit=true busy=form.is_pending()>
                "Change password"
            </Button>
        </ActionForm>
    }
    .into_any()
}

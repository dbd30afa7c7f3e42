//! Mails a link to a new password. The answer is the same for every address.

use leptos::{prelude::*, server_fn::codec::Postcard};
use ui::prelude::*;

use super::auth_page::{AuthPage, OtherAuthPage};
use crate::{
    error::{Error, FormResult},
    form::{FormErrorBanner, FormState},
    layout::Frame,
    links,
};

/// Asks for a link for the address.
#[server(prefix = "/ui", endpoint = "request-password-reset", output = Postcard)]
pub async fn request_password_reset(email: String) -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission};

    let context = RequestContext::current()?;
    let result = control::person::request_password_reset(&context.cx, &email, context.client).await;
    let page = links::forgot_password_path().to_owned();
    let submission = Submission { form: RequestPasswordReset::PATH, page, typed: vec![("email", email)] };
    context.form_response(result, submission, |()| None)
}

/// The page.
#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    let action = ServerAction::<RequestPasswordReset>::new();
    let form = FormState::of(action);
    let other = OtherAuthPage { question: "Remembered it?", label: "Sign in", href: links::sign_in, registers: false };
    view! {
        <AuthPage title="Reset your password" sub="Enter your email address to get a link." other for_everyone=true let(_to)>
            {request_form(action, form)}
        </AuthPage>
    }
    .into_any()
}

fn request_form(action: ServerAction<RequestPasswordReset>, form: FormState) -> AnyView {
    let answer = if expect_context::<Frame>().has_mail {
        "If that address has an account, a link is on its way."
    } else {
        "If that address has an account, there is a link for it now. Ask your administrator for the link."
    };
    let answer = move || form.succeeded().get().then(|| view! { <Banner tone=Tone::Ok>{answer}</Banner> });
    view! {
        <ActionForm action>
            {answer}
            <FormErrorBanner form />
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
            <Button kind=ButtonKind::Primary size=ButtonSize::Large wide=true submit=true busy=form.is_pending()>
                "Get a link"
            </Button>
        </ActionForm>
    }
    .into_any()
}

//! Verifies an email address. The link in a mail leads here, and the person presses a button: programs that open the links in mails to check
//! them must not use the link up.

use leptos::{prelude::*, server_fn::codec::Postcard};
use ui::prelude::*;

use super::{
    auth_page::{AuthPage, OtherAuthPage},
    providers::query_value,
};
use crate::{
    error::{Error, FormResult},
    form::{FormErrorBanner, FormState},
    layout::Frame,
    links,
};

/// Verifies the address to which the link with `token` was mailed, and redirects to the sign-in page.
#[server(prefix = "/ui", endpoint = "verify-email", output = Postcard)]
pub async fn verify_email(token: String) -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission};

    let context = RequestContext::current()?;
    let result = control::person::verify_email(&context.cx, &token, context.client).await;
    let next = match context.optional_caller().await? {
        Some(_) => links::workspaces_path().to_owned(),
        None => links::sign_in_after("verified"),
    };
    let submission = Submission { form: VerifyEmail::PATH, page: links::verify_email(&token), typed: Vec::new() };
    context.form_response(result, submission, |()| Some(next))
}

/// Mails the link once more.
#[server(prefix = "/ui", endpoint = "send-verification", output = Postcard)]
pub async fn send_verification() -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission};

    // Not `authenticated`: a person who must verify their address first has to get here.
    let context = RequestContext::current()?;
    let caller = context.caller().await?;
    let result = control::person::send_verification(&context.cx, caller, context.client).await;
    let page = links::verify_email_path().to_owned();
    context.form_response(result, Submission { form: SendVerification::PATH, page, typed: Vec::new() }, |()| None)
}

/// The page.
#[component]
pub fn VerifyEmailPage() -> impl IntoView {
    let (verify, send) = (ServerAction::<VerifyEmail>::new(), ServerAction::<SendVerification>::new());
    let (verify_form, send_form) = (FormState::of(verify), FormState::of(send));
    let token = query_value("token");
    let other = OtherAuthPage { question: "Done already?", label: "Sign in", href: links::sign_in, registers: false };
    let (title, sub) = if token.is_empty() {
        ("Check your inbox", "The link in our mail verifies your email address.")
    } else {
        ("Verify your email address", "Confirm that this address is yours.")
    };
    view! {
        <AuthPage title sub other for_everyone=true let(_to)>
            {if token.is_empty() {
                inbox(send, send_form)
            } else {
                let token = token.clone();
                view! {
                    <ActionForm action=verify>
                        <FormErrorBanner form=verify_form />
                        <input type="hidden" name="token" value=token />
                        <Button kind=ButtonKind::Primary size=ButtonSize::Large wide=true submit=true busy=verify_form.is_pending()>
                            "Verify address"
                        </Button>
                    </ActionForm>
                }
                .into_any()
            }}
        </AuthPage>
    }
    .into_any()
}

/// What to do without a link.
fn inbox(send: ServerAction<SendVerification>, form: FormState) -> AnyView {
    let Frame { person, has_mail, .. } = expect_context::<Frame>();
    let Some(person) = person else {
        return view! {
            <p>"We sent a mail to the address that you entered. Open the link in it, then sign in."</p>
            <p class="t2">"No mail? Look in the spam folder. You can also register once more."</p>
        }
        .into_any();
    };
    if person.email_verified {
        return view! {
            <Banner tone=Tone::Ok>"Your email address is verified."</Banner>
            <LinkButton href=links::workspaces_path() kind=ButtonKind::Primary>"Go to workspaces"</LinkButton>
        }
        .into_any();
    }
    let address = person.email.unwrap_or_default();
    let where_to = if has_mail {
        view! { <p>"Open the link that was sent to " <b>{address}</b> "."</p> }.into_any()
    } else {
        view! { <p>"Verify " <b>{address}</b> ". Ask your administrator for the link."</p> }.into_any()
    };
    let sent = move || {
        let again = if has_mail { "The link is on its way." } else { "Ask your administrator for the new link." };
        form.succeeded().get().then(|| view! { <Banner tone=Tone::Ok>{again}</Banner> })
    };
    view! {
        {sent}
        {where_to}
        <ActionForm action=send>
            <FormErrorBanner form />
            <Button size=ButtonSize::Large wide=true submit=true busy=form.is_pending()>
                "Send it again"
            </Button>
        </ActionForm>
        <form method="post" action="/ui/sign-out">
            <Button kind=ButtonKind::Ghost wide=true submit=true>
                "Sign out"
            </Button>
        </form>
    }
    .into_any()
}

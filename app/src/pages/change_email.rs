//! The card with a person's email address, and the form that changes it.

use leptos::{prelude::*, server_fn::codec::Postcard};
use ui::prelude::*;

use crate::{
    error::{Error, FormResult},
    form::{FormErrorBanner, FormState},
    layout::Frame,
    links,
};

/// Mails a link to the new address, which becomes the person's when they open it.
#[server(prefix = "/ui", endpoint = "change-email", output = Postcard)]
pub async fn change_email(email: String) -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let result = control::person::change_email(&context.cx, caller, &email, context.client).await;
    let page = links::my_profile_path().to_owned();
    let submission = Submission { form: ChangeEmail::PATH, page, typed: vec![("email", email)] };
    context.form_response(result, submission, |()| None)
}

/// The card. `form` is [`FormState::of`] the action, made at the top of the page.
#[component]
pub fn ChangeEmailCard(action: ServerAction<ChangeEmail>, form: FormState) -> impl IntoView {
    let Frame { person, has_mail, .. } = expect_context::<Frame>();
    let (address, verified) = person.map(|person| (person.email, person.email_verified)).unwrap_or_default();
    let current = address.map(|address| {
        let state = if verified { "Verified" } else { "Not verified" };
        let verify = (!verified).then(|| view! { <a class="link" href=links::verify_email_path()>"Verify it"</a> });
        view! {
            <p class="flex">
                <b class="cut">{address}</b>
                <span class="small t3">{state}</span>
                {verify}
            </p>
        }
    });
    let answer = if has_mail {
        "A link was sent to the new address. Open it to complete the change."
    } else {
        "The new address must be verified first. Ask your administrator for the link."
    };
    let answer = move || form.succeeded().get().then(|| view! { <Banner tone=Tone::Ok>{answer}</Banner> });
    view! {
        <Card title="Email" look=CardLook::Roomy>
            <ActionForm action>
                <div class="stack">
                    {answer}
                    <FormErrorBanner form />
                    {current}
                    <div class="w-m">
                        <TextField
                            label="New email"
                            name="email"
                            kind=InputKind::Email
                            value=form.typed("email").unwrap_or_default()
                            error=form.field_error("email")
                            autocomplete="email"
                        />
                    </div>
                    <div>
                        <Button submit=true busy=form.is_pending()>
                            "Change email"
                        </Button>
                    </div>
                </div>
            </ActionForm>
        </Card>
    }
    .into_any()
}

//! The register page: name, email and password, and the handle that clients use.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::user::MAX_NAME_CHARACTERS;
use ui::prelude::*;

use super::{
    auth_page::{AuthPage, OtherAuthPage},
    handle::{HandleField, NameAndHandle},
};
use crate::{
    error::{Error, FormResult},
    form::{FormErrorBanner, FormState, max_length},
    links,
};

/// Registers a person, signs them in, and redirects to `to`, or else to the list of workspaces, which a new person has none of.
#[server(prefix = "/ui", endpoint = "register", output = Postcard)]
pub async fn register(
    name: String,
    email: String,
    #[server(default)] handle: String,
    password: String,
    #[server(default)] to: String,
) -> Result<FormResult<()>, Error> {
    use control::person::{self, Password, Registration};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission};

    let context = RequestContext::current()?;
    let page = links::register(Some(&to));
    let typed = vec![("name", name.clone()), ("email", email.clone()), ("handle", handle.clone())];
    let registration = Registration { name, email, handle: Some(handle), password: Password::typed(password) };
    let result = person::register(&context.cx, Some(&context.session), registration, context.client).await;
    if result.is_ok() {
        context.keep_zone().await;
    }
    let submission = Submission { form: Register::PATH, page, typed };
    context.form_response(result.map(drop), submission, |()| {
        Some(links::same_site_path(&to).unwrap_or(links::workspaces_path()).to_owned())
    })
}

/// The page.
#[component]
pub fn RegisterPage() -> impl IntoView {
    let action = ServerAction::<Register>::new();
    let form = FormState::of(action);
    let other = OtherAuthPage { question: "Already have an account?", label: "Sign in", href: links::sign_in };
    view! {
        <AuthPage title="Create your account" sub="One account for all your workspaces." other let(to)>
            {view! { <RegisterForm action form to /> }.into_any()}
        </AuthPage>
    }
    .into_any()
}

#[component]
fn RegisterForm(action: ServerAction<Register>, form: FormState, to: String) -> impl IntoView {
    let fields = NameAndHandle::of(form);
    view! {
        <ActionForm action>
            <FormErrorBanner form />
            <input type="hidden" name="to" value=to />
            <TextField
                label="Name"
                name="name"
                bind=fields.name
                error=form.field_error("name")
                autocomplete="name"
                max=max_length(MAX_NAME_CHARACTERS)
                large=true
                autofocus=true
            />
            <TextField
                label="Email"
                name="email"
                kind=InputKind::Email
                value=form.typed("email").unwrap_or_default()
                error=form.field_error("email")
                autocomplete="username"
                large=true
            />
            <PasswordField
                label="Password"
                name="password"
                hint=Signal::stored(Some("At least 10 characters; a sentence works well.".to_owned()))
                error=form.field_error("password")
                autocomplete="new-password"
                large=true
            />
            <HandleField fields form hint="The handle is based on your name. Clients use it, so choose one you can keep." large=true />
            <Button kind=ButtonKind::Primary size=ButtonSize::Large wide=true submit=true busy=form.is_pending()>
                "Create account"
            </Button>
        </ActionForm>
    }
}

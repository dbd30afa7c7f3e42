//! The register page: name, email and password, and the handle that clients use.

use leptos::{prelude::*, server_fn::codec::Postcard};
use leptos_router::hooks::use_query_map;
use model::{sign_in::SignInOptions, user::MAX_NAME_CHARACTERS};
use ui::prelude::*;

use super::{
    auth_page::{AuthPage, OtherAuthPage},
    handle::{HandleField, NameAndHandle},
    providers::{ProviderLinks, sign_in_options},
};
use crate::{
    error::{Error, FormResult},
    form::{FormErrorBanner, FormState, max_length},
    layout::{Frame, SignUp},
    links,
    loaded::PageData,
};

/// Registers a person, signs them in, and redirects to `to`, or else to the list of workspaces, which a new person has none of. If mail
/// reaches people, they get a mail instead, and are redirected to the page that says so. `setup` is the token of the first person's link.
#[server(prefix = "/ui", endpoint = "register", output = Postcard)]
pub async fn register(
    name: String,
    email: String,
    #[server(default)] handle: String,
    password: String,
    #[server(default)] to: String,
    #[server(default)] setup: String,
) -> Result<FormResult<()>, Error> {
    use control::person::{self, Password, RegisteredInBrowser, Registration};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission};

    let context = RequestContext::current()?;
    let is_first = !setup.is_empty();
    let page = if is_first { links::first_registration(&setup, Some(&to)) } else { links::register(Some(&to)) };
    let typed = vec![("name", name.clone()), ("email", email.clone()), ("handle", handle.clone())];
    let registration = Registration { name, email, handle: Some(handle), password: Password::typed(password) };
    let (cx, browser, client) = (&context.cx, &context.session, context.client);
    let result = if is_first {
        let registered = person::register_first(cx, Some(browser), registration, &setup, client).await;
        registered.map(|_| RegisteredInBrowser::SignedIn)
    } else {
        person::register_in_browser(cx, browser, registration, client).await
    };
    if result == Ok(RegisteredInBrowser::SignedIn) {
        context.keep_zone().await;
    }
    let next = match result {
        Ok(RegisteredInBrowser::CheckInbox) => links::check_inbox(Some(&to)),
        _ => links::same_site_path(&to).unwrap_or(links::workspaces_path()).to_owned(),
    };
    let submission = Submission { form: Register::PATH, page, typed };
    context.form_response(result.map(|_| ()), submission, |()| Some(next))
}

/// The page.
#[component]
pub fn RegisterPage() -> impl IntoView {
    let action = ServerAction::<Register>::new();
    let form = FormState::of(action);
    let options = sign_in_options();
    let other = OtherAuthPage {
        question: "Already have an account?",
        label: "Sign in",
        href: links::sign_in,
        registers: false,
    };
    view! {
        <AuthPage title="Create your account" sub="One account for all your workspaces." other let(to)>
            {form_or_notice(action, form, options, to)}
        </AuthPage>
    }
    .into_any()
}

/// The form, or a notice if only an administrator creates accounts.
fn form_or_notice(
    action: ServerAction<Register>,
    form: FormState,
    options: PageData<SignInOptions>,
    to: String,
) -> AnyView {
    let setup = use_query_map().with_untracked(|query| query.get("setup"));
    let domains = match expect_context::<Frame>().sign_up {
        SignUp::Nobody if setup.is_none() => {
            return view! { <Banner>"Only an administrator creates accounts on this server. Ask yours for one."</Banner> }
                .into_any();
        }
        SignUp::Domains(domains) if setup.is_none() => Some(format!("Use an address of {}.", domains.join(", "))),
        SignUp::Everybody | SignUp::Domains(_) | SignUp::Nobody => None,
    };
    // Only a password makes the first person, who administers the server.
    let providers = setup.is_none().then(|| view! { <ProviderLinks options to=to.clone() /> });
    view! {
        {providers}
        <RegisterForm action form to setup domains />
    }
    .into_any()
}

#[component]
fn RegisterForm(
    action: ServerAction<Register>,
    form: FormState,
    to: String,
    /// The token of the first person's link.
    setup: Option<String>,
    /// Which addresses are accepted, if not all.
    domains: Option<String>,
) -> impl IntoView {
    let fields = NameAndHandle::of(form);
    let first = setup.map(|setup| {
        view! {
            <Banner>"This is the first account. It administers the server."</Banner>
            <input type="hidden" name="setup" value=setup />
        }
    });
    view! {
        <ActionForm action>
            <FormErrorBanner form />
            {first}
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
                hint=Signal::stored(domains)
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

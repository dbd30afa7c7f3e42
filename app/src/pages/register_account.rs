//! The page on which a person who is new here chooses name and handle, after a provider has confirmed their account.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{sign_in::NewAccountScreen, user::MAX_NAME_CHARACTERS};
use ui::prelude::*;

use super::{
    auth_page::{AuthPage, OtherAuthPage},
    handle::{HandleField, NameAndHandle},
};
use crate::{
    error::{Error, FormResult},
    form::{FormErrorBanner, FormState, max_length},
    links,
    loaded::resource,
};

/// The account that waits for a handle in this browser.
#[server(prefix = "/ui", endpoint = "new-account", output = Postcard)]
pub async fn read_new_account() -> Result<Option<NewAccountScreen>, Error> {
    use control::person::provider::pending_account;

    let context = crate::context::RequestContext::current()?;
    let Some(secret) = context.provider_secret() else { return Ok(None) };
    let pending = pending_account(&context.cx, &secret).await?;
    Ok(pending.map(|account| {
        let provider = context.cx.providers.get(&account.provider);
        let provider = provider.map_or(account.provider.clone(), |provider| provider.label().to_owned());
        NewAccountScreen { provider, label: account.label, name: account.name, handle: account.handle }
    }))
}

/// Registers the person, signs them in, and redirects to where they were going, or else to the list of workspaces.
#[server(prefix = "/ui", endpoint = "register-account", output = Postcard)]
pub async fn register_account(name: String, #[server(default)] handle: String) -> Result<FormResult<()>, Error> {
    use control::person::provider::{self, NewAccount};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission};

    let context = RequestContext::current()?;
    let typed = vec![("name", name.clone()), ("handle", handle.clone())];
    let secret = context.provider_secret();
    let form = NewAccount { name, handle };
    let registered =
        provider::register_account(&context.cx, &context.session, secret.as_ref(), form, context.client).await;
    if registered.is_ok() {
        context.keep_zone().await;
    }
    let page = links::register_account_path().to_owned();
    let submission = Submission { form: RegisterAccount::PATH, page, typed };
    let mut to = None;
    let result = registered.map(|(_, destination)| to = destination);
    context.form_response(result, submission, |()| {
        let to = to.as_deref().and_then(links::same_site_path);
        Some(to.unwrap_or(links::workspaces_path()).to_owned())
    })
}

/// The page.
#[component]
pub fn RegisterAccountPage() -> impl IntoView {
    let action = ServerAction::<RegisterAccount>::new();
    let form = FormState::of(action);
    let account = resource(|| (), |()| read_new_account());
    let other = OtherAuthPage { question: "Not you?", label: "Start again", href: links::sign_in, registers: false };
    view! {
        <AuthPage title="Choose your handle" sub="One more step, and your account is ready." other let(_to)>
            {view! {
                <Transition fallback=|| ()>
                    {move || Suspend::new(async move {
                        match account.await {
                            Ok(Some(account)) => view! { <NewAccountForm action form account /> }.into_any(),
                            Ok(None) => expired(),
                            Err(error) => view! { <Banner tone=Tone::Bad>{error.message()}</Banner> }.into_any(),
                        }
                    })}
                </Transition>
            }
            .into_any()}
        </AuthPage>
    }
    .into_any()
}

fn expired() -> AnyView {
    view! {
        <Banner tone=Tone::Warn>"This sign-in has expired. Start again from the sign-in page."</Banner>
        <LinkButton href=links::sign_in(None) kind=ButtonKind::Primary size=ButtonSize::Large>
            "Go to sign-in"
        </LinkButton>
    }
    .into_any()
}

#[component]
fn NewAccountForm(action: ServerAction<RegisterAccount>, form: FormState, account: NewAccountScreen) -> impl IntoView {
    let fields = NameAndHandle::starting_with(form, account.name, account.handle);
    let signed_in = match account.label {
        Some(label) => format!("Signed in at {} as {label}.", account.provider),
        None => format!("Signed in at {}.", account.provider),
    };
    view! {
        <ActionForm action>
            <p class="t2 ui">{signed_in}</p>
            <FormErrorBanner form />
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
            <HandleField fields form hint="The handle is based on your name. Clients use it, so choose one you can keep." large=true />
            <Button kind=ButtonKind::Primary size=ButtonSize::Large wide=true submit=true busy=form.is_pending()>
                "Create account"
            </Button>
        </ActionForm>
    }
}

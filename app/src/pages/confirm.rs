//! The page on which a person confirms that it is them, before they change how they sign in.

use leptos::{prelude::*, server_fn::codec::Postcard};
use leptos_meta::Title;
use leptos_router::components::Redirect;
use model::sign_in::SignInMethods;
use ui::prelude::*;

use super::{
    my_sign_in::sign_in_screen,
    providers::{provider_buttons, query_value},
};
use crate::{
    error::{Error, FormResult},
    form::{FormErrorBanner, FormState},
    layout::Frame,
    links,
    loaded::Loaded,
};

/// Records that the person has typed their password, and redirects to `to`.
#[server(prefix = "/ui", endpoint = "prove-password", output = Postcard)]
pub async fn prove_password(password: String, #[server(default)] to: String) -> Result<FormResult<()>, Error> {
    use control::person::{self, Password};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let password = Password::typed(password);
    let result = person::prove_password(&context.cx, caller, &password, context.client).await;
    let submission = Submission { form: ProvePassword::PATH, page: links::confirm(&to), typed: Vec::new() };
    context.form_response(result, submission, |()| {
        Some(links::same_site_path(&to).unwrap_or(links::my_sign_in_path()).to_owned())
    })
}

/// The page.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let action = ServerAction::<ProvePassword>::new();
    let form = FormState::of(action);
    let screen = sign_in_screen(|| 0);
    if expect_context::<Frame>().local {
        return view! { <Redirect path=links::api_keys_path() /> }.into_any();
    }
    view! {
        <Title text="Confirm that it’s you" />
        <TopBar
            crumbs=vec![Crumb::link("Your settings", links::my_sign_in_path()), Crumb::current("Confirm that it’s you")]
            help=links::help_path()
        />
        <Page width=PageWidth::NarrowCentre>
            <PageHead title="Confirm that it’s you" />
            <Loaded data=screen subject="your sign-in methods" let(screen)>
                {screen.problem.map(|problem| view! { <Banner tone=Tone::Bad>{problem}</Banner> })}
                <Card look=CardLook::Roomy>
                    <Proofs methods=screen.methods action form />
                </Card>
            </Loaded>
        </Page>
    }
    .into_any()
}

#[component]
fn Proofs(methods: SignInMethods, action: ServerAction<ProvePassword>, form: FormState) -> impl IntoView {
    let to = query_value("to");
    let providers = methods.providers.into_iter().filter(|method| method.is_configured && method.connected.is_some());
    let mut providers: Vec<_> = providers.map(|method| method.provider).collect();
    providers.dedup();
    let buttons = provider_buttons(providers, "prove", &to);
    let password = methods.password.map(|password| {
        view! {
            <ActionForm action>
                <div class="stack">
                    <FormErrorBanner form />
                    <input type="hidden" name="to" value=to />
                    // Password managers need the name of the account.
                    <input
                        type="text"
                        class="sr"
                        name="username"
                        autocomplete="username"
                        value=password.address
                        tabindex="-1"
                        aria-hidden="true"
                        readonly
                    />
                    <PasswordField
                        label="Your password"
                        name="password"
                        error=form.field_error("password")
                        autocomplete="current-password"
                    />
                    <div>
                        <Button kind=ButtonKind::Primary submit=true busy=form.is_pending()>
                            "Confirm"
                        </Button>
                    </div>
                </div>
            </ActionForm>
        }
    });
    view! {
        <div class="stack w-m">
            <p class="t2">"You’re about to change something that protects your account. Show once more that it’s you."</p>
            {password}
            {buttons}
        </div>
    }
}

//! The sign-in tab of a person's settings: changing the password.

use leptos::{prelude::*, server_fn::codec::Postcard};
use leptos_meta::Title;
use leptos_router::components::Redirect;
use ui::prelude::*;

use crate::{
    error::{Error, FormResult},
    form::{FormErrorBanner, FormState},
    layout::Frame,
    links,
};

/// Changes the password and ends all other sessions.
#[server(prefix = "/ui", endpoint = "change-password", output = Postcard)]
pub async fn change_password(current: String, new: String) -> Result<FormResult<()>, Error> {
    use control::person::{self, Password};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let change = person::ChangePassword { current: Password::typed(current), new: Password::typed(new) };
    let result = person::change_password(&context.cx, caller, change, context.client).await;
    let submission =
        Submission { form: ChangePassword::PATH, page: links::my_sign_in_path().to_owned(), typed: Vec::new() };
    context.form_response(result, submission, |()| None)
}

/// The tabs of a person's settings.
#[component]
pub fn SettingsTabs(current: &'static str) -> impl IntoView {
    let tab = |href: &'static str, label, icon| Tab::new(href, label, icon).current(Signal::stored(href == current));
    let local = expect_context::<Frame>().local;
    let sign_in = (!local).then(|| tab(links::my_sign_in_path(), "Sign-in", Icon::Lock));
    let tabs = sign_in.into_iter().chain([tab(links::api_keys_path(), "API keys", Icon::Key)]).collect();
    view! { <Tabs label="Your settings" tabs /> }
}

/// The page.
#[component]
pub fn MySignInPage() -> impl IntoView {
    let action = ServerAction::<ChangePassword>::new();
    let form = FormState::of(action);
    let frame = expect_context::<Frame>();
    if frame.local {
        return view! { <Redirect path=links::api_keys_path() /> }.into_any();
    }
    let email = frame.person.and_then(|person| person.email).unwrap_or_default();
    let changed = move || {
        form.succeeded().get().then(|| {
            view! {
                <Banner tone=Tone::Ok>
                    <b>"Your password was changed."</b>
                    " You’re now signed out everywhere else."
                </Banner>
            }
        })
    };
    view! {
        <Title text="Sign-in" />
        <TopBar crumbs=vec![Crumb::link("Your settings", links::my_sign_in_path()), Crumb::current("Sign-in")] help=links::help_path() />
        <Page width=PageWidth::NarrowCentre>
            <PageHead title="Your settings" />
            <SettingsTabs current=links::my_sign_in_path() />
            {changed}
            <SignInMethods email=email.clone() />
            <Card title="Change your password" look=CardLook::Roomy>
                <PasswordForm email action form />
            </Card>
        </Page>
    }
    .into_any()
}

#[component]
fn SignInMethods(email: String) -> impl IntoView {
    view! {
        <Card title="Sign-in methods" look=CardLook::Roomy>
            <List label="Sign-in methods">
                <Row columns=Columns::SignInMethods two=true>
                    <span class="prov">
                        <Glyph icon=Icon::Lock />
                    </span>
                    <div class="cut">
                        <div class="name">"Password"</div>
                        <div class="meta">
                            <span class="cut">{email}</span>
                        </div>
                    </div>
                </Row>
            </List>
        </Card>
    }
}

#[component]
fn PasswordForm(email: String, action: ServerAction<ChangePassword>, form: FormState) -> impl IntoView {
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| {
        if form.succeeded().get() {
            current.set(String::new());
            new.set(String::new());
        }
    });
    view! {
        <ActionForm action>
            <div class="stack">
                <FormErrorBanner form />
                // Password managers need the name of the account.
                <input type="text" class="sr" name="username" autocomplete="username" value=email tabindex="-1" aria-hidden="true" readonly />
                <div class="w-m">
                    <PasswordField
                        label="Current password"
                        name="current"
                        bind=current
                        error=form.field_error("current")
                        autocomplete="current-password"
                    />
                </div>
                <div class="w-m">
                    <PasswordField
                        label="New password"
                        name="new"
                        bind=new
                        hint=Signal::stored(Some("At least 10 characters; a sentence works well.".to_owned()))
                        error=form.field_error("new")
                        autocomplete="new-password"
                    />
                </div>
                <p class="small t3">"This signs you out everywhere else."</p>
                <div>
                    <Button kind=ButtonKind::Primary submit=true busy=form.is_pending()>
                        "Change password"
                    </Button>
                </div>
            </div>
        </ActionForm>
    }
}

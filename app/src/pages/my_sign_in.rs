//! The sign-in tab of a person's settings: their sign-in methods and their password.

mod methods;
mod password;
mod server;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::components::Redirect;
use model::sign_in::{SignInMethods, SignInScreen};
use ui::prelude::*;

use self::{
    methods::Methods,
    password::{ChangePasswordForm, SetPasswordForm},
    server::{ChangePassword, DisconnectProvider, SetPassword, read_sign_in_methods},
};
use super::{providers::query_value, verify_banner::verify_banner};
use crate::{
    error::{Error, FormResult},
    form::FormState,
    layout::Frame,
    links,
    loaded::{Loaded, PageData, resource},
};

/// The tabs of a person's settings.
#[component]
pub fn SettingsTabs(current: &'static str) -> impl IntoView {
    let tab = |href: &'static str, label, icon| Tab::new(href, label, icon).current(Signal::stored(href == current));
    let mut tabs = vec![tab(links::my_profile_path(), "Profile", Icon::User)];
    if !expect_context::<Frame>().local {
        tabs.push(tab(links::my_sign_in_path(), "Sign-in", Icon::Lock));
        tabs.push(tab(links::my_sessions_path(), "Sessions", Icon::Laptop));
    }
    tabs.push(tab(links::api_keys_path(), "API keys", Icon::Key));
    view! { <Tabs label="Your settings" tabs /> }
}

/// Loads the person's sign-in methods, again whenever `version` changes. Call it at the top of a page.
pub fn sign_in_screen(version: impl Fn() -> usize + Send + Sync + 'static) -> PageData<SignInScreen> {
    let (problem, provider) = (query_value("problem"), query_value("provider"));
    resource(version, move |_| read_sign_in_methods(problem.clone(), provider.clone()))
}

/// The forms of the page.
#[derive(Clone, Copy)]
struct Forms {
    change: (ServerAction<ChangePassword>, FormState),
    set: (ServerAction<SetPassword>, FormState),
    disconnect: (ServerAction<DisconnectProvider>, FormState),
}

impl Forms {
    fn new() -> Self {
        let (change, set, disconnect) = (ServerAction::new(), ServerAction::new(), ServerAction::new());
        Self {
            change: (change, FormState::of(change)),
            set: (set, FormState::of(set)),
            disconnect: (disconnect, FormState::of(disconnect)),
        }
    }

    /// A number that changes with each form that succeeds. After an error the page must keep what was typed.
    fn version(self) -> usize {
        succeeded(self.change.0) + succeeded(self.set.0) + succeeded(self.disconnect.0)
    }
}

/// How often the action has run, if it has succeeded the last time.
fn succeeded<S>(action: ServerAction<S>) -> usize
where
    S: ServerFn<Output = FormResult<()>, Error = Error> + Clone + Send + Sync + 'static,
{
    let is_done = action.value().with(|value| matches!(value, Some(Ok(Ok(())))));
    if is_done { action.version().get() } else { 0 }
}

/// The page.
#[component]
pub fn MySignInPage() -> impl IntoView {
    let forms = Forms::new();
    let screen = sign_in_screen(move || forms.version());
    let (connected, connect) = (query_value("connected"), query_value("connect"));
    let frame = expect_context::<Frame>();
    if frame.local {
        return view! { <Redirect path=links::api_keys_path() /> }.into_any();
    }
    let email = frame.person.and_then(|person| person.email);
    let content = move |screen: SignInScreen| {
        let SignInScreen { methods, problem } = screen;
        let notice = notice(&methods, &connected, &connect);
        let password = match &methods.password {
            Some(password) => {
                let (action, form) = forms.change;
                view! { <ChangePasswordForm address=password.address.clone() action form /> }.into_any()
            }
            None => {
                let (action, form) = forms.set;
                view! { <SetPasswordForm address=email.clone() action form /> }.into_any()
            }
        };
        let (action, form) = forms.disconnect;
        view! {
            {problem.map(|problem| view! { <Banner tone=Tone::Bad>{problem}</Banner> })}
            {notice}
            <Methods methods action form />
            {password}
        }
    };
    view! {
        <Title text="Sign-in" />
        <TopBar crumbs=vec![Crumb::link("Your settings", links::my_sign_in_path()), Crumb::current("Sign-in")] help=links::help_path() />
        <Page width=PageWidth::NarrowCentre>
            <PageHead title="Your settings" />
            <SettingsTabs current=links::my_sign_in_path() />
            {done(forms)}
            {verify_banner()}
            <Loaded data=screen subject="your sign-in methods" children=content />
        </Page>
    }
    .into_any()
}

/// What the last form has done.
fn done(forms: Forms) -> impl IntoView {
    let [changed, set, disconnected] = [forms.change.1, forms.set.1, forms.disconnect.1].map(FormState::succeeded);
    // A form that has succeeded before still counts as such.
    let last = Memo::new(move |before: Option<&([bool; 3], Option<usize>)>| {
        let (earlier, last) = before.copied().unwrap_or_default();
        let now = [changed.get(), set.get(), disconnected.get()];
        let newly = (0..now.len()).find(|form| now[*form] && !earlier[*form]);
        (now, newly.or(last))
    });
    let said = |did: &'static str, then: &'static str| {
        view! {
            <Banner tone=Tone::Ok>
                <b>{did}</b>
                {then}
            </Banner>
        }
    };
    move || match last.get().1 {
        Some(0) => Some(said("Your password was changed.", " You’re now signed out everywhere else.")),
        Some(1) => Some(said("Your password was set.", " You’re now signed out everywhere else.")),
        Some(_) => Some(said("The account was disconnected.", " It no longer signs you in.")),
        None => None,
    }
}

/// That an account was connected, or that the person has confirmed that it is them and can connect one now.
fn notice(methods: &SignInMethods, connected: &str, connect: &str) -> Option<AnyView> {
    let find =
        |name: &str| methods.providers.iter().find(|method| method.is_configured && method.provider.name == name);
    if let Some(method) = find(connected).filter(|method| method.connected.is_some()) {
        let text = format!("{} is connected.", method.provider.label);
        return Some(view! { <Banner tone=Tone::Ok><b>{text}</b>" You can now sign in with it."</Banner> }.into_any());
    }
    let method = find(connect).filter(|method| methods.is_proved && method.connected.is_none())?;
    let (href, label) = (links::provider(connect, "connect", None), format!("Connect {}", method.provider.label));
    let action = move || view! { <a class="btn sm" href=href rel="external">{label}</a> };
    Some(view! { <Banner tone=Tone::Ok action>"Thanks, that’s confirmed."</Banner> }.into_any())
}

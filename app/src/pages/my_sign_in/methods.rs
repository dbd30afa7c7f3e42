//! The list of sign-in methods: the password, and a row for each provider with *Connect* or *Disconnect*.

use leptos::prelude::*;
use model::sign_in::{ConnectedAccount, PasswordMethod, ProviderMethod, SignInMethods};
use ui::prelude::*;

use super::server::DisconnectProvider;
use crate::{
    form::{FormErrorBanner, FormState},
    links,
};

/// The card with the list.
#[component]
pub fn Methods(methods: SignInMethods, action: ServerAction<DisconnectProvider>, form: FormState) -> impl IntoView {
    let (in_use, is_proved) = (methods.in_use(), methods.is_proved);
    let has_providers = !methods.providers.is_empty();
    let end = move || view! { <span class="small t3">{format!("{in_use} in use")}</span> };
    let hint = has_providers.then(|| {
        view! {
            <p class="hint">
                "An account elsewhere with your email address doesn’t sign you in here. To use it, connect it while you’re signed in."
            </p>
        }
    });
    let row = move |method| provider_row(method, in_use, is_proved, action, form);
    view! {
        <Card title="Sign-in methods" look=CardLook::Roomy end>
            <div class="stack">
                <FormErrorBanner form />
                <List label="Sign-in methods">
                    {password_row(methods.password)}
                    {methods.providers.into_iter().map(row).collect_view()}
                </List>
                {hint}
            </div>
        </Card>
    }
}

fn password_row(password: Option<PasswordMethod>) -> AnyView {
    let clock = expect_context::<Signal<Clock>>();
    let meta = match password {
        Some(PasswordMethod { address, changed }) => view! {
            <span class="cut">{address}</span>
            <span>"Changed " <PastTime at=changed clock /></span>
        }
        .into_any(),
        None => view! { <span>"Not set"</span> }.into_any(),
    };
    method_row(Icon::Lock, "Password".to_owned(), meta, ().into_any())
}

fn provider_row(
    method: ProviderMethod,
    in_use: usize,
    is_proved: bool,
    action: ServerAction<DisconnectProvider>,
    form: FormState,
) -> AnyView {
    let ProviderMethod { provider, host, connected, is_configured } = method;
    let icon = Icon::of_provider(provider.icon);
    let Some(account) = connected else {
        let meta = view! { <span class="cut">{format!("Not connected, signs in at {host}")}</span> }.into_any();
        let label = format!("Connect {}", provider.label);
        // Only the first leads away from this site's pages.
        let (href, rel) = if is_proved {
            (links::provider(&provider.name, "connect", None), Some("external"))
        } else {
            (links::confirm_to_connect(&provider.name), None)
        };
        let connect = view! {
            <a class="btn sm" href=href rel=rel aria-label=label>
                <Glyph icon=Icon::Link />
                "Connect"
            </a>
        };
        return method_row(icon, provider.label, meta, connect.into_any());
    };
    let is_last = is_configured && in_use == 1;
    let meta = account_meta(&account, is_configured);
    let label = format!("Disconnect {}", provider.label);
    let disconnect = view! {
        <ActionForm action>
            <input type="hidden" name="id" value=account.id.to_string() />
            <Button size=ButtonSize::Small submit=true disabled=is_last busy=form.is_pending() attr:aria-label=label>
                "Disconnect"
            </Button>
        </ActionForm>
    };
    let row = method_row(icon, provider.label, meta, disconnect.into_any());
    let why = is_last.then(|| view! { <li class="row why">{ONLY_METHOD}</li> });
    view! { {row} {why} }.into_any()
}

/// Why the last method can't be disconnected; the server says the same.
const ONLY_METHOD: &str = "Your only sign-in method. Add another before you disconnect it.";

fn account_meta(account: &ConnectedAccount, is_configured: bool) -> AnyView {
    let clock = expect_context::<Signal<Clock>>();
    let label = account.label.clone().map(|label| view! { <span class="cut">{label}</span> });
    let used = match (is_configured, account.last_used) {
        (false, _) => view! { <span>"Not available on this server any more"</span> }.into_any(),
        (true, Some(at)) => view! { <span>"Used " <PastTime at clock /></span> }.into_any(),
        (true, None) => {
            let at = account.connected;
            view! { <span>"Connected " <PastTime at clock /></span> }.into_any()
        }
    };
    view! { {label} {used} }.into_any()
}

fn method_row(icon: Icon, name: String, meta: AnyView, button: AnyView) -> AnyView {
    view! {
        <Row columns=Columns::SignInMethods two=true>
            <span class="prov">
                <Glyph icon />
            </span>
            <div class="cut">
                <div class="name">{name}</div>
                <div class="meta">{meta}</div>
            </div>
            {button}
        </Row>
    }
    .into_any()
}

//! The forms that change a password, and that set one for a person who has none.

use leptos::prelude::*;
use ui::prelude::*;

use super::server::{ChangePassword, SetPassword};
use crate::form::{FormErrorBanner, FormState};

/// Changes the password.
#[component]
pub fn ChangePasswordForm(address: String, action: ServerAction<ChangePassword>, form: FormState) -> impl IntoView {
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| {
        if form.succeeded().get() {
            current.set(String::new());
            new.set(String::new());
        }
    });
    view! {
        <Card title="Change your password" look=CardLook::Roomy>
            <ActionForm action>
                <div class="stack">
                    <FormErrorBanner form />
                    {account_name(address)}
                    <div class="w-m">
                        <PasswordField
                            label="Current password"
                            name="current"
                            bind=current
                            error=form.field_error("current")
                            autocomplete="current-password"
                        />
                    </div>
                    {new_password(new, form)}
                    <p class="small t3">"This signs you out everywhere else."</p>
                    <div>
                        <Button kind=ButtonKind::Primary submit=true busy=form.is_pending()>
                            "Change password"
                        </Button>
                    </div>
                </div>
            </ActionForm>
        </Card>
    }
}

/// Sets the first password. Asks for an address if the person has none.
#[component]
pub fn SetPasswordForm(address: Option<String>, action: ServerAction<SetPassword>, form: FormState) -> impl IntoView {
    let email = match address {
        Some(address) => account_name(address),
        None => view! {
            <div class="w-m">
                <TextField
                    label="Email"
                    name="email"
                    kind=InputKind::Email
                    value=form.typed("email").unwrap_or_default()
                    error=form.field_error("email")
                    autocomplete="username"
                />
            </div>
        }
        .into_any(),
    };
    view! {
        <Card title="Set a password" look=CardLook::Roomy>
            <ActionForm action>
                <div class="stack">
                    <FormErrorBanner form />
                    {email}
                    {new_password(RwSignal::new(String::new()), form)}
                    <p class="small t3">"You can then also sign in with your email and this password."</p>
                    <div>
                        <Button kind=ButtonKind::Primary submit=true busy=form.is_pending()>
                            "Set password"
                        </Button>
                    </div>
                </div>
            </ActionForm>
        </Card>
    }
}

/// Password managers need the name of the account.
fn account_name(address: String) -> AnyView {
    view! {
        <input
            type="text"
            class="sr"
            name="username"
            autocomplete="username"
            value=address
            tabindex="-1"
            aria-hidden="true"
            readonly
        />
    }
    .into_any()
}

fn new_password(bind: RwSignal<String>, form: FormState) -> AnyView {
    view! {
        <div class="w-m">
            <PasswordField
                label="New password"
                name="new"
                bind
                hint=Signal::stored(Some("At least 10 characters; a sentence works well.".to_owned()))
                error=form.field_error("new")
                autocomplete="new-password"
            />
        </div>
    }
    .into_any()
}

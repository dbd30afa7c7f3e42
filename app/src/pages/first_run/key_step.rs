//! The step that signs a client in. A key is created in this step, and the commands then contain it.

use leptos::{context::Provider, html, prelude::*};
use model::{
    api_key::{DEFAULT_LIFETIME, MAX_NAME_CHARACTERS},
    workspace::MeWorkspace,
};
use ui::prelude::*;
use wasm_bindgen::JsCast;

use crate::{
    connect::{Commands, YOUR_KEY},
    form::{FormErrorBanner, FormState, max_length},
    layout::Frame,
    pages::{
        api_keys::{CreateKey, CreatedKey, lifetime::DAY},
        connecting::{command_lines, other_ways},
    },
};

/// The name that the form proposes for a key.
const PROPOSED_NAME: &str = "laptop";

/// The key that a person creates on this page. Only the page has its secret, so leaving the page drops it.
#[derive(Clone, Copy)]
pub struct NewKey {
    action: ServerAction<CreateKey>,
    form: FormState,
    copied: RwSignal<bool>,
}

impl NewKey {
    /// Call it at the top of the page, as [`FormState::of`].
    pub fn new() -> Self {
        let action = ServerAction::<CreateKey>::new();
        Self { action, form: FormState::of(action), copied: RwSignal::new(false) }
    }

    /// Whether leaving the page would lose a key that no command with it was copied of.
    pub fn would_be_lost(self) -> Signal<bool> {
        Signal::derive(move || self.with(|created| created.is_some()) && !self.copied.get())
    }

    fn with<T>(self, read: impl Fn(Option<&CreatedKey>) -> T) -> T {
        self.action.value().with(|value| match value {
            Some(Ok(Ok(created))) => read(Some(created)),
            _ => read(None),
        })
    }
}

/// The step: the form for a key, and below it the commands.
#[component]
pub fn KeyStep(workspace: MeWorkspace, new_key: NewKey, called: Signal<Option<String>>) -> impl IntoView {
    let target = StoredValue::new((expect_context::<Frame>().public_url, workspace));
    let key = Memo::new(move |_| {
        new_key
            .with(|created| created.map_or_else(|| YOUR_KEY.to_owned(), |created| created.secret.clone().into_text()))
    });
    let sign_in = move |key: &str| {
        target.with_value(|(url, workspace)| command_lines(Commands::new(url, key).sign_in(Some(workspace)), key))
    };
    let commands = Signal::derive(move || key.with(|key| sign_in(key)));
    let other_ways =
        move |key: &str| target.with_value(|(url, workspace)| other_ways(Commands::new(url, key), Some(workspace)));
    let others = move || move || key.with(|key| other_ways(key));
    let is_created = Memo::new(move |_| new_key.with(|created| created.is_some()));
    let hint = move || {
        move || (!is_created.get()).then(|| view! { "Create a key and paste it in place of " <code>{YOUR_KEY}</code> })
    };
    let on_copy = OnCopy(Callback::new(move |()| new_key.copied.set(is_created.get_untracked())));
    let before = move || view! { <KeyForm new_key is_created /> };
    view! {
        <Provider value=on_copy>
            <CommandStep number=2 title="Sign in" commands hint before more=others done=called />
        </Provider>
    }
    .into_any()
}

/// The form, until the key is created; then what the person has to know about it.
#[component]
fn KeyForm(new_key: NewKey, is_created: Memo<bool>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let status = NodeRef::<html::Div>::new();
    // A form that is sent before hydration could not show the key.
    let ready = RwSignal::new(false);
    Effect::new(move |was_created: Option<bool>| {
        ready.set(true);
        let is_created = is_created.get();
        if is_created && was_created == Some(false) {
            focus_copy_button(status);
        }
        is_created
    });
    let sentence = move || {
        new_key.with(|created| {
            created.map(|CreatedKey { key, .. }| {
                let expiry =
                    key.expires.map(|end| format!(" It expires on {}.", short_date_time(end, clock.get_untracked())));
                format!(
                    "Key {} created. It’s shown only in these commands, so copy them now.{}",
                    key.name,
                    expiry.unwrap_or_default()
                )
            })
        })
    };
    let form = move || {
        let NewKey { action, form, .. } = new_key;
        (!is_created.get()).then(|| {
            view! {
                <ActionForm action>
                    <FormErrorBanner form />
                    <div class="keyform">
                        <TextField
                            label="Key name"
                            name="name"
                            value=PROPOSED_NAME
                            error=form.field_error("name")
                            autocomplete="off"
                            max=max_length(MAX_NAME_CHARACTERS)
                        />
                        <input type="hidden" name="expires" value=(DEFAULT_LIFETIME.micros() / DAY).to_string() />
                        <Button
                            kind=ButtonKind::Primary
                            icon=Icon::Key
                            submit=true
                            busy=form.is_pending()
                            disabled=Signal::derive(move || !ready.get())
                        >
                            "Create key"
                        </Button>
                    </div>
                </ActionForm>
            }
        })
    };
    view! {
        <div class="scripted">
            <div role="status" class="t2 ui" node_ref=status>
                {sentence}
            </div>
            {form}
        </div>
        <p class="small t3 unscripted">"Creating a key needs JavaScript."</p>
    }
    .into_any()
}

/// Focuses the button that copies the commands, since the button that had the focus is removed.
fn focus_copy_button(status: NodeRef<html::Div>) {
    request_animation_frame(move || {
        let step = status.try_get_untracked().flatten().and_then(|status| status.closest("li").ok().flatten());
        let button = step.and_then(|step| step.query_selector(".copyf > button").ok().flatten());
        if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Without the focus the button still works.
            let _ = button.focus();
        }
    });
}

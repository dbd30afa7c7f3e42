//! A new key, shown this once: it lives in the answer that made it and nowhere else in the browser.

use leptos::prelude::*;
use model::workspace::MeWorkspace;
use ui::prelude::*;

use super::server::NewKey;
use crate::pages::connecting::Connect;

/// The dialog, which stays until somebody says that the key is stored. `on_close` drops the key.
#[component]
pub fn ShownOnceDialog(new: NewKey, on_close: Callback<()>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let NewKey { secret, key, workspaces } = new;
    let open = RwSignal::new(true);
    let stored = RwSignal::new(false);
    let held = Signal::derive(move || !stored.get());
    let sub = match key.expires {
        Some(end) => format!("{}, expires on {}", key.name, date(end, clock.get_untracked())),
        None => format!("{}, never expires", key.name),
    };
    let foot = move || {
        view! {
            <div class="grow">
                <CheckField label="I’ve stored it" name="stored" bind=stored />
            </div>
            <Button kind=ButtonKind::Primary disabled=held on:click=move |_| open.set(false)>
                "Done"
            </Button>
        }
    };
    view! {
        <Dialog id="new-key" open title="Copy your key now" sub icon=Icon::Key held on_close foot>
            <KeyAndCommands secret=secret.clone() workspaces=workspaces.clone() stored />
        </Dialog>
    }
}

#[component]
fn KeyAndCommands(secret: String, workspaces: Vec<MeWorkspace>, stored: RwSignal<bool>) -> impl IntoView {
    // It leads away from the key, so it is no link before that is stored.
    let create = move || {
        if stored.get() {
            view! { <a class="link" href="/workspaces/new">"Create one"</a> }.into_any()
        } else {
            "Create one".into_any()
        }
    };
    let none = workspaces.is_empty().then(|| {
        view! {
            <p class="small t3">
                "You have no workspace yet. " {create} " before the client logs in; keep this key until then."
            </p>
        }
    });
    view! {
        <CopyField value=secret.clone() what="API key" once=true />
        <Banner tone=Tone::Warn>"This is the only time it’s shown. If you lose it, delete it and create another."</Banner>
        <Connect key=secret workspaces />
        {none}
    }
}

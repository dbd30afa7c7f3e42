//! The dialog that shows a new key once: the browser has its secret only in the response that created it.

use leptos::prelude::*;
use model::workspace::MeWorkspace;
use ui::prelude::*;

use super::server::CreatedKey;
use crate::{links, pages::connecting::Connect};

/// The dialog, which stays open until the person confirms that they stored the key. `on_close` must drop the key.
#[component]
pub fn CreatedKeyDialog(created: CreatedKey, on_close: Callback<()>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let CreatedKey { secret, key, workspaces } = created;
    let secret = secret.into_text();
    let open = RwSignal::new(true);
    let stored = RwSignal::new(false);
    let locked = Signal::derive(move || !stored.get());
    let sub = match key.expires {
        Some(end) => format!("{}, expires on {}", key.name, short_date_time(end, clock.get_untracked())),
        None => format!("{}, never expires", key.name),
    };
    let foot = move || {
        view! {
            <div class="grow">
                <CheckField label="I’ve saved the key" name="stored" bind=stored />
            </div>
            <Button kind=ButtonKind::Primary disabled=locked on:click=move |_| open.set(false)>
                "Done"
            </Button>
        }
    };
    view! {
        <Dialog id="new-key" open title="Copy your key now" sub icon=Icon::Key locked on_close foot>
            <KeyAndCommands secret=secret.clone() workspaces=workspaces.clone() stored />
        </Dialog>
    }
}

#[component]
fn KeyAndCommands(secret: String, workspaces: Vec<MeWorkspace>, stored: RwSignal<bool>) -> impl IntoView {
    // A link only after the key is stored, since following it loses the key.
    let create_link = move || {
        if stored.get() {
            view! { <a class="link" href=links::new_workspace_path()>"Create one"</a> }.into_any()
        } else {
            "Create one".into_any()
        }
    };
    let no_workspace = workspaces.is_empty().then(|| {
        view! {
            <p class="small t3">
                "You have no workspace yet. " {create_link} " before you sign in from a client, and keep this key until then."
            </p>
        }
    });
    view! {
        <CopyField value=secret.clone() what="API key" once=true />
        <Banner tone=Tone::Warn>"The key is shown only once. If you lose it, delete it and create a new one."</Banner>
        <Connect key=secret workspaces />
        {no_workspace}
    }
}

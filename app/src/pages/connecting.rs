//! The commands that connect a client, wherever they are shown: in settings, on the help page, for the first run, beside a new key.

use leptos::prelude::*;
use model::workspace::MeWorkspace;
use ui::prelude::*;

use crate::{
    connect::{Commands, Generation, INSTALL, YOUR_KEY, full_handle, keyless},
    layout::Frame,
};

/// The commands. With several workspaces one is chosen above them.
#[component]
pub fn Connect(
    /// The key in the commands, which are one text then. Without one a word stands there to be replaced, where a key is wanted at all.
    #[prop(optional, into)]
    key: Option<String>,
    mut workspaces: Vec<MeWorkspace>,
) -> impl IntoView {
    let frame = expect_context::<Frame>();
    if key.is_none() {
        workspaces.sort_by_key(|workspace| !frame.is_keyless(workspace));
    }
    let chosen = RwSignal::new(0_usize);
    let choices: Vec<_> = workspaces
        .iter()
        .enumerate()
        .map(|(place, workspace)| Choice::new(place.to_string(), full_handle(workspace)))
        .collect();
    let choose = Callback::new(move |place: String| chosen.set(place.parse().unwrap_or_default()));
    // Without scripts the first workspace's commands stand here, and those of each in its own settings.
    let choice = (choices.len() > 1).then(|| {
        view! {
            <div class="scripted">
                <SelectTool label="Workspace to sign in to" name="workspace" choices on_change=choose />
            </div>
        }
    });
    let shown = move || {
        let workspace = workspaces.get(chosen.get());
        match &key {
            Some(key) => everything(Commands::new(&frame.public_url, key), workspace),
            None if workspace.is_some_and(|workspace| frame.is_keyless(workspace)) => without_key(&frame.public_url),
            None => steps(Commands::new(&frame.public_url, YOUR_KEY), workspace),
        }
    };
    view! { {choice} {shown} }
}

fn typed(commands: impl IntoIterator<Item = String>) -> Vec<Line> {
    commands.into_iter().map(Line::Command).collect()
}

fn installed_first(commands: impl IntoIterator<Item = String>) -> Vec<Line> {
    typed(std::iter::once(INSTALL.to_owned()).chain(commands))
}

fn without_key(public_url: &str) -> AnyView {
    view! { <Terminal title="Connect from a shell" lines=installed_first([keyless(public_url)]) /> }.into_any()
}

fn steps(commands: Commands<'_>, workspace: Option<&MeWorkspace>) -> AnyView {
    view! {
        <Terminal title="Sign in from a shell" lines=installed_first(commands.sign_in(workspace)) />
        {other_ways(commands, workspace)}
    }
    .into_any()
}

/// What stands beside the three commands, folded: for the first generation of clients, and by hand for both.
pub fn other_ways(commands: Commands<'_>, workspace: Option<&MeWorkspace>) -> AnyView {
    let first = commands.of(Generation::First);
    view! {
        <details>
            <summary class="small">"Client 2.0, or by hand"</summary>
            <div class="stack snug">
                <Terminal title="By hand, instead of the login" lines=typed([commands.manual(workspace)]) />
                <Terminal title="Client 2.0" lines=typed(first.sign_in(workspace)) />
                <Terminal title="Client 2.0, by hand" lines=typed([first.manual(workspace)]) />
            </div>
        </details>
    }
    .into_any()
}

fn everything(commands: Commands<'_>, workspace: Option<&MeWorkspace>) -> AnyView {
    let first = commands.of(Generation::First);
    view! {
        <Terminal title="Connect a client" lines=installed_first(commands.everything(workspace)) />
        <details>
            <summary class="small">"Client 2.0"</summary>
            <Terminal title="Connect a client 2.0" lines=typed(first.everything(workspace)) />
        </details>
    }
    .into_any()
}

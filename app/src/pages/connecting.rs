//! The commands that connect a client, wherever they are shown: in settings, on the help page, beside a new key.

use leptos::prelude::*;
use model::workspace::MeWorkspace;
use ui::prelude::*;

use crate::connect::{Commands, Generation, YOUR_KEY, full_handle};

/// How much is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ConnectScope {
    /// Install, setting and login; the line by hand can be opened.
    #[default]
    Steps,
    /// All of it in one text.
    Everything,
}

/// The commands. With several workspaces one is chosen above them.
#[component]
pub fn Connect(
    #[prop(into)] public_url: String,
    /// The key in the commands; without one, a word to be replaced.
    #[prop(optional, into)]
    key: Option<String>,
    workspaces: Vec<MeWorkspace>,
    #[prop(optional)] scope: ConnectScope,
) -> impl IntoView {
    let key = key.unwrap_or_else(|| YOUR_KEY.to_owned());
    let chosen = RwSignal::new(0_usize);
    let choices: Vec<_> = workspaces
        .iter()
        .enumerate()
        .map(|(place, workspace)| Choice::new(place.to_string(), full_handle(workspace)))
        .collect();
    let choose = Callback::new(move |place: String| chosen.set(place.parse().unwrap_or_default()));
    let choice = (choices.len() > 1)
        .then(|| view! { <SelectTool label="Workspace to sign in to" name="workspace" choices on_change=choose /> });
    let shown = move || {
        let workspace = workspaces.get(chosen.get());
        let commands = Commands::new(&public_url, &key);
        match scope {
            ConnectScope::Steps => steps(commands, workspace).into_any(),
            ConnectScope::Everything => everything(commands, workspace).into_any(),
        }
    };
    view! { {choice} {shown} }
}

fn typed(commands: impl IntoIterator<Item = String>) -> Vec<Line> {
    commands.into_iter().map(Line::Command).collect()
}

fn steps(commands: Commands<'_>, workspace: Option<&MeWorkspace>) -> impl IntoView + use<> {
    let first = commands.of(Generation::First);
    let by_hand = workspace.map(|workspace| {
        view! { <Terminal title="By hand, instead of the login" lines=typed([commands.manual(workspace)]) /> }
    });
    view! {
        <Terminal title="Sign in from a shell" lines=typed(commands.steps(workspace)) />
        <details>
            <summary class="small">"Client 2.0, or by hand"</summary>
            <div class="stack snug">
                {by_hand}
                <Terminal title="Client 2.0" lines=typed(first.everything(workspace).into_iter().skip(1)) />
            </div>
        </details>
    }
}

fn everything(commands: Commands<'_>, workspace: Option<&MeWorkspace>) -> impl IntoView + use<> {
    let first = commands.of(Generation::First);
    view! {
        <Terminal title="Connect a client" lines=typed(commands.everything(workspace)) />
        <details>
            <summary class="small">"Client 2.0"</summary>
            <Terminal title="Connect a client 2.0" lines=typed(first.everything(workspace).into_iter().skip(1)) />
        </details>
    }
}

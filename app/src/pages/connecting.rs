//! The commands that connect a client, wherever they are shown: in settings, on the help page, for the first run, beside a new key.

use leptos::prelude::*;
use model::workspace::MeWorkspace;
use ui::prelude::*;

use crate::connect::{Commands, Generation, INSTALL, YOUR_KEY, full_handle};

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
        let commands = Commands::new(&public_url, &key);
        match scope {
            ConnectScope::Steps => steps(commands, workspace),
            ConnectScope::Everything => everything(commands, workspace),
        }
    };
    view! { {choice} {shown} }
}

fn typed(commands: impl IntoIterator<Item = String>) -> Vec<Line> {
    commands.into_iter().map(Line::Command).collect()
}

fn installed_first(commands: Vec<String>) -> Vec<Line> {
    typed(std::iter::once(INSTALL.to_owned()).chain(commands))
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

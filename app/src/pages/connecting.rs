//! The commands that connect a client, as shown in the settings, on the help page, on the first-run page and with a new key.

use leptos::prelude::*;
use model::workspace::MeWorkspace;
use ui::prelude::*;

use crate::{
    connect::{Commands, Generation, INSTALL, YOUR_KEY, full_handle, keyless},
    layout::Frame,
};

/// The commands. If there are several workspaces, a menu above the commands selects one.
#[component]
pub fn Connect(
    /// The key in the commands, which are then shown as one text. Without a key the commands contain a placeholder, if they need one.
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
        .map(|(index, workspace)| Choice::new(index.to_string(), full_handle(workspace)))
        .collect();
    let choose = Callback::new(move |index: String| chosen.set(index.parse().unwrap_or_default()));
    // Without scripts this shows the first workspace's commands; those of the others are in their settings.
    let choice = (choices.len() > 1).then(|| {
        view! {
            <div class="scripted">
                <SelectTool label="Workspace to sign in to" name="workspace" choices on_change=choose />
            </div>
        }
    });
    let commands = move || {
        let workspace = workspaces.get(chosen.get());
        match &key {
            Some(key) => all_commands(Commands::new(&frame.public_url, key), workspace),
            None if workspace.is_some_and(|workspace| frame.is_keyless(workspace)) => {
                keyless_commands(&frame.public_url)
            }
            None => sign_in_commands(Commands::new(&frame.public_url, YOUR_KEY), workspace),
        }
    };
    view! { {choice} {commands} }
}

fn command_lines(commands: impl IntoIterator<Item = String>) -> Vec<Line> {
    commands.into_iter().map(Line::Command).collect()
}

fn with_install(commands: impl IntoIterator<Item = String>) -> Vec<Line> {
    command_lines(std::iter::once(INSTALL.to_owned()).chain(commands))
}

fn keyless_commands(public_url: &str) -> AnyView {
    view! { <Terminal title="Connect from a shell" lines=with_install([keyless(public_url)]) /> }.into_any()
}

fn sign_in_commands(commands: Commands<'_>, workspace: Option<&MeWorkspace>) -> AnyView {
    view! {
        <Terminal title="Sign in from a shell" lines=with_install(commands.sign_in(workspace)) />
        {other_ways(commands, workspace)}
    }
    .into_any()
}

/// The collapsed alternatives: commands for the first generation of clients, and without the login for both generations.
pub fn other_ways(commands: Commands<'_>, workspace: Option<&MeWorkspace>) -> AnyView {
    let first = commands.of(Generation::First);
    view! {
        <details>
            <summary class="small">"Client 2.0, or by hand"</summary>
            <div class="stack snug">
                <Terminal title="By hand, instead of the login" lines=command_lines([commands.manual(workspace)]) />
                <Terminal title="Client 2.0" lines=command_lines(first.sign_in(workspace)) />
                <Terminal title="Client 2.0, by hand" lines=command_lines([first.manual(workspace)]) />
            </div>
        </details>
    }
    .into_any()
}

fn all_commands(commands: Commands<'_>, workspace: Option<&MeWorkspace>) -> AnyView {
    let first = commands.of(Generation::First);
    view! {
        <Terminal title="Connect a client" lines=with_install(commands.everything(workspace)) />
        <details>
            <summary class="small">"Client 2.0"</summary>
            <Terminal title="Connect a client 2.0" lines=command_lines(first.everything(workspace)) />
        </details>
    }
    .into_any()
}

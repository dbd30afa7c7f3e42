//! The commands that connect a client, as shown in the settings, on the help page, on the first-run page and with a new key.

use leptos::prelude::*;
use model::workspace::MeWorkspace;
use ui::prelude::*;

use crate::{
    connect::{Commands, Generation, INSTALL, YOUR_KEY, full_handle, keyless, with_short_key},
    layout::Frame,
};

/// The commands. If there are several workspaces, a menu above the commands selects one.
#[component]
pub fn Connect(
    /// The key in the commands, which is shown shortened. Without a key the commands contain a placeholder, if they need one.
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
            <div class="scripted flex">
                // The menu has this name for assistive technology.
                <span class="small t2" aria-hidden="true">
                    "Workspace"
                </span>
                <SelectTool label="Workspace" name="workspace" choices on_change=choose />
            </div>
        }
    });
    let commands = move || {
        let workspace = workspaces.get(chosen.get());
        match &key {
            Some(key) => commands_with_key(Commands::new(&frame.public_url, key), workspace),
            None if workspace.is_some_and(|workspace| frame.is_keyless(workspace)) => {
                keyless_commands(&frame.public_url)
            }
            None => sign_in_commands(Commands::new(&frame.public_url, YOUR_KEY), workspace),
        }
    };
    view! { {choice} {commands} }
}

/// Commands as lines of a terminal. A key in them is shown shortened and copied whole.
pub fn command_lines(commands: impl IntoIterator<Item = String>, key: &str) -> Vec<Line> {
    let line = |text: String| match with_short_key(&text, key) {
        shown if shown == text => Line::Command(text),
        shown => Line::Secret { shown, text },
    };
    commands.into_iter().map(line).collect()
}

fn with_install(commands: impl IntoIterator<Item = String>) -> Vec<Line> {
    command_lines(std::iter::once(INSTALL.to_owned()).chain(commands), YOUR_KEY)
}

fn keyless_commands(public_url: &str) -> AnyView {
    view! { <Terminal title="Connect from a terminal" lines=with_install([keyless(public_url)]) /> }.into_any()
}

fn sign_in_commands(commands: Commands<'_>, workspace: Option<&MeWorkspace>) -> AnyView {
    view! {
        <Terminal title="Sign in from a terminal" lines=with_install(commands.sign_in(workspace)) />
        {other_ways(commands, workspace)}
    }
    .into_any()
}

/// The commands beside a new key.
fn commands_with_key(commands: Commands<'_>, workspace: Option<&MeWorkspace>) -> AnyView {
    view! {
        <Terminal title="Sign in from a terminal" lines=command_lines(commands.sign_in(workspace), commands.key) />
        <p class="small t3">"Not installed yet? Run " <code>{INSTALL}</code> " first."</p>
        {other_ways(commands, workspace)}
    }
    .into_any()
}

/// The collapsed alternatives: commands for the first generation of clients, and without the login for both generations.
///
/// Without a workspace, commands with a key have no manual line: it would contain placeholders, and these commands run unchanged.
pub fn other_ways(commands: Commands<'_>, workspace: Option<&MeWorkspace>) -> AnyView {
    let terminal = |title: &'static str, texts: Vec<String>| {
        view! { <Terminal title lines=command_lines(texts, commands.key) /> }.into_any()
    };
    let first = commands.of(Generation::First);
    let has_manual_line = workspace.is_some() || commands.key == YOUR_KEY;
    let manual =
        |title, commands: Commands<'_>| has_manual_line.then(|| terminal(title, vec![commands.manual(workspace)]));
    view! {
        <details>
            <summary class="small">{if has_manual_line { "Client 2.0 or manual setup" } else { "Client 2.0" }}</summary>
            <div class="stack snug">
                {manual("Manual setup, without prefect cloud login", commands)} {terminal("Client 2.0", first.sign_in(workspace))}
                {manual("Client 2.0, manual setup", first)}
            </div>
        </details>
    }
    .into_any()
}

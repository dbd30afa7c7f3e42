//! The help page: how to connect a client and run a first flow. It is public.

use leptos::{prelude::*, server_fn::codec::Postcard};
use leptos_meta::Title;
use model::workspace::MeWorkspace;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

use super::connecting::Connect;
use crate::{
    connect::{Commands, FIRST_FLOW, FIRST_FLOW_FILE, RUN_FIRST_FLOW, YOUR_KEY},
    error::Error,
    layout::Frame,
    links,
    loaded::{Loaded, resource},
};

/// What the page shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HelpScreen {
    /// The caller's workspaces; none without a sign-in.
    workspaces: Vec<MeWorkspace>,
    shortcuts: Vec<Shortcut>,
}

/// A keyboard shortcut: one key, or two after each other, and what they do.
pub type Shortcut = (String, String, String);

/// Reads what the page shows.
#[server(prefix = "/ui", endpoint = "help", output = Postcard)]
pub async fn read_help() -> Result<HelpScreen, Error> {
    let context = crate::context::RequestContext::current()?;
    let workspaces = match context.optional_caller().await? {
        Some(caller) => control::workspace::me_workspaces(&context.cx, caller).await?,
        None => Vec::new(),
    };
    Ok(HelpScreen { workspaces, shortcuts: shortcuts() })
}

/// The shortcuts, as the script lists them.
#[cfg(feature = "ssr")]
fn shortcuts() -> Vec<Shortcut> {
    let script = include_str!("../../scripts/shortcuts.js");
    let lines = script.lines().skip_while(|line| *line != "const HELP = [").skip(1).take_while(|line| *line != "];");
    lines.filter_map(|line| serde_json::from_str(line.trim().trim_end_matches(',')).ok()).collect()
}

/// The page.
#[component]
pub fn HelpPage() -> impl IntoView {
    let screen = resource(|| (), |()| read_help());
    let steps = if expect_context::<Frame>().local { "two" } else { "three" };
    view! {
        <Title text="Help" />
        <TopBar crumbs=vec![Crumb::current("Help")] />
        <Page>
            <PageHead title="Help" sub=format!("Install Prefect, connect it and see your first run in {steps} steps.") />
            <Loaded data=screen subject="the commands" let(screen)>
                <div class="helpg">
                    <HelpSteps workspaces=screen.workspaces />
                    <aside class="stack" aria-label="More help">
                        <Troubleshooting />
                        <Shortcuts shortcuts=screen.shortcuts />
                    </aside>
                </div>
            </Loaded>
        </Page>
    }
    .into_any()
}

#[component]
fn Step(number: u32, title: &'static str, #[prop(into)] text: ViewFnOnce, children: Children) -> impl IntoView {
    view! {
        <section class="card roomy hstep">
            <span class="stepn" aria-hidden="true">
                {number}
            </span>
            <div class="stack snug">
                <div>
                    <h2>{title}</h2>
                    <p class="t2 ui">{text.run()}</p>
                </div>
                {children()}
            </div>
        </section>
    }
}

#[component]
fn HelpSteps(workspaces: Vec<MeWorkspace>) -> impl IntoView {
    let first = workspaces.first().cloned();
    let frame = expect_context::<Frame>();
    // In local mode the built-in workspace needs no key; the step is left out unless there are other workspaces.
    let is_keyless = frame.local && workspaces.iter().all(|workspace| frame.is_keyless(workspace));
    let keys = (!is_keyless).then(|| view! { <KeysStep workspace=first /> });
    view! {
        <div class="stack">
            <Step number=1 title="Connect a client" text=|| "Do this on the machine that runs your flows. Your code stays there; Provost receives only what the client reports, such as states, logs, parameters and artifacts.">
                <Connect workspaces />
            </Step>
            <Step
                number=2
                title="Run a flow"
                text=|| view! { "Save this code as " <code>{FIRST_FLOW_FILE}</code> " and run it. The run appears in Flow runs while it’s running." }
            >
                <Terminal title=FIRST_FLOW_FILE lines=Line::code(FIRST_FLOW) />
                <Terminal title="Terminal" lines=vec![Line::Command(RUN_FIRST_FLOW.to_owned())] />
            </Step>
            {keys}
        </div>
    }
}

#[component]
fn KeysStep(workspace: Option<MeWorkspace>) -> impl IntoView {
    let frame = expect_context::<Frame>();
    let command = Commands::new(&frame.public_url, YOUR_KEY).login(workspace.as_ref());
    let (href, label) = if frame.person.is_some() {
        (links::api_keys_path().to_owned(), "API keys")
    } else {
        (links::sign_in(Some(links::api_keys_path())), "Sign in to create a key")
    };
    view! {
        <Step
            number=3
            title="Create keys for machines"
            text=|| "Give each server its own key, so you can revoke one without the others."
        >
            <div class="flex wrap">
                <LinkButton href icon=Icon::Key>
                    {label}
                </LinkButton>
            </div>
            <Terminal title="On the machine" lines=vec![Line::Command(command)] />
        </Step>
    }
}

/// Problems where clients sign in with keys, and their causes.
const PROBLEMS_WITH_KEYS: &[(&str, &str)] = &[
    ("401, or “invalid key”", "The key has expired or was deleted. Create another in API keys."),
    ("The browser opens app.prefect.cloud", "Run the second command of step 1. It points the client to this server."),
    (
        "The browser opens, then nothing happens",
        "Sign in with a key, as in step 1. Provost can’t approve sign-ins in the browser yet.",
    ),
    ("Runs arrive but events don’t", "Version 3 clients send events only with the step 1 setting."),
];

/// Problems in local mode, and their causes.
const PROBLEMS_WITHOUT_KEYS: &[(&str, &str)] =
    &[("The run isn’t in Flow runs", "Run the second command of step 1. Without it, runs stay on your machine.")];

#[component]
fn Troubleshooting() -> impl IntoView {
    let problems = if expect_context::<Frame>().local { PROBLEMS_WITHOUT_KEYS } else { PROBLEMS_WITH_KEYS };
    let problems = problems.iter().map(|(symptom, cause)| view! { <p><b>{*symptom}</b>{*cause}</p> }).collect_view();
    view! {
        <Card title="Can’t connect?">
            <div class="faq">{problems}</div>
        </Card>
    }
}

/// The keyboard shortcuts, which need scripts. Phones have no keyboard.
#[component]
fn Shortcuts(shortcuts: Vec<Shortcut>) -> impl IntoView {
    let key = |key: String| (!key.is_empty()).then(|| view! { <kbd>{key}</kbd> " " });
    let lines = shortcuts.into_iter().map(|(first, second, text)| {
        view! {
            <dt>{key(first)} {key(second)}</dt>
            <dd>{text}</dd>
        }
    });
    let lines = lines.collect_view();
    view! {
        <div class="scripted hide-s">
            <Card title="Keyboard shortcuts">
                <div class="stack snug">
                    <dl class="keys">{lines}</dl>
                    <p class="small t3">"Press " <kbd>"?"</kbd> " to see them on any page, and to turn them off."</p>
                </div>
            </Card>
        </div>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::shortcuts;

    #[test]
    fn every_shortcut_of_the_script_is_listed() {
        let script = include_str!("../../scripts/shortcuts.js");
        let shortcuts = shortcuts();
        let lines = script.lines().filter(|line| line.starts_with("    [\"")).count();
        assert_eq!(shortcuts.len(), lines);
        assert!(shortcuts.iter().any(|(first, second, _)| (&**first, &**second) == ("g", "r")));
        assert!(shortcuts.iter().all(|(first, _, text)| !first.is_empty() && !text.is_empty()));
    }
}

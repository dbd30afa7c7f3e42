//! The steps. Each collapses to one line, which can be opened again, once it is done.

use leptos::prelude::*;
use model::{screen::FirstRunProgress, workspace::MeWorkspace};
use ui::prelude::*;

use crate::{
    connect::{Commands, FIRST_FLOW, FIRST_FLOW_FILE, INSTALL, RUN_FIRST_FLOW, YOUR_KEY, first_flow_link, keyless},
    layout::{CurrentWorkspace, Frame},
    links,
    pages::connecting::other_ways,
};

/// Install, connect, run.
#[component]
pub fn FirstRunSteps(progress: RwSignal<FirstRunProgress>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let called = Signal::derive(move || {
        progress
            .with(|progress| progress.called.map(|at| format!("a client called, {}", relative_past(at, clock.get()))))
    });
    let installed = Signal::derive(move || called.get().map(|_| "a client is there".to_owned()));
    let ran = Signal::derive(move || {
        progress.with(|progress| progress.run.as_ref().map(|run| format!("{} / {}", run.flow, run.name)))
    });
    let file = || {
        view! {
            <a class="link" href=first_flow_link() download=FIRST_FLOW_FILE>
                "Download "
                {FIRST_FLOW_FILE}
            </a>
            " or save the lines below as it"
        }
    };
    let flow = || view! { <Terminal title=FIRST_FLOW_FILE lines=Line::code(FIRST_FLOW) /> };
    view! {
        <CommandSteps>
            <CommandStep number=1 title="Install" commands=vec![INSTALL.to_owned()] done=installed />
            <ConnectStep called />
            <CommandStep number=3 title="Run" commands=vec![RUN_FIRST_FLOW.to_owned()] hint=file more=flow done=ran />
        </CommandSteps>
    }
    .into_any()
}

/// The second step: with a key, or in local mode without.
#[component]
fn ConnectStep(called: Signal<Option<String>>) -> impl IntoView {
    let (frame, current) = (expect_context::<Frame>(), CurrentWorkspace::expect());
    let workspace = MeWorkspace::new(&current.account, &current.workspace);
    if frame.is_keyless(&workspace) {
        let commands = vec![keyless(&frame.public_url)];
        return view! { <CommandStep number=2 title="Connect" commands done=called /> }.into_any();
    }
    let commands = Commands::new(&frame.public_url, YOUR_KEY).sign_in(Some(&workspace));
    let others = move || other_ways(Commands::new(&frame.public_url, YOUR_KEY), Some(&workspace));
    let key = || {
        view! {
            "with a key of yours in place of " <code>{YOUR_KEY}</code> ": "
            <a class="link" href=links::api_keys_path()>
                "API keys"
            </a>
        }
    };
    view! { <CommandStep number=2 title="Sign in" commands hint=key more=others done=called /> }.into_any()
}

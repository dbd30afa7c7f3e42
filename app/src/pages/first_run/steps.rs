//! The steps. Each collapses to one line, which can be opened again, once it is done.

use leptos::prelude::*;
use model::{screen::FirstRunProgress, workspace::MeWorkspace};
use ui::prelude::*;

use super::key_step::{KeyStep, NewKey};
use crate::{
    connect::{FIRST_FLOW, FIRST_FLOW_FILE, INSTALL, RUN_FIRST_FLOW, first_flow_link, keyless},
    layout::{CurrentWorkspace, Frame},
};

/// Install, connect, run.
#[component]
pub fn FirstRunSteps(progress: RwSignal<FirstRunProgress>, new_key: NewKey) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let called = Signal::derive(move || {
        progress
            .with(|progress| progress.called.map(|at| format!("client connected {}", relative_past(at, clock.get()))))
    });
    let installed = Signal::derive(move || called.get().map(|_| "client connected".to_owned()));
    let ran = Signal::derive(move || {
        progress.with(|progress| progress.run.as_ref().map(|run| format!("{} / {}", run.flow, run.name)))
    });
    let file = || {
        view! {
            <a class="link" href=first_flow_link() download=FIRST_FLOW_FILE>
                "Download "
                {FIRST_FLOW_FILE}
            </a>
            ", or save this file"
        }
    };
    let commands = |command: &str| Signal::stored(vec![Line::Command(command.to_owned())]);
    let flow = || view! { <Terminal title=FIRST_FLOW_FILE lines=Line::code(FIRST_FLOW) /> };
    view! {
        <CommandSteps>
            <CommandStep number=1 title="Install" commands=commands(INSTALL) done=installed />
            <ConnectStep called new_key />
            <CommandStep number=3 title="Run" commands=commands(RUN_FIRST_FLOW) hint=file more=flow done=ran />
        </CommandSteps>
    }
    .into_any()
}

/// The second step: with a key, or in local mode without.
#[component]
fn ConnectStep(called: Signal<Option<String>>, new_key: NewKey) -> impl IntoView {
    let (frame, current) = (expect_context::<Frame>(), CurrentWorkspace::expect());
    let workspace = MeWorkspace::new(&current.account, &current.workspace);
    if frame.is_keyless(&workspace) {
        let commands = Signal::stored(vec![Line::Command(keyless(&frame.public_url))]);
        return view! { <CommandStep number=2 title="Connect" commands done=called /> }.into_any();
    }
    view! { <KeyStep workspace new_key called /> }.into_any()
}

//! The steps, each folding to one line once it was noticed.

use leptos::prelude::*;
use model::{screen::FirstRunProgress, workspace::MeWorkspace};
use ui::prelude::*;

use crate::{
    connect::{Commands, FIRST_FLOW, FIRST_FLOW_FILE, RUN_FIRST_FLOW, YOUR_KEY},
    layout::{Frame, Here},
};

/// Install, sign in, run.
#[component]
pub fn Steps(progress: RwSignal<FirstRunProgress>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let (frame, here) = (expect_context::<Frame>(), Here::expect());
    let workspace = MeWorkspace::new(&here.account, &here.workspace);
    let commands = Commands::new(&frame.public_url, YOUR_KEY);
    let (install, sign_in) = (vec![commands.install()], vec![commands.setting(), commands.login(Some(&workspace))]);
    let called = Signal::derive(move || {
        progress.with(|progress| progress.called.map(|at| format!("a client called, {}", passed(at, clock.get()))))
    });
    let installed = Signal::derive(move || called.get().map(|_| "a client is there".to_owned()));
    let ran = Signal::derive(move || {
        progress.with(|progress| progress.run.as_ref().map(|run| format!("{} / {}", run.flow, run.name)))
    });
    let key = || {
        view! {
            "with a key of yours in place of " <code>{YOUR_KEY}</code> ": "
            <a class="link" href="/my/api-keys">
                "API keys"
            </a>
        }
    };
    let file = || view! { "save the lines below as " <code>{FIRST_FLOW_FILE}</code> };
    view! {
        <CommandSteps>
            <CommandStep number=1 title="Install" commands=install noticed=installed />
            <CommandStep
                number=2
                title="Sign in"
                commands=sign_in
                note=key
                noticed=called
            />
            <CommandStep number=3 title="Run" commands=vec![RUN_FIRST_FLOW.to_owned()] note=file noticed=ran />
        </CommandSteps>
        {move || {
            ran.get().is_none().then(|| {
                view! {
                    <div class="bd">
                        <Terminal title=FIRST_FLOW_FILE lines=Line::code(FIRST_FLOW) />
                    </div>
                }
            })
        }}
    }
    .into_any()
}

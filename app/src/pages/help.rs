//! From nothing to a run: the same commands as elsewhere, for whoever isn't signed in too.

use leptos::{prelude::*, server_fn::codec::Postcard};
use leptos_meta::Title;
use model::workspace::MeWorkspace;
use ui::prelude::*;

use super::connecting::Connect;
use crate::{
    connect::{Commands, FIRST_FLOW, FIRST_FLOW_FILE, RUN_FIRST_FLOW, YOUR_KEY},
    error::Error,
    layout::Frame,
    links,
    loaded::{Loaded, resource},
};

/// The workspaces of whoever asks; none of somebody who isn't signed in.
#[server(prefix = "/ui", endpoint = "help", output = Postcard)]
pub async fn read_help() -> Result<Vec<MeWorkspace>, Error> {
    let visit = crate::context::Visit::now()?;
    match visit.caller_if_any().await? {
        Some(caller) => Ok(control::workspace::me_workspaces(&visit.cx, caller).await?),
        None => Ok(Vec::new()),
    }
}

/// The page.
#[component]
pub fn HelpPage() -> impl IntoView {
    let workspaces = resource(|| (), |()| read_help());
    view! {
        <Title text="Help" />
        <TopBar crumbs=vec![Crumb::here("Help")] />
        <Page>
            <PageHead title="Help" sub="From nothing to a run on the page, in three steps." />
            <Loaded data=workspaces what="the commands" let(workspaces)>
                <div class="helpg">
                    <Steps workspaces />
                    <Aside />
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
fn Steps(workspaces: Vec<MeWorkspace>) -> impl IntoView {
    let frame = expect_context::<Frame>();
    let on_the_machine = Commands::new(&frame.public_url, YOUR_KEY).login(workspaces.first());
    let key = if frame.person.is_some() {
        view! {
            <LinkButton href="/my/api-keys" icon=Icon::Key>
                "API keys"
            </LinkButton>
        }
    } else {
        view! {
            <LinkButton href=links::sign_in(Some("/my/api-keys")) icon=Icon::Key>
                "Sign in to create a key"
            </LinkButton>
        }
    };
    view! {
        <div class="stack">
            <Step number=1 title="Connect a client" text=|| "Where your flows live. They stay there; only their states and logs come here.">
                <Connect public_url=frame.public_url.clone() workspaces />
            </Step>
            <Step
                number=2
                title="Run a flow"
                text=|| view! { "Save it as " <code>{FIRST_FLOW_FILE}</code> " and run it. The run shows up in Flow runs while it works." }
            >
                <Terminal title=FIRST_FLOW_FILE lines=Line::code(FIRST_FLOW) />
                <Terminal title="Shell" lines=vec![Line::Command(RUN_FIRST_FLOW.to_owned())] />
            </Step>
            <Step
                number=3
                title="Make keys for machines"
                text=|| "Servers and CI get keys of their own, so that you can end one without the others."
            >
                <div class="flex wrap">{key}</div>
                <Terminal title="On the machine" lines=vec![Line::Command(on_the_machine)] />
            </Step>
        </div>
    }
}

#[component]
fn Aside() -> impl IntoView {
    view! {
        <aside class="stack" aria-label="More help">
            <section class="card">
                <div class="hd">
                    <h2>"Doesn’t connect?"</h2>
                </div>
                <div class="bd faq">
                    <p>
                        <b>"401, or “invalid key”"</b>
                        "The key has expired or was deleted. Create another in API keys."
                    </p>
                    <p>
                        <b>"It opens app.prefect.cloud"</b>
                        "The second line of step 1 is missing: it points the client here."
                    </p>
                    <p>
                        <b>"The browser opens, then nothing happens"</b>
                        "Log in with a key, as in step 1. This server can’t answer the terminal from the browser yet."
                    </p>
                    <p>
                        <b>"Runs come, events don’t"</b>
                        "Clients of version 3 send events only if the setting of step 1 is there too."
                    </p>
                </div>
            </section>
        </aside>
    }
}

#![doc = include_str!("../README.md")]
#![expect(clippy::needless_pass_by_value, reason = "props are owned: a view outlives the call that made it")]

pub mod connect;
#[cfg(feature = "ssr")]
pub mod context;
pub mod error;
pub mod form;
pub mod layout;
pub mod links;
pub mod live;
pub mod loaded;
pub mod pages;
pub mod parts;
pub mod postcard_codec;
pub mod response_status;
#[cfg(feature = "ssr")]
mod shell;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};
#[cfg(feature = "ssr")]
pub use shell::{Assets, shell};
use ui::prelude::*;

use crate::{
    layout::{PersonalLayout, PublicLayout, WorkspaceLayout},
    pages::{
        client_links::{BareClientLink, ClientLink},
        not_found::NotFound,
        workspaces::RedirectToRuns,
    },
    parts::{Auth, Help, Keys, Run, Runs, Settings, Workspaces, when_loaded},
};

/// The status or redirect of a page depends on its data, so the page is rendered completely before the response begins.
const SSR_MODE: SsrMode = SsrMode::Async;

/// The whole site, from the router down.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let toasts = Toasts::provide();
    view! {
        <Title formatter=tab_title />
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/sign-in") view=page(|| when_loaded(parts::auth(Auth::SignIn))) ssr=SSR_MODE />
                <Route path=path!("/register") view=page(|| when_loaded(parts::auth(Auth::Register))) ssr=SSR_MODE />
                <Route path=path!("/auth/client") view=page(|| when_loaded(parts::auth(Auth::Client))) ssr=SSR_MODE />
                <ParentRoute path=path!("/help") view=PublicLayout ssr=SSR_MODE>
                    <Route path=path!("") view=page(|| when_loaded(parts::help(Help::Steps))) ssr=SSR_MODE />
                </ParentRoute>
                <ParentRoute path=path!("") view=PersonalLayout ssr=SSR_MODE>
                    <Route path=path!("") view=page(|| when_loaded(parts::workspaces(Workspaces::List))) ssr=SSR_MODE />
                    <Route path=path!("/workspaces/new") view=page(|| when_loaded(parts::workspaces(Workspaces::New))) ssr=SSR_MODE />
                    <Route path=path!("/my/api-keys") view=page(|| when_loaded(parts::keys(Keys::List))) ssr=SSR_MODE />
                    <Route path=path!("/my/sign-in") view=page(|| when_loaded(parts::settings(Settings::MySignIn))) ssr=SSR_MODE />
                    <Route path=path!("/server/services") view=page(|| when_loaded(parts::help(Help::Services))) ssr=SSR_MODE />
                </ParentRoute>
                <ParentRoute path=path!("/account/:account/workspace/:workspace") view=WorkspaceLayout ssr=SSR_MODE>
                    <Route path=path!("") view=RedirectToRuns ssr=SSR_MODE />
                    <Route path=path!("/settings") view=page(|| when_loaded(parts::settings(Settings::Workspace))) ssr=SSR_MODE />
                    <Route path=path!("/runs") view=page(|| when_loaded(parts::runs(Runs::List))) ssr=SSR_MODE />
                    <Route path=path!("/runs/flow-run/:flow_run") view=page(|| when_loaded(parts::run(Run::FlowRun))) ssr=SSR_MODE />
                    <Route path=path!("/first-run") view=page(|| when_loaded(parts::help(Help::FirstRun))) ssr=SSR_MODE />
                    <Route path=path!("/*client_link") view=ClientLink ssr=SSR_MODE />
                </ParentRoute>
                <Route path=path!("/runs/*client_link") view=BareClientLink ssr=SSR_MODE />
                <Route path=path!("/flow-runs/*client_link") view=BareClientLink ssr=SSR_MODE />
                <Route path=path!("/flows/*client_link") view=BareClientLink ssr=SSR_MODE />
                <Route path=path!("/deployments/*client_link") view=BareClientLink ssr=SSR_MODE />
                <Route path=path!("/work-pools/*client_link") view=BareClientLink ssr=SSR_MODE />
                <Route path=path!("/work-queues/*client_link") view=BareClientLink ssr=SSR_MODE />
                <Route path=path!("/blocks/*client_link") view=BareClientLink ssr=SSR_MODE />
                <Route path=path!("/concurrency-limits/*client_link") view=BareClientLink ssr=SSR_MODE />
                <Route path=path!("/automations/*client_link") view=BareClientLink ssr=SSR_MODE />
                <Route path=path!("/events/*client_link") view=BareClientLink ssr=SSR_MODE />
            </Routes>
        </Router>
        <ToastRegion toasts />
    }
}

/// Gives the views of all pages one type, so that the wasm has the router's code for them once.
fn page(view: fn() -> AnyView) -> fn() -> AnyView {
    view
}

/// The title of the browser tab.
fn tab_title(page: String) -> String {
    if page.is_empty() { "Provost".to_owned() } else { escaped_in_document(page) + " · Provost" }
}

/// On the server `leptos_meta` writes the title into the document as it is, and a name in it must not become markup. In the browser the
/// title is set as a text.
fn escaped_in_document(title: String) -> String {
    if cfg!(feature = "ssr") { title.replace('&', "&amp;").replace('<', "&lt;") } else { title }
}

//! The pages: routes, views and server functions, the same on the server and in the browser.
//! Must not know SQL, axum's types or which database stands behind a use case.
//!
//! To add a page: make `pages/<noun>.rs` (or a folder with `detail.rs` and `server.rs`), write one `#[server(prefix = "/ui",
//! endpoint = "…")]` function that fetches what the screen needs (on the server `context::enter::<Permission>(place)` gives `Cx`
//! and the proof for a workspace, `context::visitor()` the caller for what is a person's own), and a component that reads the
//! address ([`links::use_place`], [`links::use_id`], `use_query_map`), makes one [`loaded::resource`] of that function, and renders
//! `Title`, `TopBar`, `Page` and within it [`loaded::Loaded`], which waits and shows errors. Then name it in a part of [`parts`]
//! and its address in [`parts::Part::of`], and add a `Route` below: under `InWorkspace` the page finds [`layout::Here`] (account,
//! workspace, breadcrumb), under every layout [`layout::Frame`] and the ticking `Signal<Clock>` in its context.
//! A form is a `ServerAction` whose function ends with `Visit::answer`, and shows its last try by [`form::LastTry`].

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
pub mod packed;
pub mod pages;
pub mod parts;
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
    layout::{InWorkspace, OpenToAll, OutOfWorkspace},
    pages::{
        not_found::NotFound,
        printed::{Printed, PrintedBare},
        workspaces::ToRuns,
    },
    parts::{Doors, Help, Keys, Run, Runs, Settings, Workspaces, shown},
};

/// Every page answers with its real status or redirect, so it is rendered whole before the answer begins.
const WHOLE: SsrMode = SsrMode::Async;

/// The whole site, from the router down.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let toasts = Toasts::provide();
    view! {
        <Title formatter=titled />
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/sign-in") view=|| shown(parts::doors(Doors::SignIn)) ssr=WHOLE />
                <Route path=path!("/register") view=|| shown(parts::doors(Doors::Register)) ssr=WHOLE />
                <Route path=path!("/auth/client") view=|| shown(parts::doors(Doors::Client)) ssr=WHOLE />
                <ParentRoute path=path!("/help") view=OpenToAll ssr=WHOLE>
                    <Route path=path!("") view=|| shown(parts::help(Help::Steps)) ssr=WHOLE />
                </ParentRoute>
                <ParentRoute path=path!("") view=OutOfWorkspace ssr=WHOLE>
                    <Route path=path!("") view=|| shown(parts::workspaces(Workspaces::List)) ssr=WHOLE />
                    <Route path=path!("/workspaces/new") view=|| shown(parts::workspaces(Workspaces::New)) ssr=WHOLE />
                    <Route path=path!("/my/api-keys") view=|| shown(parts::keys(Keys::Api)) ssr=WHOLE />
                    <Route path=path!("/my/sign-in") view=|| shown(parts::settings(Settings::Mine)) ssr=WHOLE />
                </ParentRoute>
                <ParentRoute path=path!("/account/:account/workspace/:workspace") view=InWorkspace ssr=WHOLE>
                    <Route path=path!("") view=ToRuns ssr=WHOLE />
                    <Route path=path!("/settings") view=|| shown(parts::settings(Settings::Workspace)) ssr=WHOLE />
                    <Route path=path!("/runs") view=|| shown(parts::runs(Runs::List)) ssr=WHOLE />
                    <Route path=path!("/runs/flow-run/:flow_run") view=|| shown(parts::run(Run::Flow)) ssr=WHOLE />
                    <Route path=path!("/first-run") view=|| shown(parts::help(Help::FirstRun)) ssr=WHOLE />
                    <Route path=path!("/*printed") view=Printed ssr=WHOLE />
                </ParentRoute>
                <Route path=path!("/runs/*printed") view=PrintedBare ssr=WHOLE />
                <Route path=path!("/flow-runs/*printed") view=PrintedBare ssr=WHOLE />
                <Route path=path!("/flows/*printed") view=PrintedBare ssr=WHOLE />
                <Route path=path!("/deployments/*printed") view=PrintedBare ssr=WHOLE />
                <Route path=path!("/work-pools/*printed") view=PrintedBare ssr=WHOLE />
                <Route path=path!("/work-queues/*printed") view=PrintedBare ssr=WHOLE />
                <Route path=path!("/blocks/*printed") view=PrintedBare ssr=WHOLE />
                <Route path=path!("/concurrency-limits/*printed") view=PrintedBare ssr=WHOLE />
                <Route path=path!("/automations/*printed") view=PrintedBare ssr=WHOLE />
                <Route path=path!("/events/*printed") view=PrintedBare ssr=WHOLE />
            </Routes>
        </Router>
        <ToastRegion toasts />
    }
}

/// The text of a browser's tab.
fn titled(page: String) -> String {
    if page.is_empty() { "Provost".to_owned() } else { page + " · Provost" }
}

#![doc = include_str!("../README.md")]
#![expect(clippy::needless_pass_by_value, reason = "props are owned: a view outlives the call that made it")]

#[macro_use]
mod route_table;

pub mod connect;
#[cfg(feature = "ssr")]
pub mod context;
pub mod error;
pub mod form;
pub mod image_policy;
pub mod layout;
pub mod links;
pub mod live;
pub mod loaded;
pub mod pages;
pub mod parts;
pub mod postcard_codec;
pub mod response_status;
pub mod routes;
pub mod secret;
#[cfg(feature = "ssr")]
mod shell;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Router, Routes, RoutesProps};
#[cfg(feature = "ssr")]
pub use shell::{Assets, shell};
use ui::prelude::*;

use crate::{layout::LastFrame, pages::not_found::NotFound, routes::SiteRoutes};

/// The whole site, from the router down.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let toasts = Toasts::provide();
    provide_context(LastFrame::default());
    let routes = || RoutesProps::builder().fallback(NotFound).children(ToChildren::to_children(|| SiteRoutes)).build();
    view! {
        <Title formatter=tab_title />
        <Router>{Routes(routes())}</Router>
        <ToastRegion toasts />
    }
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

//! The pages: routes, views and server functions, the same on the server and in the browser.
//! Must not know SQL, axum's types or which database stands behind a use case.

mod shell;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::StaticSegment;
use leptos_router::components::{Route, Router, Routes};

pub use shell::{Assets, shell};

/// The whole site, from the router down.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title text="Provost"/>
        <Router>
            <main>
                <Routes fallback=|| view! { <h1>"Not found"</h1> }>
                    <Route path=StaticSegment("") view=Home/>
                </Routes>
            </main>
        </Router>
    }
}

#[component]
fn Home() -> impl IntoView {
    let count = RwSignal::new(0);
    view! {
        <h1>"Provost"</h1>
        <button on:click=move |_| *count.write() += 1>"Counted " {count}</button>
    }
}

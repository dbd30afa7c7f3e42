//! A workspace's own address: it leads to the runs until there is a page that shows more.

use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::layout::Here;

/// Leads to the runs.
#[component]
pub fn ToRuns() -> impl IntoView {
    view! { <Redirect path=Here::expect().place().runs() /> }.into_any()
}

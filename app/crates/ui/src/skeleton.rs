//! Skeletons: placeholders in the shape of the content while it loads. The style sheet shows them after 150 ms.

use leptos::prelude::*;

/// The placeholder of list rows.
#[component]
pub fn SkeletonRows(#[prop(default = 6)] rows: usize) -> impl IntoView {
    let row = |_| {
        view! {
            <div class="row two runrow">
                <span class="sk dot"></span>
                <span class="stack tight">
                    <span class="sk w-3"></span>
                    <span class="sk w-2"></span>
                </span>
                <span class="sk w-1 hide-s"></span>
                <span class="sk w-1 hide-s tasks"></span>
                <span class="sk w-1"></span>
            </div>
        }
    };
    view! {
        <div class="list skeleton" aria-busy="true">
            <span class="sr">"Loading"</span>
            {(0..rows).map(row).collect_view()}
        </div>
    }
}

/// The placeholder of lines of text.
#[component]
pub fn SkeletonText(#[prop(default = 3)] lines: usize) -> impl IntoView {
    view! {
        <div class="stack snug skeleton" aria-busy="true">
            <span class="sr">"Loading"</span>
            {(0..lines).map(|line| view! { <span class=if line % 2 == 0 { "sk w-3" } else { "sk w-2" }></span> }).collect_view()}
        </div>
    }
}

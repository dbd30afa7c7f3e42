//! Sheets: a modal `<dialog>` at the right, under 720 px from below. It stands in the `<details>` that opens it, so without scripts it
//! unfolds on the page.

use leptos::{ev, html, prelude::*};

use crate::{
    icon::{Glyph, Icon},
    menu::is_within,
};

/// A sheet and the button that opens it. Inside, a link, what has `data-close`, or a form that is sent closes it.
#[component]
pub fn Sheet(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] title: String,
    /// What stands on the button.
    #[prop(into)]
    summary: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    let (details, dialog) = (NodeRef::<html::Details>::new(), NodeRef::<html::Dialog>::new());
    let show = move || {
        if let (Some(details), Some(dialog)) = (details.get_untracked(), dialog.get_untracked()) {
            details.set_open(true);
            // It fails only for one that is open, and this one is not.
            let _ = dialog.show_modal();
        }
    };
    Effect::new(move |_| {
        if let (Some(details), Some(dialog)) = (details.get(), dialog.get()) {
            // It came open, which is not modal. Somebody may have unfolded it before the scripts were there.
            dialog.set_open(false);
            if details.open() {
                show();
            }
        }
    });
    let close = move || dialog.get_untracked().iter().for_each(web_sys::HtmlDialogElement::close);
    let title_id = format!("{id}-title");
    view! {
        <details node_ref=details>
            <summary
                class="btn ghost"
                on:click=move |event| {
                    event.prevent_default();
                    show();
                }
            >
                {summary.run()}
            </summary>
            <dialog
                node_ref=dialog
                class="sheet"
                id=id
                aria-labelledby=title_id
                open=true
                on:close=move |_| {
                    // It is told a little later: somebody may have opened it again.
                    if dialog.get_untracked().is_some_and(|dialog| !dialog.open()) {
                        details.get_untracked().iter().for_each(|details| details.set_open(false));
                    }
                }
                on:click=move |event: ev::MouseEvent| {
                    if is_within(&event, "a, [data-close]") {
                        close();
                    }
                }
                // The form's own handler lets a submit go no further up: it is heard on its way down.
                on:submit:capture=move |_| close()
            >
                <div class="hd">
                    <h2 id=title_id.clone() class="grow">
                        {title}
                    </h2>
                    <button type="button" class="ib" aria-label="Close" title="Close" data-close="">
                        <Glyph icon=Icon::Cross />
                    </button>
                </div>
                {children()}
            </dialog>
        </details>
    }
}

//! Sheets: a modal `<dialog>` at the right, or under 720 px at the bottom. It is inside the `<details>` that opens it, so that it unfolds
//! in the page without JavaScript.

use leptos::{ev, html, prelude::*};

use crate::{
    dialog::Opening,
    icon::{Glyph, Icon},
    menu::is_within,
};

/// A sheet and the button that opens it, with the focus on its first field. A click on a link or on an element with `data-close`, or a submitted form, closes it.
#[component]
pub fn Sheet(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] title: String,
    /// The content of the button.
    #[prop(into)]
    summary: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    let (details, dialog) = (NodeRef::<html::Details>::new(), NodeRef::<html::Dialog>::new());
    let opening = Opening::default();
    let show = move || {
        if let (Some(details), Some(dialog)) = (details.get_untracked(), dialog.get_untracked()) {
            details.set_open(true);
            opening.show(dialog, ".select, .input", || true);
        }
    };
    Effect::new(move |_| {
        if let (Some(details), Some(dialog)) = (details.get(), dialog.get()) {
            // The server renders it open, which is not modal, and the person may have unfolded the `<details>` before hydration.
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
                    if !opening.is_under_way() {
                        details.get_untracked().iter().for_each(|details| details.set_open(false));
                    }
                }
                on:click=move |event: ev::MouseEvent| {
                    if is_within(&event, "a, [data-close]") {
                        close();
                    }
                }
                // In the capture phase, because the form's own handler stops the propagation of `submit`.
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

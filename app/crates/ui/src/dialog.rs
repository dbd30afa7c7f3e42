//! Dialogs: the browser's own `<dialog>` keeps focus inside, closes on Esc and gives focus back.

use leptos::{ev, html, prelude::*};

use crate::icon::{Glyph, Icon};

/// A dialog. While `open` it is modal; without scripts one that is open from the start lies on the page and can be closed.
#[component]
pub fn Dialog(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    open: RwSignal<bool>,
    /// Asks or tells.
    #[prop(into)]
    title: String,
    #[prop(optional, into)] sub: String,
    /// On the lamp, before the title.
    #[prop(optional)]
    icon: Option<Icon>,
    /// While it says so, neither Esc nor the cross closes it.
    #[prop(optional, into)]
    held: Signal<bool>,
    /// The buttons, right-aligned.
    #[prop(optional, into)]
    foot: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |modal: Option<bool>| {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return false };
        match (modal.unwrap_or(false), wanted) {
            (false, true) => {
                // The server may have rendered it open, which is not modal yet.
                dialog.set_open(false);
                dialog.show_modal().is_ok()
            }
            (true, false) => {
                if dialog.open() {
                    dialog.close();
                }
                false
            }
            (modal, _) => modal && dialog.open(),
        }
    });
    let title_id = format!("{id}-title");
    let sub = (!sub.is_empty()).then(|| view! { <p class="t2 ui">{sub}</p> });
    view! {
        <dialog
            node_ref=node
            class="dialog"
            id=id
            aria-labelledby=title_id
            open=open.get_untracked()
            // Chromium closes on the second Esc whatever is done about the first, unless it is told here; others know the event alone.
            prop:closedBy=move || if held.get() { "none" } else { "closerequest" }
            on:cancel=move |event: ev::Event| {
                if held.get_untracked() {
                    event.prevent_default();
                }
            }
            on:close=move |_| open.set(false)
        >
            <div class="hd">
                {icon.map(|icon| view! { <span class="tile lg lamp"><Glyph icon /></span> })}
                <div class="grow">
                    <h2 id=title_id.clone()>{title}</h2>
                    {sub}
                </div>
                <form method="dialog">
                    <button class="ib" aria-label="Close" title="Close" disabled=move || held.get()>
                        <Glyph icon=Icon::Cross />
                    </button>
                </form>
            </div>
            <div class="bd">{children()}</div>
            {foot.map(|foot| view! { <div class="ft">{foot.run()}</div> })}
        </dialog>
    }
}

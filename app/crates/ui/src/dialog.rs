//! Dialogs: the browser's own `<dialog>` keeps focus inside, closes on Esc and gives focus back.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    button::{Button, ButtonKind},
    icon::{Glyph, Icon},
};

/// A dialog. While `open` it is modal; without scripts one that is open from the start lies on the page and can be closed.
///
/// What is in it (children) is made anew each time that it opens: nothing typed the last time is left.
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
    /// Called once it is closed and has given focus back: only then may it be taken off the page.
    #[prop(optional)]
    on_close: Option<Callback<()>>,
    /// The buttons, right-aligned.
    #[prop(optional, into)]
    foot: Option<ViewFnOnce>,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let wanted = open.get();
        if let Some(dialog) = node.get() {
            if wanted { show(dialog, open) } else { close(&dialog) }
        }
    });
    let title_id = format!("{id}-title");
    let head = view! { <DialogHead title_id=title_id.clone() title sub icon held /> };
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
            on:close=move |_| {
                open.set(false);
                if let Some(on_close) = on_close {
                    on_close.run(());
                }
            }
        >
            {head}
            <div class="bd">{move || open.get().then(|| children())}</div>
            {foot.map(|foot| view! { <div class="ft">{foot.run()}</div> })}
        </dialog>
    }
}

/// In the next turn: what is in it is made in this one. Its first field gets the focus, without `autofocus`, of which browsers
/// complain in what is put into a page later on.
fn show(dialog: web_sys::HtmlDialogElement, open: RwSignal<bool>) {
    request_animation_frame(move || {
        if open.try_get_untracked() == Some(true) && !is_modal(&dialog) {
            // The server may have rendered it open, which is not modal yet.
            dialog.set_open(false);
            // It fails only if the page has been left.
            let _ = dialog.show_modal();
            let field = dialog.query_selector("input.input").ok().flatten();
            if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = field.focus();
            }
        }
    });
}

fn close(dialog: &web_sys::HtmlDialogElement) {
    if is_modal(dialog) {
        dialog.close();
    }
}

fn is_modal(dialog: &web_sys::HtmlDialogElement) -> bool {
    dialog.matches(":modal").unwrap_or_default()
}

#[component]
fn DialogHead(title_id: String, title: String, sub: String, icon: Option<Icon>, held: Signal<bool>) -> impl IntoView {
    view! {
        <div class="hd">
            {icon.map(|icon| view! { <span class="tile lg lamp"><Glyph icon /></span> })}
            <div class="grow">
                <h2 id=title_id>{title}</h2>
                {(!sub.is_empty()).then(|| view! { <p class="t2 ui">{sub}</p> })}
            </div>
            <form method="dialog">
                <button class="ib" aria-label="Close" title="Close" disabled=move || held.get()>
                    <Glyph icon=Icon::Cross />
                </button>
            </form>
        </div>
    }
}

/// The end of a form in a dialog: the way back, and the button that sends it. While that is on its way there is none back.
#[component]
pub fn DialogButtons(
    open: RwSignal<bool>,
    kind: ButtonKind,
    /// What the button does: verb and object.
    send: &'static str,
    busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <div class="flex">
            <span class="grow"></span>
            <Button kind=ButtonKind::Ghost disabled=busy on:click=move |_| open.set(false)>
                "Cancel"
            </Button>
            <Button kind submit=true disabled busy>
                {send}
            </Button>
        </div>
    }
}

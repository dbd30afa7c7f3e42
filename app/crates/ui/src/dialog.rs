//! Dialogs: the browser's `<dialog>` keeps the focus inside, closes on Esc and restores the focus.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    button::{Button, ButtonKind},
    icon::{Glyph, Icon},
};

/// A dialog, modal while `open`. Without JavaScript, a dialog that is initially open is part of the page and can be closed.
///
/// Its content (children) is created each time that it opens, so that no text from the last time is left.
#[component]
pub fn Dialog(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    open: RwSignal<bool>,
    /// A question or a statement.
    #[prop(into)]
    title: String,
    #[prop(optional, into)] sub: String,
    /// In front of the title.
    #[prop(optional)]
    icon: Option<Icon>,
    /// While true, neither Esc nor the close button closes it.
    #[prop(optional, into)]
    locked: Signal<bool>,
    /// Called after it has closed and restored the focus. Only then may the page remove it.
    #[prop(optional)]
    on_close: Option<Callback<()>>,
    /// Whether it is a long form: under 720 px it then lies at the lower edge of the window, with its buttons always visible.
    #[prop(optional)]
    long: bool,
    /// The buttons, right-aligned.
    #[prop(optional, into)]
    foot: Option<ViewFnOnce>,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let opening = Opening::default();
    Effect::new(move |_| {
        let is_open = open.get();
        if let Some(dialog) = node.get() {
            if is_open {
                // The focus is on the first field, or on *Cancel* if the dialog only asks for a confirmation.
                opening.show(dialog, "input.input, [data-cancel]", move || open.try_get_untracked() == Some(true));
            } else {
                close(&dialog);
            }
        }
    });
    let title_id = format!("{id}-title");
    let head = view! { <DialogHead title_id=title_id.clone() title sub icon locked /> };
    view! {
        <dialog
            node_ref=node
            class="dialog"
            class:long=long
            id=id
            aria-labelledby=title_id
            open=open.get_untracked()
            // Chromium closes on a second Esc even if the first `cancel` event was prevented. `closedBy` prevents that; other browsers
            // support only the event.
            prop:closedBy=move || if locked.get() { "none" } else { "closerequest" }
            on:cancel=move |event: ev::Event| {
                if locked.get_untracked() {
                    event.prevent_default();
                }
            }
            on:close=move |_| {
                if !opening.is_under_way() {
                    open.set(false);
                    if let Some(on_close) = on_close {
                        on_close.run(());
                    }
                }
            }
        >
            {head}
            <div class="bd">{move || open.get().then(|| children())}</div>
            {foot.map(|foot| view! { <div class="ft">{foot.run()}</div> })}
        </dialog>
    }
}

/// Whether a dialog is about to be shown. The `close` event is asynchronous: when a person closes a dialog and opens it again at once,
/// the event arrives in between, and must not close it.
#[derive(Clone, Copy)]
pub(crate) struct Opening(StoredValue<bool>);

impl Default for Opening {
    fn default() -> Self {
        Self(StoredValue::new(false))
    }
}

impl Opening {
    /// Shows the dialog in the next animation frame, after its content has been rendered, if it is `wanted` then. The first element
    /// that matches a selector gets the focus. It has no `autofocus`, because browsers log a warning for that in elements that are added later.
    pub(crate) fn show(
        self,
        dialog: web_sys::HtmlDialogElement,
        first: &'static str,
        wanted: impl Fn() -> bool + 'static,
    ) {
        self.0.set_value(true);
        request_animation_frame(move || {
            self.0.try_update_value(|under_way| *under_way = false);
            if wanted() {
                show_modal(&dialog, first);
            }
        });
    }

    pub(crate) fn is_under_way(self) -> bool {
        self.0.try_get_value() == Some(true)
    }
}

fn show_modal(dialog: &web_sys::HtmlDialogElement, first: &'static str) {
    if is_modal(dialog) {
        return;
    }
    // The server may have rendered it open, which is not modal.
    dialog.set_open(false);
    // Fails only if the dialog has been removed from the page.
    let _ = dialog.show_modal();
    let first = dialog.query_selector(first).ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = first.focus();
    }
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
fn DialogHead(title_id: String, title: String, sub: String, icon: Option<Icon>, locked: Signal<bool>) -> impl IntoView {
    view! {
        <div class="hd">
            {icon.map(|icon| view! { <span class="tile lg lamp"><Glyph icon /></span> })}
            <div class="grow">
                <h2 id=title_id>{title}</h2>
                {(!sub.is_empty()).then(|| view! { <p class="t2 ui">{sub}</p> })}
            </div>
            <form method="dialog">
                <button class="ib" aria-label="Close" title="Close" disabled=move || locked.get()>
                    <Glyph icon=Icon::Cross />
                </button>
            </form>
        </div>
    }
}

/// The buttons of a form in a dialog: cancel and submit. Both are disabled while the form is being submitted.
#[component]
pub fn DialogButtons(
    open: RwSignal<bool>,
    kind: ButtonKind,
    /// The label of the submit button: verb and object.
    send: &'static str,
    busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <div class="ft">
            <Button kind=ButtonKind::Ghost disabled=busy on:click=move |_| open.set(false) attr:data-cancel="">
                "Cancel"
            </Button>
            <Button kind submit=true disabled busy>
                {send}
            </Button>
        </div>
    }
}

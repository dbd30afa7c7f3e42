//! Asks before a person leaves a page that has something unsaved.
//!
//! The browser asks when the tab is closed or another document is loaded. For links and Back within the site it is a dialog.

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

use crate::{
    button::{Button, ButtonKind},
    dialog::Dialog,
};

/// How a person wants to leave the page.
#[derive(Clone)]
enum Exit {
    Link(web_sys::HtmlElement),
    /// Back or Forward.
    History,
}

#[derive(Clone, Copy)]
struct Guard {
    unsaved: Signal<bool>,
    /// Path and query of the page, from when it has something unsaved: the router shows a page before it changes the address.
    page: StoredValue<String>,
    asking: RwSignal<bool>,
    /// Made in the browser alone: the server disposes pages on another thread, where a link can't be dropped.
    exit: StoredValue<Option<StoredValue<Exit, LocalStorage>>>,
    /// Whether the person confirmed to leave.
    confirmed: StoredValue<bool>,
}

/// The question, which is asked while `unsaved`.
#[component]
pub fn LeaveQuestion(
    #[prop(into)] unsaved: Signal<bool>,
    /// "Leave without saving?"
    title: &'static str,
    /// What would be lost.
    text: &'static str,
) -> impl IntoView {
    let guard = Guard {
        unsaved,
        page: StoredValue::default(),
        asking: RwSignal::new(false),
        exit: StoredValue::new(None),
        confirmed: StoredValue::new(false),
    };
    Effect::new(move |_| guard.watch());
    Effect::new(move |_| {
        if unsaved.get() {
            guard.page.set_value(page_of_window());
        }
    });
    let foot = move || {
        view! {
            <Button on:click=move |_| guard.asking.set(false)>"Stay"</Button>
            <Button kind=ButtonKind::Danger on:click=move |_| guard.confirm()>
                "Leave"
            </Button>
        }
    };
    let on_close = Callback::new(move |()| guard.leave_if_confirmed());
    view! {
        <Dialog id="leave" open=guard.asking title on_close foot>
            <p class="t2 ui">{text}</p>
        </Dialog>
    }
}

impl Guard {
    /// Listens until the page is left.
    fn watch(self) {
        let unload = window_event_listener(ev::beforeunload, move |event| {
            if self.is_active() {
                event.prevent_default();
                // Older browsers ask only for this.
                event.set_return_value("unsaved");
            }
        });
        on_cleanup(move || unload.remove());
        listen_first("click", move |event| {
            if let Some(link) = self.is_active().then(|| followed_link(event, &self.page.get_value())).flatten() {
                event.prevent_default();
                event.stop_propagation();
                self.ask(Exit::Link(link));
            }
        });
        // `app/scripts/place.js` sends it before the router sees `popstate`: a listener of this page would be called after the router's.
        listen_first("provost-leave", move |event| {
            let page = self.page.get_value();
            if self.is_active() && page_of_window() != page {
                event.prevent_default();
                // The browser shows the other page's URL already. An entry of this page goes on top, so that Back leads there again.
                let history = window().history();
                if history.and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(&page))).is_ok() {
                    self.ask(Exit::History);
                }
            }
        });
    }

    fn is_active(self) -> bool {
        self.unsaved.get_untracked() && !self.confirmed.get_value()
    }

    fn ask(self, exit: Exit) {
        self.exit.set_value(Some(StoredValue::new_local(exit)));
        self.asking.set(true);
    }

    fn confirm(self) {
        self.confirmed.set_value(true);
        self.asking.set(false);
    }

    /// Runs once the dialog is closed, since everything else in the page is inert before.
    fn leave_if_confirmed(self) {
        if self.confirmed.get_value() {
            match self.exit.get_value().map(|exit| exit.get_value()) {
                Some(Exit::Link(link)) => link.click(),
                // Without a history there was no `popstate` either.
                Some(Exit::History) => drop(window().history().and_then(|history| history.back())),
                None => {}
            }
        }
    }
}

/// Path and query of the window.
fn page_of_window() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// The link that a click follows in this window, if it leads away from `page`.
fn followed_link(event: &web_sys::Event, page: &str) -> Option<web_sys::HtmlElement> {
    let click = event.dyn_ref::<web_sys::MouseEvent>()?;
    let has_modifier = click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key();
    if click.button() != 0 || has_modifier {
        return None;
    }
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let link =
        target.closest("a[href]:not([target], [download])").ok()??.dyn_into::<web_sys::HtmlAnchorElement>().ok()?;
    (link.pathname() + &link.search() != page).then(|| link.into())
}

/// Listens on the window before the elements do, until the reactive owner is disposed.
fn listen_first(name: &'static str, handler: impl Fn(&web_sys::Event) + 'static) {
    let handler = StoredValue::new_local(Closure::<dyn Fn(web_sys::Event)>::new(move |event| handler(&event)));
    let function =
        |handler: &Closure<dyn Fn(web_sys::Event)>| handler.as_ref().unchecked_ref::<js_sys::Function>().clone();
    // Both calls fail only for an invalid name of an event.
    handler.with_value(|handler| {
        let _ = window().add_event_listener_with_callback_and_bool(name, &function(handler), true);
    });
    on_cleanup(move || {
        handler.with_value(|handler| {
            let _ = window().remove_event_listener_with_callback_and_bool(name, &function(handler), true);
        });
    });
}

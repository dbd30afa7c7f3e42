//! Forms that work with and without scripts.
//!
//! With scripts an action holds what came of the form. Without, the server answers the plain form with a redirect to its page and
//! a short-lived cookie, the [`Flash`]; the page shows the complaints and what was typed. Passwords are never in it.

use std::{collections::BTreeMap, sync::Arc};

use leptos::{prelude::*, server_fn::ServerFn};
use serde::{Deserialize, Serialize};
use ui::prelude::*;
use wasm_bindgen::JsCast;

use crate::{
    error::{Error, Outcome, Refusal},
    packed::Packed,
};

/// What is left of a plain form that was sent: carried from its answer to the page that shows it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Flash {
    /// The server function that it was sent to.
    pub form: String,
    pub end: FlashEnd,
    /// What was typed, by field.
    pub typed: BTreeMap<String, String>,
}

/// How a plain form ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum FlashEnd {
    Done,
    Refused(Refusal),
    Failed(Error),
}

/// Sets the status of the page that is being rendered; there only on the server.
#[derive(Clone)]
pub struct Status(pub Arc<dyn Fn(u16) + Send + Sync>);

impl Status {
    /// Whether this runs on the server, for a request.
    #[must_use]
    pub fn is_known() -> bool {
        use_context::<Self>().is_some()
    }

    /// Says that the page is answered with this status.
    pub fn set(status: u16) {
        if let Some(Self(set)) = use_context::<Self>() {
            set(status);
        }
    }
}

/// What a form shows of the last time it was sent.
#[derive(Clone, Copy)]
pub struct LastTry {
    end: Signal<Option<FlashEnd>>,
    typed: StoredValue<BTreeMap<String, String>>,
    pending: Signal<bool>,
}

impl LastTry {
    /// Of the form that sends to `action`. To be called at the top of a page, outside everything that waits for data.
    pub fn of<S, T>(action: ServerAction<S>) -> Self
    where
        S: ServerFn<Output = Outcome<T>, Error = Error> + Clone + Send + Sync + 'static,
        T: Send + Sync + Clone + 'static,
    {
        let flash = SharedValue::<_, Packed>::new_with_encoding(|| {
            use_context::<Flash>().filter(|flash| flash.form == S::PATH)
        })
        .into_inner();
        let (before, typed) = flash.map_or((None, BTreeMap::new()), |flash| (Some(flash.end), flash.typed));
        let value = action.value();
        let end = Signal::derive(move || match value.get() {
            None => before.clone(),
            Some(Ok(Ok(_))) => Some(FlashEnd::Done),
            Some(Ok(Err(refusal))) => Some(FlashEnd::Refused(refusal)),
            Some(Err(error)) => Some(FlashEnd::Failed(error)),
        });
        focus_first_complaint(end);
        Self { end, typed: StoredValue::new(typed), pending: action.pending().into() }
    }

    /// The complaint about a field.
    #[must_use]
    pub fn field(self, name: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.end.with(|end| match end {
                Some(FlashEnd::Refused(Refusal::Fields(fields))) => fields
                    .iter()
                    .find(|field| field.loc.first().is_some_and(|loc| loc == name))
                    .map(|field| field.message.clone()),
                _ => None,
            })
        })
    }

    /// What is wrong with the form as a whole.
    #[must_use]
    pub fn whole(self) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.end.with(|end| match end {
                Some(FlashEnd::Refused(Refusal::Whole(sentence))) => Some(sentence.clone()),
                Some(FlashEnd::Failed(error)) => Some(error.sentence()),
                _ => None,
            })
        })
    }

    /// Whether it was done.
    #[must_use]
    pub fn done(self) -> Signal<bool> {
        Signal::derive(move || self.end.with(|end| *end == Some(FlashEnd::Done)))
    }

    /// Whether it is on its way.
    #[must_use]
    pub fn pending(self) -> Signal<bool> {
        self.pending
    }

    /// What stood in a field when the page was made, if a plain form was sent.
    #[must_use]
    pub fn typed(self, name: &str) -> Option<String> {
        self.typed.with_value(|typed| typed.get(name).cloned())
    }
}

/// What is typed into a search: it begins as what the address asks for, and becomes that again whenever the address changes.
pub fn searched(asked: Memo<String>) -> RwSignal<String> {
    let typed = RwSignal::new(asked.get_untracked());
    Effect::new(move |before: Option<()>| {
        let asked = asked.get();
        // At first the field itself knows better: somebody may have typed before the scripts came.
        if before.is_some() {
            typed.set(asked);
        }
    });
    typed
}

/// A limit of `model`, as fields want it.
#[must_use]
pub fn fits(most: usize) -> u32 {
    u32::try_from(most).unwrap_or(u32::MAX)
}

/// Whoever can't see what changed is led to it.
fn focus_first_complaint(end: Signal<Option<FlashEnd>>) {
    Effect::new(move |_| {
        if end.with(|end| matches!(end, Some(FlashEnd::Refused(_)))) {
            // The complaint is drawn in this turn, and can be found in the next.
            request_animation_frame(|| {
                let field = document().query_selector("[aria-invalid=true]").ok().flatten();
                if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
                    // Focus is a courtesy.
                    let _ = field.focus();
                }
            });
        }
    });
}

/// What is wrong with a form as a whole, above its fields.
#[component]
pub fn WholeComplaint(of: LastTry) -> impl IntoView {
    let sentence = of.whole();
    move || {
        sentence.get().map(|sentence| {
            view! { <Banner tone=Tone::Bad>{sentence}</Banner> }
        })
    }
}

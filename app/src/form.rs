//! Forms that work with and without scripts.
//!
//! With scripts, a `ServerAction` has the result of the form. Without, the server answers the plain form with a redirect to its page and
//! a short-lived cookie, the [`Flash`]; the page shows the errors and what was typed. The cookie never contains passwords.

use std::collections::BTreeMap;

use leptos::{prelude::*, server_fn::ServerFn};
use serde::{Deserialize, Serialize};
use ui::prelude::*;
use wasm_bindgen::JsCast;

use crate::{
    error::{Error, FormError, FormResult},
    links::WorkspaceRef,
    postcard_codec::PostcardCodec,
};

/// The result of a plain form, carried by a cookie from the redirect to the page that shows it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Flash {
    /// The path of the server function.
    pub form: String,
    pub end: FlashResult,
    /// What was typed, by field.
    pub typed: BTreeMap<String, String>,
}

/// The result of a form without its value.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum FlashResult {
    Done,
    Refused(FormError),
    Failed(Error),
}

/// What a form shows about the last time it was sent.
#[derive(Clone, Copy)]
pub struct FormState {
    result: Signal<Option<FlashResult>>,
    typed: StoredValue<BTreeMap<String, String>>,
    pending: Signal<bool>,
}

impl FormState {
    /// For the form that sends to `action`. Call it at the top of a page, outside of anything that waits for data: the flash is read once.
    pub fn of<S, T>(action: ServerAction<S>) -> Self
    where
        S: ServerFn<Output = FormResult<T>, Error = Error> + Clone + Send + Sync + 'static,
        T: Send + Sync + Clone + 'static,
    {
        let flash = SharedValue::<_, PostcardCodec>::new_with_encoding(|| {
            use_context::<Flash>().filter(|flash| flash.form == S::PATH)
        })
        .into_inner();
        let (before, typed) = flash.map_or((None, BTreeMap::new()), |flash| (Some(flash.end), flash.typed));
        let value = action.value();
        let result = Signal::derive(move || match value.get() {
            None => before.clone(),
            Some(Ok(Ok(_))) => Some(FlashResult::Done),
            Some(Ok(Err(error))) => Some(FlashResult::Refused(error)),
            Some(Err(error)) => Some(FlashResult::Failed(error)),
        });
        focus_first_invalid_field(result);
        Self { result, typed: StoredValue::new(typed), pending: action.pending().into() }
    }

    /// The error of a field.
    #[must_use]
    pub fn field_error(self, name: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.result.with(|result| match result {
                Some(FlashResult::Refused(FormError::Fields(fields))) => fields
                    .iter()
                    .find(|field| field.loc.first().is_some_and(|loc| loc == name))
                    .map(|field| field.message.clone()),
                _ => None,
            })
        })
    }

    /// The error of the form as a whole.
    #[must_use]
    pub fn form_error(self) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.result.with(|result| match result {
                Some(FlashResult::Refused(FormError::Whole(message))) => Some(message.clone()),
                Some(FlashResult::Failed(error)) => Some(error.message()),
                _ => None,
            })
        })
    }

    /// Whether the form succeeded.
    #[must_use]
    pub fn succeeded(self) -> Signal<bool> {
        Signal::derive(move || self.result.with(|result| *result == Some(FlashResult::Done)))
    }

    /// Whether the form is being sent.
    #[must_use]
    pub fn is_pending(self) -> Signal<bool> {
        self.pending
    }

    /// What a field of the plain form contained when it was sent; none for passwords.
    #[must_use]
    pub fn typed(self, name: &str) -> Option<String> {
        self.typed.with_value(|typed| typed.get(name).cloned())
    }
}

/// The text of a search field, which follows the URL: `search` is the URL's value, and each change of it replaces the text.
pub fn search_signal(search: Memo<String>) -> RwSignal<String> {
    let typed = RwSignal::new(search.get_untracked());
    Effect::new(move |previous: Option<()>| {
        let search = search.get();
        // The first run must not overwrite what a person typed before hydration.
        if previous.is_some() {
            typed.set(search);
        }
    });
    typed
}

/// A length limit of `model`, as the `max` of a field.
#[must_use]
pub fn max_length(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

/// Moves the focus to the first invalid field, so that people who use a screen reader find it.
fn focus_first_invalid_field(result: Signal<Option<FlashResult>>) {
    Effect::new(move |_| {
        if result.with(|result| matches!(result, Some(FlashResult::Refused(_)))) {
            // The error is rendered after this effect, so the field can be found in the next frame.
            request_animation_frame(|| {
                let field = document().query_selector("[aria-invalid=true]").ok().flatten();
                if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
                    // Without the focus the form still works.
                    let _ = field.focus();
                }
            });
        }
    });
}

/// The error of a form as a whole, above its fields.
#[component]
pub fn FormErrorBanner(form: FormState) -> impl IntoView {
    let message = form.form_error();
    move || {
        message.get().map(|message| {
            view! { <Banner tone=Tone::Bad>{message}</Banner> }
        })
    }
}

/// Hidden fields that name the workspace of a form.
#[component]
pub fn WorkspaceFields(workspace_ref: WorkspaceRef) -> impl IntoView {
    view! {
        <input type="hidden" name="place[account]" value=workspace_ref.account.to_string() />
        <input type="hidden" name="place[workspace]" value=workspace_ref.workspace.to_string() />
    }
}

//! What the dialogs have in common.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::screen::VariableListQuery;
use ui::prelude::*;
use wasm_bindgen::JsCast as _;

use super::{
    list_query::{DialogTarget, list_href},
    server::{DeleteVariable, SaveVariable},
};
use crate::{form::FormState, links::WorkspaceRef};

/// The id of the button that opens the form for a new variable.
pub const CREATE_ID: &str = "create-variable";

/// What all dialogs need of their page.
#[derive(Clone, Copy)]
pub struct DialogContext {
    pub workspace: WorkspaceRef,
    /// The list's path without a query.
    pub path: StoredValue<String>,
    pub list_query: Memo<VariableListQuery>,
    /// Whether the person may change variables.
    pub may_write: bool,
    pub save: (ServerAction<SaveVariable>, FormState),
    pub delete: (ServerAction<DeleteVariable>, FormState),
    /// Loads the list again unless it is updated live.
    pub refresh: Callback<()>,
}

impl DialogContext {
    /// The URL of the list with a dialog.
    pub fn href(self, dialog: DialogTarget) -> String {
        self.path.with_value(|path| self.list_query.with_untracked(|query| list_href(path, query, dialog)))
    }

    /// A callback that removes a closed dialog from the URL. If the dialog's opener is gone, the element with this id gets the focus.
    pub fn on_close(self, focus: String) -> Callback<()> {
        let navigate = use_navigate();
        Callback::new(move |()| {
            let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
            navigate(&self.href(DialogTarget::Closed), options);
            let focus = focus.clone();
            request_animation_frame(move || focus_if_lost(&focus));
        })
    }

    /// Shows that an action succeeded, and closes its dialog.
    pub fn finish(self, toast: &'static str, open: RwSignal<bool>) {
        expect_context::<Toasts>().show(toast);
        self.refresh.run(());
        open.set(false);
    }
}

/// Focuses the element with this id if no element has the focus.
fn focus_if_lost(id: &str) {
    let is_lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let (true, Some(element)) = (is_lost, element) {
        // Without the focus the page still works.
        let _ = element.focus();
    }
}

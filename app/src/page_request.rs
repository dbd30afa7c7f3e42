//! What a page reads of the request for its document. On the server only.

use std::collections::BTreeMap;

use http::request::Parts;
use leptos::prelude::*;

use crate::context::is_plain_form;

/// The fields of a form that a browser sent to a page, without a script. The response is the page, which shows the result: for what a
/// redirect can't carry, such as a new key.
#[derive(Clone, Debug, Default)]
pub struct PostedForm(pub BTreeMap<String, String>);

impl PostedForm {
    /// The form that was sent to the page that is being rendered.
    #[must_use]
    pub fn current() -> Option<Self> {
        let parts = use_context::<Parts>().filter(|_| is_page() && is_plain_form())?;
        parts.extensions.get::<Self>().cloned()
    }

    /// A field; an empty text if it is missing.
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

/// Whether a page is being rendered, and not only a server function called by a script.
#[must_use]
pub fn is_page() -> bool {
    use_context::<Parts>().is_some_and(|parts| !parts.uri.path().starts_with("/ui/"))
}

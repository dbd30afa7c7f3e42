//! The HTTP status of the page that is being rendered.

use std::sync::Arc;

use leptos::prelude::*;

/// Sets the HTTP status of the page that is being rendered; in the context only on the server.
#[derive(Clone)]
pub struct ResponseStatus(pub Arc<dyn Fn(u16) + Send + Sync>);

impl ResponseStatus {
    /// Whether this runs on the server, in a request.
    #[must_use]
    pub fn on_server() -> bool {
        use_context::<Self>().is_some()
    }

    /// Sets the status; does nothing in the browser.
    pub fn set(status: u16) {
        if let Some(Self(set)) = use_context::<Self>() {
            set(status);
        }
    }
}

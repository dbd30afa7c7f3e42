//! Sends the person's answer to the client, which listens on a port of the computer that the browser runs on.

use leptos::prelude::window;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCredentials, RequestInit, RequestRedirect, Response};

/// The client answers at once; a browser that asks the person for permission first waits for them.
const TIME_LIMIT_MILLIS: u32 = 10_000;

/// Posts the object `{field: text}` to a URL of the client. Returns whether the client took it. Only event handlers and effects may call
/// it, because the server has no `fetch`.
pub async fn post(url: String, field: &'static str, text: String) -> bool {
    send(&url, field, &text).await.unwrap_or(false)
}

async fn send(url: &str, field: &str, text: &str) -> Result<bool, JsValue> {
    let text = String::from(js_sys::JSON::stringify(&JsValue::from_str(text))?);
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&JsValue::from_str(&format!("{{\"{field}\":{text}}}")));
    request.set_credentials(RequestCredentials::Omit);
    // A redirect would take the key elsewhere.
    request.set_redirect(RequestRedirect::Error);
    request.set_signal(Some(&AbortSignal::timeout_with_u32(TIME_LIMIT_MILLIS)));
    let response = JsFuture::from(window().fetch_with_str_and_init(url, &request)).await?;
    Ok(response.dyn_into::<Response>()?.ok())
}

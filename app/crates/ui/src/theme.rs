//! The theme: light, dark, or the system's. A cookie stores it for people who aren't signed in, so that the server renders the right one;
//! for all others the server keeps it with the person.

use leptos::prelude::*;
use model::appearance::Appearance;
pub use model::appearance::Theme;
use wasm_bindgen::JsCast;
use web_sys::UrlSearchParams;

use crate::icon::{Glyph, Icon};

/// The cookie that holds the theme.
pub const THEME_COOKIE: &str = "provost-theme";

fn icon(theme: Theme) -> Icon {
    match theme {
        Theme::System => Icon::Laptop,
        Theme::Light => Icon::Sun,
        Theme::Dark => Icon::Moon,
    }
}

/// Three buttons that set the theme. They need JavaScript, so they are rendered only after hydration.
#[component]
pub fn ThemeSwitch(
    /// The URL that the theme is sent to, for a server that keeps it with the person.
    #[prop(optional_no_strip)]
    send_to: Option<String>,
) -> impl IntoView {
    let theme = RwSignal::new(None::<Theme>);
    Effect::new(move |_| theme.set(Some(current())));
    let send_to = StoredValue::new(send_to);
    let button = move |choice: &Theme| {
        let choice = *choice;
        view! {
            <button
                type="button"
                aria-pressed=move || (theme.get() == Some(choice)).to_string()
                on:click=move |_| {
                    apply(choice);
                    send_to.with_value(|url| send(choice, url.as_deref()));
                    theme.set(Some(choice));
                }
            >
                <Glyph icon=icon(choice) />
                {choice.label()}
            </button>
        }
    };
    let mounted = Memo::new(move |_| theme.get().is_some());
    move || {
        mounted.get().then(|| {
            view! {
                <div class="seg wide" role="group" aria-label="Theme">
                    {Theme::ALL.iter().map(button).collect_view()}
                </div>
            }
        })
    }
}

fn current() -> Theme {
    let value = document().document_element().and_then(|html| html.get_attribute("data-theme"));
    Theme::from_attribute(value.as_deref())
}

fn apply(theme: Theme) {
    set_attribute("data-theme", theme.attribute());
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let (value, age) = theme.attribute().map_or(("", 0), |value| (value, 365 * 24 * 60 * 60));
        // If the browser rejects cookies, the theme lasts until the next page load.
        let _ = document.set_cookie(&format!("{THEME_COOKIE}={value}; Path=/; Max-Age={age}; SameSite=Lax"));
    }
}

/// Sends the theme to the server, also while another page is being loaded.
fn send(theme: Theme, url: Option<&str>) {
    let (Some(url), Ok(form)) = (url, UrlSearchParams::new()) else { return };
    form.append("theme", theme.as_str());
    // If it does not arrive, the theme lasts until the next page load.
    let _ = window().navigator().send_beacon_with_opt_url_search_params(url, Some(&form));
}

fn set_attribute(name: &str, value: Option<&str>) {
    if let Some(html) = document().document_element() {
        // Both calls fail only for an invalid attribute name.
        let _ = match value {
            Some(value) => html.set_attribute(name, value),
            None => html.remove_attribute(name),
        };
    }
}

/// Gives the open document the appearance that the server gives to new ones: for a person who has signed in without loading another.
pub fn apply_appearance(appearance: Appearance) {
    for (name, value) in appearance.attributes() {
        set_attribute(name, value);
    }
}

//! The theme: light, dark, or the system's. A cookie stores it, so that the server renders the right one.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::icon::{Glyph, Icon};

/// The cookie that holds the theme.
pub const THEME_COOKIE: &str = "provost-theme";

/// A theme.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value of `data-theme` on `<html>`; `None` for the system's theme.
    #[must_use]
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// The theme with this attribute, which is also the value of the cookie.
    #[must_use]
    pub fn from_attribute(value: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|theme| theme.attribute() == value).unwrap_or_default()
    }

    fn word(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::System => Icon::Laptop,
            Self::Light => Icon::Sun,
            Self::Dark => Icon::Moon,
        }
    }
}

/// Three buttons that set the theme. They need JavaScript, so they are rendered only after hydration.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let theme = RwSignal::new(None::<Theme>);
    Effect::new(move |_| theme.set(Some(current())));
    let button = move |choice: Theme| {
        view! {
            <button
                type="button"
                aria-pressed=move || (theme.get() == Some(choice)).to_string()
                on:click=move |_| {
                    apply(choice);
                    theme.set(Some(choice));
                }
            >
                <Glyph icon=choice.icon() />
                {choice.word()}
            </button>
        }
    };
    let mounted = Memo::new(move |_| theme.get().is_some());
    move || {
        mounted.get().then(|| {
            view! {
                <div class="seg wide" role="group" aria-label="Theme">
                    {Theme::ALL.map(button).collect_view()}
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
    if let Some(html) = document().document_element() {
        // Both calls fail only for an invalid attribute name.
        let _ = match theme.attribute() {
            Some(value) => html.set_attribute("data-theme", value),
            None => html.remove_attribute("data-theme"),
        };
    }
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let (value, age) = theme.attribute().map_or(("", 0), |value| (value, 365 * 24 * 60 * 60));
        // If the browser rejects cookies, the theme lasts until the next page load.
        let _ = document.set_cookie(&format!("{THEME_COOKIE}={value}; Path=/; Max-Age={age}; SameSite=Lax"));
    }
}

#[cfg(test)]
mod tests {
    use super::Theme;

    #[test]
    fn unknown_theme_is_that_of_the_system() {
        assert_eq!(Theme::from_attribute(Some("dark")), Theme::Dark);
        for unknown in [None, Some(""), Some("plaid")] {
            assert_eq!(Theme::from_attribute(unknown), Theme::System);
        }
    }
}

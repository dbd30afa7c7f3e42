//! Small marks: counter, initials, first letter, live dot, and Provost's own mark.

use leptos::prelude::*;

use crate::number::capped;

/// Provost's mark: the staff and the lamp. Decorative; the link around it has the name.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
            <rect class="staff" x="4.5" y="3" width="5" height="26" rx="1.5" />
            <path
                class="lamp"
                d="M13.5 3h12.62a2 2 0 0 1 1.97 2.36l-2.37 13A2 2 0 0 1 23.75 20H13.5a1.5 1.5 0 0 1-1.5-1.5v-14A1.5 1.5 0 0 1 13.5 3Z"
            />
        </svg>
    }
}

/// A count beside a word.
#[component]
pub fn Counter(#[prop(into)] count: Signal<u64>) -> impl IntoView {
    view! { <span class="tag-n">{move || capped(count.get())}</span> }
}

/// The initials of a name: of its first and last word.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// A person, as initials on the lamp.
#[component]
pub fn Avatar(#[prop(into)] name: String) -> impl IntoView {
    view! { <span class="avatar" aria-hidden="true">{initials(&name)}</span> }
}

/// How many hues `style/badge.css` has for tiles.
const HUES: u32 = 5;

/// The hue of a name: always the same one.
fn hue(name: &str) -> u32 {
    name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % HUES
}

/// A workspace or account, as the first letter of its name.
#[component]
pub fn Tile(#[prop(into)] name: String, #[prop(optional)] large: bool) -> impl IntoView {
    let letter: String = name.chars().next().into_iter().flat_map(char::to_uppercase).collect();
    view! {
        <span class=format!("tile hue-{}{}", hue(&name), if large { " lg" } else { "" }) aria-hidden="true">
            {letter}
        </span>
    }
}

/// Whether what the page shows arrives by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Liveness {
    /// Updates arrive as they happen.
    #[default]
    Live,
    /// Something is waited for.
    Waiting,
    /// The connection broke and is being made again.
    Reconnecting,
    /// The reader, or the end of the run, has stopped the updates.
    Paused,
}

impl Liveness {
    fn word(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::Waiting => "Waiting",
            Self::Reconnecting => "Reconnecting",
            Self::Paused => "Paused",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Live => "live scripted",
            Self::Waiting | Self::Reconnecting => "live wait scripted",
            Self::Paused => "live off scripted",
        }
    }
}

/// The dot and the word of a [`Liveness`]; other words can take its place.
#[component]
pub fn LiveDot(
    #[prop(into)] state: Signal<Liveness>,
    #[prop(optional, into)] text: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <span class=move || state.get().class() role="status">
            {move || text.get().unwrap_or_else(|| state.get().word().to_owned())}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::{HUES, hue, initials};

    #[test]
    fn initials_are_those_of_the_first_and_the_last_word() {
        for (name, letters) in
            [("Isla Fraser", "IF"), ("isla", "I"), ("Ana Maria de Souza", "AS"), ("", ""), ("élodie ñ", "ÉÑ")]
        {
            assert_eq!(initials(name), letters);
        }
    }

    #[test]
    fn every_hue_of_a_tile_has_a_class() {
        let badges = include_str!("../../../../style/badge.css");
        assert!((0..HUES).all(|hue| badges.contains(&format!(".tile.hue-{hue} {{"))));
        assert_eq!(badges.matches(".tile.hue-").count(), HUES as usize);
        assert!(["production", "staging", ""].into_iter().all(|name| hue(name) < HUES));
    }
}

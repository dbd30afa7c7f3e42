//! Counter, avatar, workspace tile, live dot, and Provost's logo.

use leptos::prelude::*;

use crate::{
    icon::{Glyph, Icon},
    number::capped,
};

/// Provost's logo: a staff and a lamp. It is decorative: the link around it has the label.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
            <rect class="staff" x="4.5" y="3" width="5" height="26" rx="1.5" />
            <path
                class="lamp"
                d="M13.5 3h12.62a2 2 0 0 1 1.97 2.36l-2.37 13A2 2 0 0 1 23.75 20H13.5a1.5 1.5 0 0 1-1.5-1.5v-14A1.5 1.5 0 0 1 13.5 3Z"
            />
        </svg>
    }
}

/// A count next to a word.
#[component]
pub fn Counter(#[prop(into)] count: Signal<u64>) -> impl IntoView {
    view! { <span class="tag-n">{move || capped(count.get())}</span> }
}

/// The first letters of the first and the last word of a name that have letters.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphabetic()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// A person's initials, or the outline of a person if the name has no letters.
#[component]
pub fn Avatar(#[prop(into)] name: String) -> impl IntoView {
    let letters = initials(&name);
    let content = if letters.is_empty() { view! { <Glyph icon=Icon::User /> }.into_any() } else { letters.into_any() };
    view! { <span class="avatar" aria-hidden="true">{content}</span> }
}

/// How many hues `style/badge.css` has for tiles.
const HUES: u32 = 5;

/// The hue of a name, always the same for the same name.
fn hue(name: &str) -> u32 {
    name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % HUES
}

/// The first letter of the name of a workspace or account.
#[component]
pub fn Tile(#[prop(into)] name: String, #[prop(optional)] large: bool) -> impl IntoView {
    let letter: String = name.chars().next().into_iter().flat_map(char::to_uppercase).collect();
    view! {
        <span class=format!("tile hue-{}{}", hue(&name), if large { " lg" } else { "" }) aria-hidden="true">
            {letter}
        </span>
    }
}

/// The state of a page's live updates.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Liveness {
    /// The page has not connected yet.
    #[default]
    Connecting,
    /// Connected: updates arrive.
    Live,
    /// Connected, and the page waits for something specific, such as the first run.
    Waiting,
    /// The connection broke and is being re-established.
    Reconnecting,
    /// The person, or the end of the run, stopped the updates.
    Paused,
}

impl Liveness {
    fn word(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Live => "Live",
            Self::Waiting => "Waiting",
            Self::Reconnecting => "Reconnecting",
            Self::Paused => "Paused",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Live => "live scripted",
            Self::Connecting | Self::Waiting | Self::Reconnecting => "live wait scripted",
            Self::Paused => "live off scripted",
        }
    }
}

/// The dot and the word of a [`Liveness`]; `text` replaces the word.
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
    fn initials_come_from_the_first_and_the_last_word() {
        for (name, letters) in [
            ("Isla Fraser", "IF"),
            ("isla", "I"),
            ("Ana Maria de Souza", "AS"),
            ("", ""),
            ("élodie ñ", "ÉÑ"),
            ("Ída 🦊", "Í"),
            ("(Ann) 7 d’Or", "AD"),
            ("🦊 42", ""),
        ] {
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

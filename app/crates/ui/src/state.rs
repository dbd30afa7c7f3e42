//! States of runs. Shape and text identify a state; colour only supports them, for people who can't tell colours apart.

use leptos::prelude::*;
use model::state::StateType;

use crate::icon::symbol_url;

/// The shape that represents a state. Each state type has one, and some state names have one of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Silhouette {
    Scheduled,
    Late,
    AwaitingRetry,
    Pending,
    Running,
    Retrying,
    Paused,
    Suspended,
    Cancelling,
    Completed,
    Cached,
    Failed,
    Crashed,
    Cancelled,
    RolledBack,
}

impl Silhouette {
    /// All silhouettes, in the order of a run's life cycle.
    pub const ALL: [Self; 15] = [
        Self::Scheduled,
        Self::Late,
        Self::AwaitingRetry,
        Self::Pending,
        Self::Running,
        Self::Retrying,
        Self::Paused,
        Self::Suspended,
        Self::Cancelling,
        Self::Completed,
        Self::Cached,
        Self::Failed,
        Self::Crashed,
        Self::Cancelled,
        Self::RolledBack,
    ];

    /// The silhouette of a state. Other names get the silhouette of their type.
    #[must_use]
    pub fn of(state_type: StateType, name: &str) -> Self {
        match (state_type, name) {
            (StateType::Scheduled, "Late") => Self::Late,
            (StateType::Scheduled, "AwaitingRetry") => Self::AwaitingRetry,
            (StateType::Scheduled, _) => Self::Scheduled,
            (StateType::Pending, _) => Self::Pending,
            (StateType::Running, "Retrying") => Self::Retrying,
            (StateType::Running, _) => Self::Running,
            (StateType::Paused, "Suspended") => Self::Suspended,
            (StateType::Paused, _) => Self::Paused,
            (StateType::Cancelling, _) => Self::Cancelling,
            (StateType::Completed, "Cached") => Self::Cached,
            (StateType::Completed, "RolledBack") => Self::RolledBack,
            (StateType::Completed, _) => Self::Completed,
            (StateType::Failed, _) => Self::Failed,
            (StateType::Crashed, _) => Self::Crashed,
            (StateType::Cancelled, _) => Self::Cancelled,
        }
    }

    /// The class that colours it, which is also its id in the sprite.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Scheduled => "st-scheduled",
            Self::Late => "st-late",
            Self::AwaitingRetry => "st-awaiting-retry",
            Self::Pending => "st-pending",
            Self::Running => "st-running",
            Self::Retrying => "st-retrying",
            Self::Paused => "st-paused",
            Self::Suspended => "st-suspended",
            Self::Cancelling => "st-cancelling",
            Self::Completed => "st-completed",
            Self::Cached => "st-cached",
            Self::Failed => "st-failed",
            Self::Crashed => "st-crashed",
            Self::Cancelled => "st-cancelled",
            Self::RolledBack => "st-rolled-back",
        }
    }
}

/// A state's name for people: Prefect's compound names as separate words, all others unchanged.
#[must_use]
pub fn state_word(name: &str) -> &str {
    match name {
        "AwaitingRetry" => "Awaiting retry",
        "AwaitingConcurrencySlot" => "Awaiting slot",
        "NotReady" => "Not ready",
        "RolledBack" => "Rolled back",
        "TimedOut" => "Timed out",
        name => name,
    }
}

fn glyph(silhouette: Silhouette, class: String) -> impl IntoView {
    view! {
        <svg class=class viewBox="0 0 16 16" aria-hidden="true">
            <use_ href=symbol_url(silhouette.class()) />
        </svg>
    }
}

/// The silhouette alone. It is hidden from assistive technology, so the word must be next to it.
#[component]
pub fn StateGlyph(state_type: StateType, #[prop(into)] name: String, #[prop(optional)] big: bool) -> impl IntoView {
    let silhouette = Silhouette::of(state_type, &name);
    glyph(silhouette, format!("st {}{}", silhouette.class(), if big { " big" } else { "" }))
}

/// The state's word in its colour, for the second line of a row.
#[component]
pub fn StateWord(state_type: StateType, #[prop(into)] name: String) -> impl IntoView {
    let silhouette = Silhouette::of(state_type, &name);
    view! { <span class=format!("st-word {}", silhouette.class())>{state_word(&name).to_owned()}</span> }
}

/// Silhouette and word on a background in the state's colour.
#[component]
pub fn StateBadge(state_type: StateType, #[prop(into)] name: String, #[prop(optional)] big: bool) -> impl IntoView {
    let silhouette = Silhouette::of(state_type, &name);
    view! {
        <span class=format!("badge {}{}", silhouette.class(), if big { " big" } else { "" })>
            {glyph(silhouette, "st".to_owned())} {state_word(&name).to_owned()}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::{Silhouette, state_word};
    use model::state::StateType;

    #[test]
    fn other_state_names_get_the_silhouette_of_their_type() {
        for state_type in StateType::ALL {
            let plain = Silhouette::of(state_type, state_type.default_name());
            assert_eq!(plain.class(), format!("st-{}", state_type.as_str().to_lowercase()));
            assert_eq!(Silhouette::of(state_type, "A custom name"), plain);
        }
    }

    #[test]
    fn special_state_names_have_their_own_silhouette() {
        let cases = [
            (StateType::Scheduled, "Late", Silhouette::Late),
            (StateType::Scheduled, "AwaitingRetry", Silhouette::AwaitingRetry),
            (StateType::Running, "Retrying", Silhouette::Retrying),
            (StateType::Paused, "Suspended", Silhouette::Suspended),
            (StateType::Completed, "Cached", Silhouette::Cached),
            (StateType::Completed, "RolledBack", Silhouette::RolledBack),
            (StateType::Failed, "TimedOut", Silhouette::Failed),
            (StateType::Failed, "Cached", Silhouette::Failed),
        ];
        for (state_type, name, silhouette) in cases {
            assert_eq!(Silhouette::of(state_type, name), silhouette, "{name}");
        }
    }

    #[test]
    fn every_silhouette_is_drawn_and_coloured() {
        let sprite = include_str!("../../../../public/icons.svg");
        let badges = include_str!("../../../../style/badge.css");
        let tokens = include_str!("../../../../style/tokens.css");
        for silhouette in Silhouette::ALL {
            let class = silhouette.class();
            assert!(sprite.contains(&format!("<symbol id=\"{class}\"")), "{class}");
            assert!(badges.contains(&format!(".{class} {{")), "{class}");
            assert!(tokens.contains(&format!("--{class}-fg: light-dark(")), "{class}");
        }
    }

    #[test]
    fn compound_names_are_split_into_words() {
        assert_eq!(state_word("AwaitingRetry"), "Awaiting retry");
        assert_eq!(state_word("Completed"), "Completed");
        assert_eq!(state_word("MyOwnName"), "MyOwnName");
    }
}

//! The icons of the sprite `public/icons.svg`, in the colour of the surrounding text.

use leptos::prelude::*;

use crate::content_hash::ICONS;

/// The URL of a symbol of the sprite: file and fragment.
pub(crate) fn symbol_url(id: &str) -> String {
    format!("/icons-{ICONS:016x}.svg#{id}")
}

macro_rules! icons {
    ($($icon:ident = $name:literal,)*) => {
        /// An icon of the sprite.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Icon { $($icon,)* }

        impl Icon {
            /// All icons.
            pub const ALL: &[Self] = &[$(Self::$icon,)*];

            /// The id of its symbol.
            fn id(self) -> &'static str {
                match self { $(Self::$icon => concat!("i-", $name),)* }
            }
        }
    };
}

icons! {
    Artifact = "artifact",
    Bin = "bin",
    Book = "book",
    Check = "check",
    Clock = "clock",
    Copy = "copy",
    Down = "down",
    Enter = "enter",
    Filter = "filter",
    Gear = "gear",
    Help = "help",
    Image = "image",
    Info = "info",
    Key = "key",
    Keyboard = "keyboard",
    Laptop = "laptop",
    Left = "left",
    Link = "link",
    Lock = "lock",
    Moon = "moon",
    More = "more",
    Pen = "pen",
    Plus = "plus",
    Prompt = "prompt",
    Pulse = "pulse",
    Retry = "retry",
    Right = "right",
    Runs = "runs",
    Search = "search",
    Star = "star",
    Sun = "sun",
    Up = "up",
    Table = "table",
    UpDown = "updown",
    User = "user",
    Variable = "vari",
    Warn = "warn",
    Cross = "x",
}

/// An icon of 16 px. It is hidden from assistive technology, so a text or the label of its button must name it.
#[component]
pub fn Glyph(icon: Icon) -> impl IntoView {
    view! {
        <svg class="i" viewBox="0 0 16 16" aria-hidden="true">
            <use_ href=symbol_url(icon.id()) />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::Icon;

    #[test]
    fn every_icon_is_in_the_sprite_once() {
        let sprite = include_str!("../../../../public/icons.svg");
        for icon in Icon::ALL {
            let id = icon.id();
            assert_eq!(sprite.matches(&format!("<symbol id=\"{id}\"")).count(), 1, "{id}");
        }
    }

    #[test]
    fn every_icon_of_the_sprite_is_used() {
        let sprite = include_str!("../../../../public/icons.svg");
        assert_eq!(sprite.matches("<symbol id=\"i-").count(), Icon::ALL.len());
        let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = String::new();
        read(&crates.join("src"), &mut sources);
        read(&crates.join("../../src"), &mut sources);
        let words: BTreeSet<_> = sources.split(|letter: char| !(letter.is_alphanumeric() || letter == ':')).collect();
        for icon in Icon::ALL {
            assert!(words.contains(&*format!("Icon::{icon:?}")), "{icon:?} is unused");
        }
    }

    /// Appends all Rust source files below a folder.
    fn read(folder: &Path, sources: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, sources);
            } else if path.extension().is_some_and(|end| end == "rs") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
}

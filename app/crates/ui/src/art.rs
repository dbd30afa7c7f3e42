//! The illustrations of the sprite `public/art.svg`. All are decorative.

use leptos::prelude::*;

use crate::content_hash::ART;

/// An illustration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Art {
    /// A street at night with a lit lamp: sign-in.
    Street,
    /// The street with an unlit lamp: not found.
    Unlit,
    /// Bars that fell off a chart's axis: server error.
    Fallen,
    /// Rings around a light: first workspace.
    Rings,
}

impl Art {
    #[cfg(test)]
    const ALL: [Self; 4] = [Self::Street, Self::Unlit, Self::Fallen, Self::Rings];

    fn id(self) -> &'static str {
        match self {
            Self::Street => "street",
            Self::Unlit => "unlit",
            Self::Fallen => "fallen",
            Self::Rings => "rings",
        }
    }

    fn view_box(self) -> &'static str {
        match self {
            Self::Street => "0 0 660 430",
            Self::Unlit | Self::Fallen => "0 0 640 240",
            Self::Rings => "0 0 560 420",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Street => "street",
            Self::Unlit | Self::Fallen => "pic",
            Self::Rings => "rings",
        }
    }
}

/// An illustration in the size of its container.
#[component]
pub fn Picture(art: Art) -> impl IntoView {
    // The rings are cropped to fill the container; the others are shown in full.
    let fit = if art == Art::Rings { "xMidYMid slice" } else { "xMidYMax meet" };
    view! {
        <svg class=art.class() viewBox=art.view_box() preserveAspectRatio=fit aria-hidden="true">
            <use_ href=format!("/art-{ART:016x}.svg#{}", art.id()) />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::Art;

    #[test]
    fn every_illustration_is_in_the_sprite() {
        let sprite = include_str!("../../../../public/art.svg");
        for art in Art::ALL {
            assert!(sprite.contains(&format!("<symbol id=\"{}\" viewBox=\"{}\"", art.id(), art.view_box())), "{art:?}");
        }
    }
}

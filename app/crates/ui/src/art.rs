//! Pictures of the sprite `public/art.svg`. All are decorative.

use leptos::prelude::*;

/// A picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Art {
    /// The street at night, its lamp lit: sign-in.
    Street,
    /// The same street, the lamp unlit: not found.
    Unlit,
    /// Bars that fell off the rule: server error.
    Fallen,
    /// Rings around a light: the first workspace.
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

/// A picture, as large as its place.
#[component]
pub fn Picture(art: Art) -> impl IntoView {
    // Rings fill their place; the others are shown whole.
    let fit = if art == Art::Rings { "xMidYMid slice" } else { "xMidYMax meet" };
    view! {
        <svg class=art.class() viewBox=art.view_box() preserveAspectRatio=fit aria-hidden="true">
            <use_ href=format!("/art.svg#{}", art.id()) />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::Art;

    #[test]
    fn every_picture_is_in_its_sprite() {
        let sprite = include_str!("../../../../public/art.svg");
        for art in Art::ALL {
            assert!(sprite.contains(&format!("<symbol id=\"{}\" viewBox=\"{}\"", art.id(), art.view_box())), "{art:?}");
        }
    }
}

//! How pages look to a person. The server writes it into the attributes of `<html>`, from which the style takes it.

use serde::{Deserialize, Serialize};

/// Defines a choice: its variants, their text in the database, in forms and in the attribute, and their label. The first one is the
/// default, for which `<html>` has no attribute.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $first:ident = $first_text:literal, $first_label:literal; $($variant:ident = $text:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
        pub enum $name {
            #[default]
            $first,
            $($variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[Self::$first, $(Self::$variant,)+];

            /// The text in the database and in forms.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    Self::$first => $first_text,
                    $(Self::$variant => $text,)+
                }
            }

            /// The inverse of `as_str`.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.as_str() == text)
            }

            /// The value of its attribute of `<html>`; `None` for the default.
            #[must_use]
            pub fn attribute(self) -> Option<&'static str> {
                (self != Self::default()).then_some(self.as_str())
            }

            /// The label of its button.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self {
                    Self::$first => $first_label,
                    $(Self::$variant => $label,)+
                }
            }
        }
    };
}

choices! {
    /// Light, dark, or the system's theme.
    Theme {
        System = "system", "System";
        Light = "light", "Light";
        Dark = "dark", "Dark";
    }
}

choices! {
    /// The colours of states: the standard ones, or ones that people who see few colours can tell apart.
    Palette {
        Standard = "standard", "Standard";
        Clear = "clear", "Clear for colour blindness";
    }
}

choices! {
    /// How much room rows and controls take.
    Density {
        Comfortable = "comfortable", "Comfortable";
        Compact = "compact", "Compact";
    }
}

impl Theme {
    /// The theme with this attribute, which is also the value of the cookie.
    #[must_use]
    pub fn from_attribute(value: Option<&str>) -> Self {
        value.and_then(Self::parse).unwrap_or_default()
    }
}

/// How pages look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Appearance {
    pub theme: Theme,
    pub palette: Palette,
    pub density: Density,
}

impl Appearance {
    /// The attributes of `<html>`, each with its value, if it has one.
    #[must_use]
    pub fn attributes(self) -> [(&'static str, Option<&'static str>); 3] {
        [
            ("data-theme", self.theme.attribute()),
            ("data-palette", self.palette.attribute()),
            ("data-density", self.density.attribute()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{Appearance, Density, Palette, Theme};

    #[test]
    fn choices_round_trip_through_their_text() {
        assert!(Theme::ALL.iter().all(|theme| Theme::parse(theme.as_str()) == Some(*theme)));
        assert!(Palette::ALL.iter().all(|palette| Palette::parse(palette.as_str()) == Some(*palette)));
        assert!(Density::ALL.iter().all(|density| Density::parse(density.as_str()) == Some(*density)));
        assert_eq!((Theme::parse(""), Palette::parse("Clear"), Density::parse("dense")), (None, None, None));
    }

    #[test]
    fn defaults_have_no_attributes() {
        assert!(Appearance::default().attributes().iter().all(|(_, value)| value.is_none()));
        let chosen = Appearance { theme: Theme::Dark, palette: Palette::Clear, density: Density::Compact };
        assert_eq!(chosen.attributes().map(|(_, value)| value), [Some("dark"), Some("clear"), Some("compact")]);
    }

    #[test]
    fn unknown_theme_is_that_of_the_system() {
        assert_eq!(Theme::from_attribute(Some("dark")), Theme::Dark);
        for unknown in [None, Some(""), Some("plaid")] {
            assert_eq!(Theme::from_attribute(unknown), Theme::System);
        }
    }
}

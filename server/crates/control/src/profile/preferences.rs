//! How pages look to a person, and the zone of their times.

use model::{
    appearance::{Appearance, Density, Palette, Theme},
    id::UserId,
    zone::BrowserZone,
};
use store::{
    Tx, Write,
    profile::{PREFERENCES, SET_PREFERENCES, SET_THEME},
};

use super::zone::{is_zone_name, zone_around};
use crate::{Cx, Error, Result, access::Caller};

/// What a person has chosen for all pages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preferences {
    /// None until the person has chosen one: then each browser has its own.
    pub theme: Option<Theme>,
    pub palette: Palette,
    pub density: Density,
    /// The zone that the person has chosen, with its offsets around the current time.
    pub chosen_zone: Option<BrowserZone>,
    /// The zone of the browser in which the person last signed in, for browsers that send none.
    pub last_zone: Option<BrowserZone>,
}

impl Preferences {
    /// How pages look in a browser with this theme of its own.
    #[must_use]
    pub fn appearance(&self, browser: Theme) -> Appearance {
        Appearance { theme: self.theme.unwrap_or(browser), palette: self.palette, density: self.density }
    }
}

/// The caller's preferences.
///
/// # Errors
/// [`Error::Unauthenticated`] if the person no longer exists.
pub async fn preferences(cx: &Cx, caller: Caller) -> Result<Preferences> {
    let row = cx.db.optional(&PREFERENCES, (caller.person(),)).await?.ok_or(Error::Unauthenticated)?;
    let now = cx.clock.now();
    Ok(Preferences {
        theme: row.theme,
        palette: row.palette,
        density: row.density,
        chosen_zone: row.chosen_zone.and_then(|name| zone_around(&name, now)),
        last_zone: row.zone.and_then(|zone| BrowserZone::parse(&zone)),
    })
}

/// The form with which a person chooses how pages look.
#[derive(Clone, Debug)]
pub struct EditPreferences {
    pub theme: String,
    pub palette: String,
    pub density: String,
    /// Empty for the zone of each browser.
    pub zone: String,
}

/// Sets the caller's preferences.
///
/// # Errors
/// [`Error::Invalid`] for the fields `theme`, `palette`, `density` and `zone`.
pub async fn edit_preferences(cx: &Cx, caller: Caller, edited: EditPreferences) -> Result<()> {
    let theme = Theme::parse(&edited.theme).ok_or_else(|| not_listed("theme", "a theme"))?;
    let palette = Palette::parse(&edited.palette).ok_or_else(|| not_listed("palette", "state colours"))?;
    let density = Density::parse(&edited.density).ok_or_else(|| not_listed("density", "a density"))?;
    let zone = match edited.zone.trim() {
        "" => None,
        name if is_zone_name(name) => Some(name.to_owned()),
        _ => return Err(not_listed("zone", "a time zone")),
    };
    cx.db.write(SetPreferences { person: caller.person(), theme, palette, density, zone }).await
}

fn not_listed(field: &'static str, what: &str) -> Error {
    Error::invalid(field, format!("Choose {what} from the list."))
}

struct SetPreferences {
    person: UserId,
    theme: Theme,
    palette: Palette,
    density: Density,
    zone: Option<String>,
}

impl Write for SetPreferences {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let row = (self.person, self.theme, self.palette, self.density, self.zone.as_deref());
        tx.run(&SET_PREFERENCES, row).await?;
        Ok(())
    }
}

/// Sets the caller's theme.
///
/// # Errors
/// [`Error::Invalid`] for the field `theme`.
pub async fn set_theme(cx: &Cx, caller: Caller, theme: &str) -> Result<()> {
    let theme = Theme::parse(theme).ok_or_else(|| not_listed("theme", "a theme"))?;
    cx.db.write(SetTheme { person: caller.person(), theme }).await
}

struct SetTheme {
    person: UserId,
    theme: Theme,
}

impl Write for SetTheme {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(&SET_THEME, (self.person, self.theme)).await?;
        Ok(())
    }
}

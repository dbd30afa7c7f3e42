//! What belongs to a person and concerns no workspace: names and handle, appearance and time zone, and deleting all of it.

mod delete;
mod edit;
mod preferences;
mod zone;

pub use delete::delete_account;
pub use edit::{EditProfile, edit};
use model::{
    appearance::Appearance,
    profile::{OldHandle, Profile, split_name},
    time::{Span, Timestamp},
};
pub use preferences::{EditPreferences, Preferences, edit_preferences, preferences, set_theme};
use store::{
    Read, Tx,
    account::OLD_HANDLES,
    profile::{PROFILE, ProfileRow},
};
pub use zone::{zone_around, zone_names};

use crate::{Cx, Error, Result, access::Caller};

/// For how long a handle still names its account after the account has got another one.
pub const OLD_HANDLE_LIFETIME: Span = Span::from_micros(30 * 86_400_000_000);
/// How many handles an account can have had in that time.
const MAX_OLD_HANDLES: i64 = 3;

/// The caller's profile.
///
/// # Errors
/// [`Error::Unauthenticated`] if the person no longer exists.
pub async fn profile(cx: &Cx, caller: Caller) -> Result<Profile> {
    cx.db.read(ReadProfile { caller, now: cx.clock.now() }).await
}

struct ReadProfile {
    caller: Caller,
    now: Timestamp,
}

impl Read for ReadProfile {
    type Out = Profile;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Profile> {
        let row = tx.optional(&PROFILE, (self.caller.person(),)).await?.ok_or(Error::Unauthenticated)?;
        let old = tx.all(&OLD_HANDLES, (row.account, self.now, MAX_OLD_HANDLES)).await?;
        let old_handles = old.into_iter().map(|(handle, expires)| OldHandle { handle, expires }).collect();
        Ok(to_profile(row, old_handles))
    }
}

fn to_profile(row: ProfileRow, old_handles: Vec<OldHandle>) -> Profile {
    // Until the person has edited the names, they are guessed.
    let (first, last) = split_name(&row.name);
    Profile {
        first_name: row.first_name.unwrap_or_else(|| first.to_owned()),
        last_name: row.last_name.unwrap_or_else(|| last.to_owned()),
        handle: row.handle,
        old_handles,
        appearance: Appearance { theme: row.theme.unwrap_or_default(), palette: row.palette, density: row.density },
        zone: row.chosen_zone,
        zones: zone_names().map(str::to_owned).collect(),
    }
}

//! What people choose for themselves: names, appearance, time zone; and deleting them.

use model::{
    appearance::{Density, Palette, Theme},
    handle::Handle,
    id::{AccountId, UserId, WorkspaceId},
    time::Timestamp,
};

use crate::{
    error::{Error, Result},
    record, statements,
    value::{Column, Kind, Type, Value},
};

macro_rules! choice_columns {
    ($($choice:ident)*) => {$(
        impl Column for $choice {
            const KIND: Kind = Kind::of(Type::Text);
            fn to_value(&self) -> Value {
                Value::Text(self.as_str().to_owned())
            }
            fn from_value(value: Value) -> Result<Self> {
                Self::parse(&String::from_value(value)?).ok_or(Error::Corrupt(stringify!($choice)))
            }
        }
    )*};
}

choice_columns! { Density Palette Theme }

record! {
    /// How pages look to a person.
    pub struct PreferencesRow {
        /// None until the person has chosen one.
        pub theme: Option<Theme>,
        pub palette: Palette,
        pub density: Density,
        /// The name of the zone that the person has chosen.
        pub chosen_zone: Option<String>,
        /// The zone of the browser in which they last signed in, as the browser sent it.
        pub zone: Option<String>,
    }
}

record! {
    /// A person, with their personal account.
    pub struct ProfileRow {
        pub name: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub theme: Option<Theme>,
        pub palette: Palette,
        pub density: Density,
        pub chosen_zone: Option<String>,
        pub account: AccountId,
        pub handle: Handle,
    }
}

statements! {
    /// How pages look to a person.
    unscoped PREFERENCES: (UserId,) => PreferencesRow = select "FROM person WHERE id = $1";
    /// A person, with their personal account.
    unscoped PROFILE: (UserId,) => ProfileRow =
        "SELECT p.name, p.first_name, p.last_name, p.theme, p.palette, p.density, p.chosen_zone,
                a.id AS account, a.handle
         FROM person p JOIN account_member m ON m.person_id = p.id JOIN account a ON a.id = m.account_id AND a.kind = 'personal'
         WHERE p.id = $1";
    /// Sets a person's names: the one that is shown, the first and the last.
    unscoped SET_NAMES: (UserId, String, String, String, Timestamp) => () =
        "UPDATE person SET name = $2, first_name = $3, last_name = $4, updated = $5 WHERE id = $1";
    /// Sets how pages look to a person, and the name of their zone.
    unscoped SET_PREFERENCES: (UserId, Theme, Palette, Density, Option<String>) => () =
        "UPDATE person SET theme = $2, palette = $3, density = $4, chosen_zone = $5 WHERE id = $1";
    /// Sets a person's theme.
    unscoped SET_THEME: (UserId, Theme) => () = "UPDATE person SET theme = $2 WHERE id = $1";
    /// Names of workspaces that would lose their only owner, or that other members would lose, if a person and their account were deleted.
    unscoped WORKSPACES_WITH_OTHER_MEMBERS: (UserId, AccountId, i64) => (String,) =
        "SELECT w.name FROM workspace_member m JOIN workspace w ON w.id = m.workspace_id
         WHERE m.person_id = $1 AND w.deleted IS NULL
           AND EXISTS (SELECT 1 FROM workspace_member o WHERE o.workspace_id = w.id AND o.person_id <> $1)
           AND (w.account_id = $2 OR (m.role = 'owner'
               AND NOT EXISTS (SELECT 1 FROM workspace_member o WHERE o.workspace_id = w.id AND o.person_id <> $1 AND o.role = 'owner')))
         ORDER BY w.name, w.id LIMIT $3";
    /// The workspaces of an account.
    unscoped WORKSPACES_OF_ACCOUNT: (AccountId, i64) => (WorkspaceId,) =
        "SELECT id FROM workspace WHERE account_id = $1 AND deleted IS NULL ORDER BY id LIMIT $2";
    /// Marks the workspaces of an account as deleted, which hides them from all their members.
    unscoped MARK_WORKSPACES_DELETED: (AccountId, Timestamp) => () =
        "UPDATE workspace SET deleted = $2, updated = $2 WHERE account_id = $1 AND deleted IS NULL";
    /// Deletes a person, and with the row everything that refers to it: memberships, sessions, API keys, ways to sign in.
    unscoped DELETE_PERSON: (UserId,) => () = "DELETE FROM person WHERE id = $1";
}

//! Marks a workspace as a favourite.

use model::{id::UserId, permission::ReadRuns, time::Timestamp};
use store::{
    Tenant, Tx, Write,
    favourite::{DELETE_FAVOURITE, INSERT_FAVOURITE},
};

use crate::{Cx, Error, Result, access::Workspace};

/// Adds the workspace to the caller's favourites, or removes it.
///
/// # Errors
/// Only those of the database.
pub async fn set_favourite(cx: &Cx, ws: Workspace<ReadRuns>, on: bool) -> Result<()> {
    let (tenant, person, now) = (*ws.tenant(), ws.caller().person(), cx.clock.now());
    cx.db.write(SetFavourite { tenant, person, on, now }).await
}

struct SetFavourite {
    tenant: Tenant,
    person: UserId,
    on: bool,
    now: Timestamp,
}

impl Write for SetFavourite {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut scope = tx.of(&self.tenant);
        if self.on {
            scope.run(&INSERT_FAVOURITE, (self.person, self.now)).await?;
        } else {
            scope.run(&DELETE_FAVOURITE, (self.person,)).await?;
        }
        Ok(())
    }
}

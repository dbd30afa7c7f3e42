//! The star of a workspace.

use model::{id::UserId, permission::ReadRuns, time::Timestamp};
use store::{
    Tenant, Tx, Write,
    favourite::{DELETE_FAVOURITE, INSERT_FAVOURITE},
};

use crate::{Cx, Error, Result, access::Workspace};

/// Marks the workspace as one of the caller's favourites, or takes the mark away.
///
/// # Errors
/// Only those of the database.
pub async fn set_favourite(cx: &Cx, at: Workspace<ReadRuns>, on: bool) -> Result<()> {
    let (tenant, person, now) = (*at.tenant(), at.caller().person(), cx.clock.now());
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
        let mut here = tx.of(&self.tenant);
        if self.on {
            here.run(&INSERT_FAVOURITE, (self.person, self.now)).await?;
        } else {
            here.run(&DELETE_FAVOURITE, (self.person,)).await?;
        }
        Ok(())
    }
}

//! The audit log: each act is noted in the same write as what it did.

use std::net::IpAddr;

use model::{
    audit::{AuditEntry, AuditEvent},
    id::{AccountId, ApiKeyId, AuditId, UserId, WorkspaceId},
    time::Timestamp,
};
use store::{
    Tx, Write,
    account::PERSONAL_ACCOUNT,
    audit::{AuditRow, INSERT_AUDIT, RECENT_AUDIT},
};

use crate::{
    Cx, Result,
    access::{Caller, Origin},
};

/// How many entries are read at once.
const PAGE: i64 = 200;

/// The newest entries of the caller's accounts.
///
/// # Errors
/// Only those of the database.
pub async fn recent(cx: &Cx, caller: Caller) -> Result<Vec<AuditEntry>> {
    let rows = cx.db.all(&RECENT_AUDIT, (caller.person(), PAGE)).await?;
    Ok(rows.into_iter().map(entry).collect())
}

fn entry(row: AuditRow) -> AuditEntry {
    AuditEntry {
        id: row.id,
        event: row.event,
        occurred: row.occurred,
        account_id: row.account_id,
        workspace_id: row.workspace_id,
        person_id: row.person_id,
        api_key_id: row.api_key_id,
        object: row.object,
        address: row.address,
    }
}

/// An act that is about to be done.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    id: AuditId,
    event: AuditEvent,
    person: Option<UserId>,
    api_key: Option<ApiKeyId>,
    address: Option<IpAddr>,
    occurred: Timestamp,
}

impl Act {
    /// What a caller does.
    pub(crate) fn of(cx: &Cx, caller: Caller, event: AuditEvent, origin: Origin) -> Self {
        Self { api_key: caller.api_key(), ..Self::of_person(cx, Some(caller.person()), event, origin) }
    }

    /// What somebody does who has not shown yet who they are.
    pub(crate) fn of_person(cx: &Cx, person: Option<UserId>, event: AuditEvent, origin: Origin) -> Self {
        let occurred = cx.clock.now();
        Self { id: cx.ids.make(occurred), event, person, api_key: None, address: origin.address, occurred }
    }

    /// When it is done.
    pub(crate) fn occurred(&self) -> Timestamp {
        self.occurred
    }

    /// Notes it while nobody waits: from the time of an answer nobody is to tell that there was something to note.
    pub(crate) fn note_aside(self, cx: &Cx) {
        let db = cx.db.clone();
        drop(tokio::spawn(async move {
            if let Err(error) = db.write(Note(self)).await {
                tracing::warn!(%error, "an act was not noted");
            }
        }));
    }

    /// Notes it under the person's own account.
    pub(crate) async fn note(&self, tx: &mut Tx<'_>, object: Option<&str>) -> store::Result<()> {
        let account = match self.person {
            Some(person) => tx.optional(&PERSONAL_ACCOUNT, (person,)).await?.map(|account| account.id),
            None => None,
        };
        self.note_in(tx, account, None, object).await
    }

    /// Notes it under an account, and a workspace of it.
    pub(crate) async fn note_in(
        &self,
        tx: &mut Tx<'_>,
        account_id: Option<AccountId>,
        workspace_id: Option<WorkspaceId>,
        object: Option<&str>,
    ) -> store::Result<()> {
        let row = AuditRow {
            id: self.id,
            account_id,
            workspace_id,
            person_id: self.person,
            api_key_id: self.api_key,
            event: self.event,
            object: object.map(str::to_owned),
            address: self.address,
            occurred: self.occurred,
        };
        tx.exactly_one(&INSERT_AUDIT, &row).await
    }
}

/// An act that was done without a write of its own.
struct Note(Act);

impl Write for Note {
    type Out = ();
    type Error = store::Error;
    async fn run(&self, tx: &mut Tx<'_>) -> store::Result<()> {
        self.0.note(tx, None).await
    }
}

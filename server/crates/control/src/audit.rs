//! The audit log. A record is inserted in the same transaction as the change that it describes.

use std::net::IpAddr;

use model::{
    audit::{AuditEntry, AuditEvent, AuditId},
    id::{AccountId, ApiKeyId, UserId, WorkspaceId},
    time::Timestamp,
};
use store::{
    Tx, Write,
    account::PERSONAL_ACCOUNT,
    audit::{AuditRow, INSERT_AUDIT, RECENT_AUDIT},
};

use crate::{
    Cx, Result,
    access::{Caller, ClientInfo},
};

/// The most entries in one list.
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

/// A record of what a caller is about to do.
#[derive(Clone, Debug)]
pub(crate) struct AuditRecord {
    id: AuditId,
    event: AuditEvent,
    person: Option<UserId>,
    api_key: Option<ApiKeyId>,
    address: Option<IpAddr>,
    occurred: Timestamp,
}

impl AuditRecord {
    /// A record of an authenticated caller.
    pub(crate) fn by_caller(cx: &Cx, caller: Caller, event: AuditEvent, client: ClientInfo) -> Self {
        Self { api_key: caller.api_key(), ..Self::by_person(cx, Some(caller.person()), event, client) }
    }

    /// A record without a credential: of a person who is registering or signing in.
    pub(crate) fn by_person(cx: &Cx, person: Option<UserId>, event: AuditEvent, client: ClientInfo) -> Self {
        let occurred = cx.clock.now();
        Self { id: cx.ids.make(occurred), event, person, api_key: None, address: client.address, occurred }
    }

    /// When it happens.
    pub(crate) fn occurred_at(&self) -> Timestamp {
        self.occurred
    }

    /// Inserts the record in a task of its own. The response does not wait for it, so its time does not reveal whether there was a record.
    pub(crate) fn spawn_insert(self, cx: &Cx) {
        let db = cx.db.clone();
        drop(tokio::spawn(async move {
            if let Err(error) = db.write(InsertAudit(self)).await {
                tracing::warn!(%error, "failed to insert an audit record");
            }
        }));
    }

    /// Inserts the record under the person's own account.
    pub(crate) async fn insert(&self, tx: &mut Tx<'_>, object: Option<&str>) -> store::Result<()> {
        let account = match self.person {
            Some(person) => tx.optional(&PERSONAL_ACCOUNT, (person,)).await?.map(|account| account.id),
            None => None,
        };
        self.insert_in(tx, account, None, object).await
    }

    /// Inserts the record under an account, and under one of its workspaces if there is one.
    pub(crate) async fn insert_in(
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

/// Inserts a record that belongs to no other write.
struct InsertAudit(AuditRecord);

impl Write for InsertAudit {
    type Out = ();
    type Error = store::Error;
    async fn run(&self, tx: &mut Tx<'_>) -> store::Result<()> {
        self.0.insert(tx, None).await
    }
}

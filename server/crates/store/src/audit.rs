//! The audit log: who did what, inserted in the same transaction as the change.

use std::net::IpAddr;

use model::{
    audit::{AuditEvent, AuditId},
    id::{AccountId, ApiKeyId, UserId, WorkspaceId},
    time::Timestamp,
};

use crate::{
    column::id_columns,
    error::{Error, Result},
    record, statements,
    value::{Column, Kind, Type, Value},
};

id_columns!(AuditId);

impl Column for AuditEvent {
    const KIND: Kind = Kind::of(Type::Text);
    fn to_value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn from_value(value: Value) -> Result<Self> {
        Self::parse(&String::from_value(value)?).ok_or(Error::Corrupt("audit event"))
    }
}

impl Column for IpAddr {
    const KIND: Kind = Kind::of(Type::Text);
    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
    fn from_value(value: Value) -> Result<Self> {
        String::from_value(value)?.parse().map_err(|_| Error::Corrupt("network address"))
    }
}

record! {
    /// One entry. It has no foreign keys, because it outlives the rows that it names.
    pub struct AuditRow {
        pub id: AuditId,
        pub account_id: Option<AccountId>,
        pub workspace_id: Option<WorkspaceId>,
        pub person_id: Option<UserId>,
        pub api_key_id: Option<ApiKeyId>,
        pub event: AuditEvent,
        pub object: Option<String>,
        pub address: Option<IpAddr>,
        pub occurred: Timestamp,
    }
}

statements! {
    /// Adds an entry.
    unscoped INSERT_AUDIT: AuditRow => () =
        "INSERT INTO audit (id, account_id, workspace_id, person_id, api_key_id, event, object, address, occurred)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// The newest entries of the accounts that a person is a member of.
    unscoped RECENT_AUDIT: (UserId, i64) => AuditRow =
        "SELECT a.id, a.account_id, a.workspace_id, a.person_id, a.api_key_id, a.event, a.object, a.address, a.occurred
         FROM account_member m JOIN audit a ON a.account_id = m.account_id
         WHERE m.person_id = $1 ORDER BY a.occurred DESC, a.id DESC LIMIT $2";
}

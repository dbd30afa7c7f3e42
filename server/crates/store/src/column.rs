//! How the types of `model` lie in columns: ids as UUID, times and spans as microseconds, words and JSON as text.

use model::{
    id::{
        AccountId, ApiKeyId, AuditId, BlockDocumentId, BlockSchemaId, BlockTypeId, ConcurrencyLimitId, DeploymentId,
        EventId, FlowId, FlowRunId, IdentityId, LeaseId, LogId, StateId, TaskRunId, UserId, WorkPoolId, WorkQueueId,
        WorkspaceId,
    },
    state::StateType,
    time::{Span, Timestamp},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    value::{Column, Kind, Type, Value},
};

macro_rules! id_columns {
    ($($id:ident)*) => {$(
        impl Column for $id {
            const KIND: Kind = Kind::of(Type::Uuid);
            fn put(&self) -> Value {
                Value::Uuid(self.0)
            }
            fn take(value: Value) -> Result<Self> {
                uuid::Uuid::take(value).map($id)
            }
        }
    )*};
}

id_columns! {
    AccountId ApiKeyId AuditId BlockDocumentId BlockSchemaId BlockTypeId ConcurrencyLimitId DeploymentId EventId FlowId
    FlowRunId IdentityId LeaseId LogId StateId TaskRunId UserId WorkPoolId WorkQueueId WorkspaceId
}

impl Column for Timestamp {
    const KIND: Kind = Kind::of(Type::Big);
    fn put(&self) -> Value {
        Value::Big(self.micros())
    }
    fn take(value: Value) -> Result<Self> {
        i64::take(value).map(Self::from_micros)
    }
}

impl Column for Span {
    const KIND: Kind = Kind::of(Type::Big);
    fn put(&self) -> Value {
        Value::Big(self.micros())
    }
    fn take(value: Value) -> Result<Self> {
        i64::take(value).map(Self::from_micros)
    }
}

impl Column for StateType {
    const KIND: Kind = Kind::of(Type::Text);
    fn put(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn take(value: Value) -> Result<Self> {
        Self::from_word(&String::take(value)?).ok_or(Error::Corrupt("state type"))
    }
}

/// A value that lies in a TEXT column as JSON. The database never looks inside: what is filtered on has a column of its own.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Json<T>(pub T);

impl<T: Serialize + DeserializeOwned> Column for Json<T> {
    const KIND: Kind = Kind::of(Type::Text);
    fn put(&self) -> Value {
        Value::Text(serde_json::to_string(&self.0).expect("the types kept as JSON have string keys and finite numbers"))
    }
    fn take(value: Value) -> Result<Self> {
        serde_json::from_str(&String::take(value)?).map(Self).map_err(|_| Error::Corrupt("JSON"))
    }
}

//! How the types of `model` are stored: ids as UUID, times and spans as microseconds, enums and JSON as text.

use model::{
    artifact::{ArtifactKind, Metadata},
    event::Resource,
    flow_run::CreatedBy,
    label::Labels,
    parameters::Parameters,
    policy::{FlowRunPolicy, TaskRunPolicy},
    state::{StateDetails, StateType},
    task_run::TaskInputs,
    time::{Span, Timestamp},
    wire::Object,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    value::{Column, Kind, Type, Value},
};

/// Declares how ids are stored.
macro_rules! id_columns {
    ($($id:ty),*) => {$(
        impl $crate::value::Column for $id {
            const KIND: $crate::value::Kind = $crate::value::Kind::of($crate::value::Type::Uuid);
            fn to_value(&self) -> $crate::value::Value {
                $crate::value::Value::Uuid(self.0)
            }
            fn from_value(value: $crate::value::Value) -> $crate::error::Result<Self> {
                <uuid::Uuid as $crate::value::Column>::from_value(value).map(Self)
            }
        }
    )*};
}
pub(crate) use id_columns;

macro_rules! shared_id_columns {
    ($($id:ident)*) => {
        id_columns! { $(model::id::$id),* }
    };
}
model::for_shared_ids!(shared_id_columns);

impl Column for Timestamp {
    const KIND: Kind = Kind::of(Type::Big);
    fn to_value(&self) -> Value {
        Value::Big(self.micros())
    }
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value).map(Self::from_micros)
    }
}

impl Column for Span {
    const KIND: Kind = Kind::of(Type::Big);
    fn to_value(&self) -> Value {
        Value::Big(self.micros())
    }
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value).map(Self::from_micros)
    }
}

impl Column for StateType {
    const KIND: Kind = Kind::of(Type::Text);
    fn to_value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn from_value(value: Value) -> Result<Self> {
        Self::parse(&String::from_value(value)?).ok_or(Error::Corrupt("state type"))
    }
}

impl Column for ArtifactKind {
    const KIND: Kind = Kind::of(Type::Text);
    fn to_value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn from_value(value: Value) -> Result<Self> {
        Self::parse(&String::from_value(value)?).ok_or(Error::Corrupt("kind of an artifact"))
    }
}

/// A list of keys, bound to a parameter as JSON.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Json<T>(pub T);

fn to_json<T: Serialize>(value: &T) -> Value {
    Value::Text(serde_json::to_string(value).expect("the types stored as JSON have string keys and finite numbers"))
}

fn from_json<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_str(&String::from_value(value)?).map_err(|_| Error::Corrupt("JSON"))
}

impl<T: Serialize + DeserializeOwned> Column for Json<T> {
    const KIND: Kind = Kind::of(Type::Text);
    fn to_value(&self) -> Value {
        to_json(&self.0)
    }
    fn from_value(value: Value) -> Result<Self> {
        from_json(value).map(Self)
    }
}

/// Types that are stored as JSON in a TEXT column. No query reads inside the JSON: what is filtered on has a column of its own.
macro_rules! json_columns {
    ($($ty:ty,)*) => {$(
        impl Column for $ty {
            const KIND: Kind = Kind::of(Type::Text);
            fn to_value(&self) -> Value {
                to_json(self)
            }
            fn from_value(value: Value) -> Result<Self> {
                from_json(value)
            }
        }
    )*};
}

json_columns! {
    CreatedBy, FlowRunPolicy, Labels, Metadata, Object, Parameters, Resource, StateDetails, TaskInputs, TaskRunPolicy, Vec<Resource>, Vec<String>,
    serde_json::Value,
}

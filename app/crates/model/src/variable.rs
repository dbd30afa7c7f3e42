//! Variables: named values that flows read while they run.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::{
    filter::{IdFilter, NameFilter, TagsFilter, ValueFilter, filter, list_query},
    id::ids,
    json_text, label,
    name::{InvalidName, OWN_INDEX, is_lower_case, names},
    time::Timestamp,
};

ids! {
    /// A variable.
    VariableId;
}

/// The most characters of a name.
pub const MAX_VARIABLE_NAME: usize = 255;

/// The most characters of a value, written as JSON.
pub const MAX_VALUE_CHARACTERS: usize = 5_000;

names! {
    /// The name of a variable.
    VariableName of OWN_INDEX if |text| text.len() <= MAX_VARIABLE_NAME && is_lower_case(text, "-_"),
        else InvalidName::OnlyUpTo("lowercase letters, digits, dashes and underscores", MAX_VARIABLE_NAME);
}

/// A variable as it is stored and returned.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Variable {
    pub id: VariableId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub value: Value,
    pub tags: Vec<String>,
}

/// The body that creates a variable.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableCreate {
    pub name: VariableName,
    #[serde(deserialize_with = "value")]
    pub value: Value,
    #[serde(default, deserialize_with = "label::tags")]
    pub tags: Vec<String>,
}

/// The body that updates a variable: fields that are missing stay unchanged.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableUpdate {
    #[serde(default)]
    pub name: Option<VariableName>,
    #[serde(default, deserialize_with = "present_value")]
    pub value: Option<Value>,
    #[serde(default, deserialize_with = "label::present_tags")]
    pub tags: Option<Vec<String>>,
}

fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    json_text::bounded(Value::deserialize(deserializer)?, MAX_VALUE_CHARACTERS).map_err(de::Error::custom)
}

fn present_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    value(deserializer).map(Some)
}

filter! {
    /// A filter of variables.
    VariableFilter {
        id: IdFilter<VariableId>,
        name: NameFilter,
        tags: TagsFilter,
        /// Sent by 2.x clients.
        value: ValueFilter,
    }
}

/// The order of a list of variables.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VariableSort {
    CreatedDesc,
    UpdatedDesc,
    NameDesc,
    #[default]
    NameAsc,
}

list_query! {
    /// The body of `POST /variables/filter` and `/variables/count`; a count ignores `sort`, `limit` and `offset`.
    VariableQuery, VariableSort {
        variables: VariableFilter,
    }
}

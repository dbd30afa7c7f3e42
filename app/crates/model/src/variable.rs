//! Variables: named values that flows read while they run.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::{id::VariableId, label, name::VariableName, time::Timestamp};

/// The most characters of a value, written as JSON.
pub const MAX_VALUE_CHARACTERS: usize = 5_000;

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
    let value = Value::deserialize(deserializer)?;
    let characters = value.to_string().chars().count();
    if characters > MAX_VALUE_CHARACTERS {
        return Err(de::Error::custom(format_args!(
            "a value has at most {MAX_VALUE_CHARACTERS} characters as JSON, got {characters}"
        )));
    }
    Ok(value)
}

fn present_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    value(deserializer).map(Some)
}

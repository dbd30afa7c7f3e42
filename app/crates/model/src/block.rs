//! Blocks: a client's named settings, with the type and the schema they follow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    id::{BlockDocumentId, BlockSchemaId, BlockTypeId},
    name::{Name, Slug},
    time::Timestamp,
    wire::{self, Object},
};

/// The version of a schema that was given none.
pub const UNVERSIONED: &str = "non-versioned";

/// A kind of block.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct BlockType {
    pub id: BlockTypeId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub slug: String,
    pub logo_url: Option<String>,
    pub documentation_url: Option<String>,
    pub description: Option<String>,
    pub code_example: Option<String>,
    pub is_protected: bool,
}

/// What a client sends to make a block type.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockTypeCreate {
    pub name: Name,
    pub slug: Slug,
    #[serde(default, deserialize_with = "wire::text")]
    pub logo_url: Option<String>,
    #[serde(default, deserialize_with = "wire::text")]
    pub documentation_url: Option<String>,
    #[serde(default, deserialize_with = "wire::text")]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "wire::text")]
    pub code_example: Option<String>,
}

/// What a client sends to change a block type: only the keys that are there count.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BlockTypeUpdate {
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "wire::present_text")]
    pub logo_url: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "wire::present_text")]
    pub documentation_url: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "wire::present_text")]
    pub description: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "wire::present_text")]
    pub code_example: Option<Option<String>>,
}

/// The fields that blocks of a type have, in one version.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct BlockSchema {
    pub id: BlockSchemaId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub checksum: String,
    pub fields: Object,
    pub block_type_id: BlockTypeId,
    pub block_type: Option<BlockType>,
    pub capabilities: Vec<String>,
    pub version: String,
}

/// What a client sends to make a block schema, or to find it again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockSchemaCreate {
    #[serde(default, deserialize_with = "wire::or_default")]
    pub fields: Object,
    pub block_type_id: BlockTypeId,
    #[serde(default, deserialize_with = "wire::text_or_default")]
    pub capabilities: Vec<String>,
    /// None: [`UNVERSIONED`].
    #[serde(default)]
    pub version: Option<Version>,
}

/// The version of a schema: a short text of the client's.
pub type Version = crate::name::Key;

impl BlockSchemaCreate {
    /// The paths of the fields that hold secrets.
    #[must_use]
    pub fn secret_fields(&self) -> Vec<&str> {
        let secrets = self.fields.get("secret_fields").and_then(Value::as_array);
        secrets.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// A block: a name and its data.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct BlockDocument {
    pub id: BlockDocumentId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: Option<String>,
    pub data: Object,
    pub block_schema_id: BlockSchemaId,
    pub block_schema: Option<BlockSchema>,
    pub block_type_id: BlockTypeId,
    pub block_type_name: Option<String>,
    pub block_type: Option<BlockType>,
    /// The blocks that stand inside this one, by field.
    pub block_document_references: BTreeMap<String, Value>,
    pub is_anonymous: bool,
}

/// What a client sends to make a block.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockDocumentCreate {
    /// None: the server makes one up, which is allowed to anonymous blocks alone.
    #[serde(default)]
    pub name: Option<Slug>,
    #[serde(default, deserialize_with = "wire::or_default")]
    pub data: Object,
    pub block_schema_id: BlockSchemaId,
    pub block_type_id: BlockTypeId,
    #[serde(default, deserialize_with = "wire::or_default")]
    pub is_anonymous: bool,
}

#[cfg(test)]
mod tests {
    use super::{BlockDocumentCreate, BlockSchemaCreate, BlockTypeUpdate};

    #[test]
    fn the_oldest_clients_calls_before_a_run_are_read() {
        let id = "926a6b06-b853-4e20-8466-c9072e40c149";
        let schema: BlockSchemaCreate = serde_json::from_value(serde_json::json!({
            "fields": {"title": "LocalFileSystem", "type": "object", "secret_fields": []}, "block_type_id": id,
        }))
        .unwrap();
        assert!(schema.secret_fields().is_empty() && schema.version.is_none());
        let block: BlockDocumentCreate = serde_json::from_value(serde_json::json!({
            "name": null, "data": {"basepath": "/srv"}, "block_schema_id": id, "block_type_id": id, "is_anonymous": true,
        }))
        .unwrap();
        assert!(block.is_anonymous);
    }

    #[test]
    fn secret_fields_are_found() {
        let schema: BlockSchemaCreate = serde_json::from_value(serde_json::json!({
            "fields": {"secret_fields": ["value", "a.*"]}, "block_type_id": "926a6b06-b853-4e20-8466-c9072e40c149",
        }))
        .unwrap();
        assert_eq!(schema.secret_fields(), ["value", "a.*"]);
    }

    #[test]
    fn an_update_tells_null_from_missing() {
        let update: BlockTypeUpdate = serde_json::from_str(r#"{"logo_url": null}"#).unwrap();
        assert_eq!((update.logo_url, update.description), (Some(None), None));
    }
}

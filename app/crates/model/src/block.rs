//! Block types, block schemas and block documents: named settings that clients store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    id::{BlockDocumentId, BlockSchemaId, BlockTypeId},
    name::{Name, Slug},
    time::Timestamp,
    wire::{self, Object},
};

/// The version of a schema that is created without one.
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

/// The body that creates a block type.
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

/// The body that updates a block type; a missing key leaves its field unchanged.
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

/// The fields of the documents of a block type, in one version.
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

/// The body that creates a block schema, or finds the existing one with the same checksum and version.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockSchemaCreate {
    #[serde(default, deserialize_with = "wire::or_default")]
    pub fields: Object,
    pub block_type_id: BlockTypeId,
    #[serde(default, deserialize_with = "wire::text_or_default")]
    pub capabilities: Vec<String>,
    /// `None` means [`UNVERSIONED`].
    #[serde(default)]
    pub version: Option<Version>,
}

/// The version of a schema: any short text.
pub type Version = crate::name::Key;

impl BlockSchemaCreate {
    /// The paths of the fields that hold secrets.
    #[must_use]
    pub fn secret_fields(&self) -> Vec<&str> {
        let secrets = self.fields.get("secret_fields").and_then(Value::as_array);
        secrets.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// A block document: a name and its data.
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
    /// The documents that this one refers to, by field.
    pub block_document_references: BTreeMap<String, Value>,
    pub is_anonymous: bool,
}

/// The body that creates a block document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockDocumentCreate {
    /// `None` lets the server generate a name, which only anonymous blocks may do.
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
    fn block_requests_of_the_oldest_client_are_parsed() {
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
    fn a_schema_lists_its_secret_fields() {
        let schema: BlockSchemaCreate = serde_json::from_value(serde_json::json!({
            "fields": {"secret_fields": ["value", "a.*"]}, "block_type_id": "926a6b06-b853-4e20-8466-c9072e40c149",
        }))
        .unwrap();
        assert_eq!(schema.secret_fields(), ["value", "a.*"]);
    }

    #[test]
    fn an_update_distinguishes_null_from_missing() {
        let update: BlockTypeUpdate = serde_json::from_str(r#"{"logo_url": null}"#).unwrap();
        assert_eq!((update.logo_url, update.description), (Some(None), None));
    }
}

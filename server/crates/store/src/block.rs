//! Block types, schemas and documents.

use model::{
    block::{BlockSchema, BlockType},
    id::{BlockDocumentId, BlockSchemaId, BlockTypeId, WorkspaceId},
    time::Timestamp,
    wire::Object,
};

use crate::{record, row::Joined, statements};

record! {
    for BlockType {
        id: BlockTypeId,
        slug: String,
        name: String,
        logo_url: Option<String>,
        documentation_url: Option<String>,
        description: Option<String>,
        code_example: Option<String>,
        is_protected: bool,
        created: Timestamp,
        updated: Timestamp,
    }
}

record! {
    /// A row of `block_schema`.
    pub struct BlockSchemaRow {
        pub id: BlockSchemaId,
        pub block_type_id: BlockTypeId,
        pub checksum: String,
        pub version: String,
        pub fields: Object,
        pub capabilities: Vec<String>,
        pub created: Timestamp,
        pub updated: Timestamp,
    }
}

/// A schema with its type.
pub type SchemaWithType = Joined<BlockSchemaRow, BlockType>;

impl From<SchemaWithType> for BlockSchema {
    fn from(Joined(row, block_type): SchemaWithType) -> Self {
        Self {
            id: row.id,
            created: row.created,
            updated: row.updated,
            checksum: row.checksum,
            fields: row.fields,
            block_type_id: row.block_type_id,
            block_type: Some(block_type),
            capabilities: row.capabilities,
            version: row.version,
        }
    }
}

record! {
    /// A row of `block_document`.
    pub struct BlockDocumentRow {
        pub id: BlockDocumentId,
        pub name: String,
        pub data: Object,
        pub is_anonymous: bool,
        pub block_schema_id: BlockSchemaId,
        pub block_type_id: BlockTypeId,
        pub created: Timestamp,
        pub updated: Timestamp,
    }
}

/// A document with its type.
pub type DocumentWithType = Joined<BlockDocumentRow, BlockType>;

record! {
    /// The columns of a block type that a client may change.
    pub struct BlockTypeEdit {
        pub id: BlockTypeId,
        pub logo_url: Option<String>,
        pub documentation_url: Option<String>,
        pub description: Option<String>,
        pub code_example: Option<String>,
        pub updated: Timestamp,
    }
}

statements! {
    /// The next workspaces, by id, without a block type of this slug.
    system WORKSPACES_WITHOUT_BLOCK_TYPE: (String, WorkspaceId, i64) => (WorkspaceId,) =
        "SELECT w.id FROM workspace w WHERE w.id > $2 AND w.deleted IS NULL
           AND NOT EXISTS (SELECT 1 FROM block_type t WHERE t.workspace_id = w.id AND t.slug = $1)
         ORDER BY w.id LIMIT $3";
    /// Adds a block type, unless its slug is taken.
    scoped bulk INSERT_BLOCK_TYPE: BlockType => "block_type" "ON CONFLICT (workspace_id, slug) DO NOTHING";
    /// The block type of this slug.
    scoped BLOCK_TYPE_BY_SLUG: (String,) => BlockType = select
        "FROM block_type WHERE workspace_id = $1 AND slug = $2";
    /// The block type of this id.
    scoped BLOCK_TYPE: (BlockTypeId,) => BlockType = select
        "FROM block_type WHERE workspace_id = $1 AND id = $2";
    /// Locks a block type and reads it.
    scoped LOCK_BLOCK_TYPE: (BlockTypeId,) => BlockType = select for update
        "FROM block_type WHERE workspace_id = $1 AND id = $2";
    /// Updates the columns that a client may change.
    scoped update EDIT_BLOCK_TYPE: BlockTypeEdit => "block_type";
    /// Adds a schema, unless its checksum and version are stored already.
    scoped bulk INSERT_BLOCK_SCHEMA: BlockSchemaRow => "block_schema" "ON CONFLICT (workspace_id, checksum, version) DO NOTHING";
    /// The schema of this checksum and version.
    scoped BLOCK_SCHEMA_BY_VERSION: (String, String) => SchemaWithType = select ("s", "t")
        "FROM block_schema s JOIN block_type t ON t.workspace_id = s.workspace_id AND t.id = s.block_type_id
         WHERE s.workspace_id = $1 AND s.checksum = $2 AND s.version = $3";
    /// The newest schema of this checksum.
    scoped NEWEST_BLOCK_SCHEMA: (String,) => SchemaWithType = select ("s", "t")
        "FROM block_schema s JOIN block_type t ON t.workspace_id = s.workspace_id AND t.id = s.block_type_id
         WHERE s.workspace_id = $1 AND s.checksum = $2 ORDER BY s.created DESC, s.id DESC LIMIT 1";
    /// The schema of this id.
    scoped BLOCK_SCHEMA: (BlockSchemaId,) => SchemaWithType = select ("s", "t")
        "FROM block_schema s JOIN block_type t ON t.workspace_id = s.workspace_id AND t.id = s.block_type_id
         WHERE s.workspace_id = $1 AND s.id = $2";
    /// Adds a document, unless its type has one of the same name.
    scoped bulk INSERT_BLOCK_DOCUMENT: BlockDocumentRow => "block_document" "ON CONFLICT (workspace_id, block_type_id, name) DO NOTHING";
    /// The document of this id, with its type.
    scoped BLOCK_DOCUMENT: (BlockDocumentId,) => DocumentWithType = select ("d", "t")
        "FROM block_document d JOIN block_type t ON t.workspace_id = d.workspace_id AND t.id = d.block_type_id
         WHERE d.workspace_id = $1 AND d.id = $2";
}

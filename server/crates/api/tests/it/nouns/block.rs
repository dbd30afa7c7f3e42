//! Block types, schemas and documents.

use serde_json::json;

use super::Noun;

pub const NOUN: Noun = Noun {
    values: &[(
        "BlockDocumentCreate.data",
        |fixture| json!({"inner": {"$ref": {"block_document_id": fixture.id("block_document")}}}),
    )],
    // Schemas with the same fields have the same checksum in every workspace.
    created_with: &[("BlockSchemaCreate.fields", |fixture| json!({"title": fixture.name}))],
    rejected_with_400: &["BlockDocumentCreate"],
    // Slugs have few characters, and only an anonymous document has no name.
    limited: &["BlockTypeCreate.slug", "BlockDocumentCreate.name"],
    ..Noun::PLAIN
};

//! Block schemas: which fields the blocks of a type have.

use model::{
    block::{BlockSchema, BlockSchemaCreate, UNVERSIONED},
    permission::{ReadBlocks, WriteBlocks},
    wire::Object,
};
use serde_json::Value;
use store::{
    Tenant, Tx, Write,
    block::{BLOCK_SCHEMA_BY_VERSION, BLOCK_TYPE, BlockSchemaRow, INSERT_BLOCK_SCHEMA, NEWEST_BLOCK_SCHEMA},
};

use super::checksum::checksum;
use crate::{Cx, Error, Result, access::Workspace, flow::Upserted};

/// The schema with this checksum: that of this version, or the newest one if `version` is none.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read_by_checksum(
    cx: &Cx,
    ws: Workspace<ReadBlocks>,
    checksum: &str,
    version: Option<&str>,
) -> Result<BlockSchema> {
    let missing = Error::missing("Block schema");
    if [Some(checksum), version].into_iter().flatten().any(|text| text.contains('\0')) {
        return Err(missing);
    }
    let db = cx.db.of(ws.tenant());
    let row = match version {
        Some(version) => db.optional(&BLOCK_SCHEMA_BY_VERSION, (checksum, version)).await?,
        None => db.optional(&NEWEST_BLOCK_SCHEMA, (checksum,)).await?,
    };
    row.map(BlockSchema::from).ok_or(missing)
}

/// The schema with these fields in this version, created if it does not exist.
///
/// # Errors
/// [`Error::NotFound`] if there is no such block type, [`Error::Invalid`] if a field is secret.
pub async fn create(cx: &Cx, ws: Workspace<WriteBlocks>, create: BlockSchemaCreate) -> Result<Upserted<BlockSchema>> {
    if declares_secrets(&create.fields) {
        let message = "blocks with secret fields cannot be stored yet: the server has no encryption for them";
        return Err(Error::invalid("fields.secret_fields", message));
    }
    let now = cx.clock.now();
    let row = BlockSchemaRow {
        id: cx.ids.make(now),
        block_type_id: create.block_type_id,
        checksum: checksum(&create.fields),
        version: create.version.map_or_else(|| UNVERSIONED.to_owned(), String::from),
        fields: create.fields,
        capabilities: create.capabilities,
        created: now,
        updated: now,
    };
    cx.db.write(CreateBlockSchema { tenant: *ws.tenant(), row }).await
}

/// Whether a schema, or one inside it, declares secret fields. Anything but an empty list counts as a declaration.
fn declares_secrets(schema: &Object) -> bool {
    let own = match schema.get("secret_fields") {
        None | Some(Value::Null) => false,
        Some(Value::Array(paths)) => !paths.is_empty(),
        Some(_) => true,
    };
    let inner = ["definitions", "$defs"].into_iter().filter_map(|key| schema.get(key)?.as_object());
    own || inner.flat_map(Object::values).filter_map(Value::as_object).any(declares_secrets)
}

struct CreateBlockSchema {
    tenant: Tenant,
    row: BlockSchemaRow,
}

impl Write for CreateBlockSchema {
    type Out = Upserted<BlockSchema>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Upserted<BlockSchema>> {
        let (mut tx, row) = (tx.of(&self.tenant), &self.row);
        tx.optional(&BLOCK_TYPE, (row.block_type_id,))
            .await?
            .ok_or(Error::not_found("Block type", row.block_type_id))?;
        tx.insert(&INSERT_BLOCK_SCHEMA, std::slice::from_ref(row)).await?;
        let value: BlockSchema = tx.one(&BLOCK_SCHEMA_BY_VERSION, (&row.checksum, &row.version)).await?.into();
        Ok(Upserted { inserted: value.id == row.id, value })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::declares_secrets;

    #[test]
    fn declared_secrets_are_found_in_inner_schemas_too() {
        let declares = |schema: Value| declares_secrets(schema.as_object().unwrap());
        for harmless in [
            json!({}),
            json!({"secret_fields": []}),
            json!({"secret_fields": null}),
            json!({"properties": {"secret_fields": {"type": "array"}}}),
            json!({"definitions": {"Inner": {"secret_fields": []}}}),
        ] {
            assert!(!declares(harmless.clone()), "{harmless}");
        }
        for secret in [
            json!({"secret_fields": ["value"]}),
            json!({"secret_fields": "value"}),
            json!({"definitions": {"Inner": {"secret_fields": ["a.*"]}}}),
            json!({"$defs": {"Inner": {"secret_fields": ["a"]}}}),
        ] {
            assert!(declares(secret.clone()), "{secret}");
        }
    }
}

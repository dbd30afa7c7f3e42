//! Reads and creates block documents: named data for a block schema, which can refer to other block documents.

use model::{
    block::{BlockDocument, BlockDocumentCreate, BlockSchema},
    id::BlockDocumentId,
    permission::{ReadBlocks, WriteBlocks},
};
use store::{
    Read, Tenant, Tx, Write,
    block::{BLOCK_DOCUMENT, BLOCK_SCHEMA, BLOCK_TYPE, BlockDocumentRow, INSERT_BLOCK_DOCUMENT},
    row::Joined,
    tx::ScopedTx,
};
use uuid::Uuid;

use super::reference::{self, ReferencedBlocks, ResolvedData, references};
use crate::{Cx, Error, Result, access::Workspace};

/// The block document of this id, with references to other blocks replaced by their data.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(cx: &Cx, ws: Workspace<ReadBlocks>, id: BlockDocumentId) -> Result<BlockDocument> {
    cx.db.read(ReadDocument { tenant: *ws.tenant(), id }).await
}

/// Creates a block document. If an anonymous one has no name, the server generates one.
///
/// # Errors
/// [`Error::Invalid`] for a block without a name, a schema of another block type, references that are not ids, and too many, too large or
/// too deeply nested blocks inside it; [`Error::MissingReference`] if an object that it refers to does not exist; [`Error::Conflict`] if
/// its type has a block of this name.
pub async fn create(cx: &Cx, ws: Workspace<WriteBlocks>, input: BlockDocumentCreate) -> Result<BlockDocument> {
    reference::check(&input.data)?;
    let now = cx.clock.now();
    let name = match input.name {
        Some(name) => name.into(),
        None if input.is_anonymous => format!("anonymous-{}", cx.ids.make::<Uuid>(now)),
        None => return Err(Error::invalid("name", "a block that is not anonymous needs a name")),
    };
    let row = BlockDocumentRow {
        id: cx.ids.make(now),
        name,
        data: input.data,
        is_anonymous: input.is_anonymous,
        block_schema_id: input.block_schema_id,
        block_type_id: input.block_type_id,
        created: now,
        updated: now,
    };
    cx.db.write(CreateBlockDocument { tenant: *ws.tenant(), row }).await
}

struct ReadDocument {
    tenant: Tenant,
    id: BlockDocumentId,
}

impl Read for ReadDocument {
    type Out = BlockDocument;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<BlockDocument> {
        let mut tx = tx.of(&self.tenant);
        let Joined(row, _block_type) =
            tx.optional(&BLOCK_DOCUMENT, (self.id,)).await?.ok_or(Error::not_found("Block document", self.id))?;
        // This loads the joined block type again, because the schema in the response contains it.
        let schema = tx.one(&BLOCK_SCHEMA, (row.block_schema_id,)).await?.into();
        let resolved = ReferencedBlocks::load(&mut tx, &row.data).await?.resolve(row.data.clone());
        Ok(document(row, schema, resolved))
    }
}

struct CreateBlockDocument {
    tenant: Tenant,
    row: BlockDocumentRow,
}

impl Write for CreateBlockDocument {
    type Out = BlockDocument;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<BlockDocument> {
        let mut tx = tx.of(&self.tenant);
        let schema = self.schema(&mut tx).await?;
        let resolved = self.resolve(&mut tx).await?;
        if tx.insert(&INSERT_BLOCK_DOCUMENT, std::slice::from_ref(&self.row)).await? == 0 {
            return Err(Error::Conflict("Block already exists".to_owned()));
        }
        Ok(document(self.row.clone(), schema, resolved))
    }
}

impl CreateBlockDocument {
    /// The block's schema, which must belong to its block type.
    async fn schema(&self, tx: &mut ScopedTx<'_>) -> Result<BlockSchema> {
        let BlockDocumentRow { block_schema_id, block_type_id, .. } = self.row;
        let block_type = tx.optional(&BLOCK_TYPE, (block_type_id,)).await?;
        block_type.ok_or_else(|| missing_reference("Block type", block_type_id))?;
        let schema = tx.optional(&BLOCK_SCHEMA, (block_schema_id,)).await?;
        let schema: BlockSchema = schema.ok_or_else(|| missing_reference("Block schema", block_schema_id))?.into();
        if schema.block_type_id != block_type_id {
            return Err(Error::invalid("block_schema_id", "the schema belongs to another block type"));
        }
        Ok(schema)
    }

    /// The block's data, in which the references are replaced by the data of the blocks that it refers to. These blocks must exist.
    async fn resolve(&self, tx: &mut ScopedTx<'_>) -> Result<ResolvedData> {
        let data = &self.row.data;
        let blocks = ReferencedBlocks::load(tx, data).await?;
        let missing = references(data)?.into_iter().map(|(_, id)| id).find(|id| !blocks.contains(*id));
        let resolved = blocks.resolve(data.clone());
        if !resolved.complete {
            return Err(Error::invalid("data", "the blocks inside it are nested too deeply, too many or too large"));
        }
        missing.map_or(Ok(resolved), |id| Err(missing_reference("Block document", id)))
    }
}

fn missing_reference(what: &str, id: impl std::fmt::Display) -> Error {
    Error::MissingReference(format!("{what} {id} not found"))
}

fn document(row: BlockDocumentRow, schema: BlockSchema, resolved: ResolvedData) -> BlockDocument {
    let block_type = schema.block_type.clone();
    BlockDocument {
        id: row.id,
        created: row.created,
        updated: row.updated,
        name: Some(row.name),
        data: resolved.data,
        block_schema_id: row.block_schema_id,
        block_type_id: row.block_type_id,
        block_type_name: block_type.as_ref().map(|block_type| block_type.name.clone()),
        block_type,
        block_schema: Some(schema),
        block_document_references: resolved.references,
        is_anonymous: row.is_anonymous,
    }
}

//! Blocks themselves: a name and its data.

use model::{
    block::{BlockDocument, BlockDocumentCreate, BlockSchema},
    id::BlockDocumentId,
    permission::{ReadBlocks, WriteBlocks},
};
use store::{
    Read, Tenant, Tx, Write,
    block::{BLOCK_DOCUMENT, BLOCK_SCHEMA, BLOCK_TYPE, BlockDocumentRow, INSERT_BLOCK_DOCUMENT},
    column::Json,
    row::Beside,
    tx::ScopedTx,
};
use uuid::Uuid;

use super::reference::{self, Filled, Shelf, references};
use crate::{Cx, Error, Result, access::Workspace};

/// The block of this id, with other blocks' data in the places where it refers to them.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(cx: &Cx, ws: Workspace<ReadBlocks>, id: BlockDocumentId) -> Result<BlockDocument> {
    cx.db.read(ReadDocument { tenant: *ws.tenant(), id }).await
}

/// Makes a block. An anonymous one is named by the server if the client does not.
///
/// # Errors
/// [`Error::Invalid`] for a block without a name, for references that are no ids and for too much inside it, [`Error::BadRequest`] for what it
/// refers to and is not there, [`Error::Conflict`] if its type has one of its name.
pub async fn create(cx: &Cx, ws: Workspace<WriteBlocks>, create: BlockDocumentCreate) -> Result<BlockDocument> {
    reference::check(&create.data)?;
    let now = cx.clock.now();
    let name = match create.name {
        Some(name) => name.into(),
        None if create.is_anonymous => format!("anonymous-{}", cx.ids.make::<Uuid>(now)),
        None => return Err(Error::invalid("name", "a block that is not anonymous needs a name")),
    };
    let row = BlockDocumentRow {
        id: cx.ids.make(now),
        name,
        data: Json(create.data),
        is_anonymous: create.is_anonymous,
        block_schema_id: create.block_schema_id,
        block_type_id: create.block_type_id,
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
        let Beside(row, _) =
            tx.optional(&BLOCK_DOCUMENT, (self.id,)).await?.ok_or(Error::NotFound("Block document"))?;
        let schema = tx.one(&BLOCK_SCHEMA, (row.block_schema_id,)).await?.into();
        let filled = Shelf::load(&mut tx, &row.data.0).await?.fill(row.data.0.clone());
        Ok(document(row, schema, filled))
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
        let filled = self.filled(&mut tx).await?;
        if tx.insert(&INSERT_BLOCK_DOCUMENT, std::slice::from_ref(&self.row)).await? == 0 {
            return Err(Error::Conflict("Block already exists".to_owned()));
        }
        Ok(document(self.row.clone(), schema, filled))
    }
}

impl CreateBlockDocument {
    /// The schema that the block follows, which must be one of its type.
    async fn schema(&self, tx: &mut ScopedTx<'_, '_>) -> Result<BlockSchema> {
        let BlockDocumentRow { block_schema_id, block_type_id, .. } = self.row;
        let block_type = tx.optional(&BLOCK_TYPE, (block_type_id,)).await?;
        block_type.ok_or_else(|| not_there("Block type", block_type_id))?;
        let schema = tx.optional(&BLOCK_SCHEMA, (block_schema_id,)).await?;
        let schema: BlockSchema = schema.ok_or_else(|| not_there("Block schema", block_schema_id))?.into();
        if schema.block_type_id != block_type_id {
            return Err(Error::invalid("block_schema_id", "the schema belongs to another block type"));
        }
        Ok(schema)
    }

    /// The block's data with all blocks that it refers to, which must be there.
    async fn filled(&self, tx: &mut ScopedTx<'_, '_>) -> Result<Filled> {
        let data = &self.row.data.0;
        let shelf = Shelf::load(tx, data).await?;
        let missing = references(data)?.into_iter().map(|(_, id)| id).find(|id| !shelf.has(*id));
        let filled = shelf.fill(data.clone());
        if !filled.complete {
            return Err(Error::invalid("data", "too many blocks stand inside each other"));
        }
        missing.map_or(Ok(filled), |id| Err(not_there("Block document", id)))
    }
}

fn not_there(what: &str, id: impl std::fmt::Display) -> Error {
    Error::BadRequest(format!("{what} {id} not found"))
}

fn document(row: BlockDocumentRow, schema: BlockSchema, filled: Filled) -> BlockDocument {
    let block_type = schema.block_type.clone();
    BlockDocument {
        id: row.id,
        created: row.created,
        updated: row.updated,
        name: Some(row.name),
        data: filled.data,
        block_schema_id: row.block_schema_id,
        block_type_id: row.block_type_id,
        block_type_name: block_type.as_ref().map(|block_type| block_type.name.clone()),
        block_type,
        block_schema: Some(schema),
        block_document_references: filled.references,
        is_anonymous: row.is_anonymous,
    }
}

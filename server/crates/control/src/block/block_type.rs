//! Block types.

use model::{
    block::{BlockType, BlockTypeCreate, BlockTypeUpdate},
    id::BlockTypeId,
    name::Slug,
    permission::{ReadBlocks, WriteBlocks},
    time::Timestamp,
};
use store::{
    Tenant, Tx, Write,
    block::{BLOCK_TYPE_BY_SLUG, BlockTypeEdit, EDIT_BLOCK_TYPE, INSERT_BLOCK_TYPE, LOCK_BLOCK_TYPE},
};

use crate::{Cx, Error, Result, access::Workspace, flow::Upserted};

/// Names with this prefix are reserved for the server.
const RESERVED: &str = "prefect";

/// The block type of this slug.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read_by_slug(cx: &Cx, ws: Workspace<ReadBlocks>, slug: &str) -> Result<BlockType> {
    let missing = Error::missing("Block type");
    let Ok(slug) = slug.parse::<Slug>() else { return Err(missing) };
    let row = cx.db.of(ws.tenant()).optional(&BLOCK_TYPE_BY_SLUG, (slug.as_str(),)).await?;
    row.ok_or(missing)
}

/// Creates a block type.
///
/// # Errors
/// [`Error::Forbidden`] for a reserved name, [`Error::Conflict`] if the slug is taken.
pub async fn create(cx: &Cx, ws: Workspace<WriteBlocks>, create: BlockTypeCreate) -> Result<BlockType> {
    if create.name.as_str().to_lowercase().starts_with(RESERVED) {
        return Err(Error::Forbidden("Names of block types that begin with 'Prefect' are reserved.".to_owned()));
    }
    let now = cx.clock.now();
    let row = BlockType {
        id: cx.ids.make(now),
        slug: create.slug.to_string(),
        name: create.name.to_string(),
        logo_url: create.logo_url.clone(),
        documentation_url: create.documentation_url.clone(),
        description: create.description.clone(),
        code_example: create.code_example.clone(),
        is_protected: false,
        created: now,
        updated: now,
    };
    let upserted = cx.db.write(InsertBlockType { tenant: *ws.tenant(), row }).await?;
    if !upserted.inserted {
        return Err(Error::Conflict(format!("A block type with the slug \"{}\" already exists", create.slug)));
    }
    Ok(upserted.value)
}

/// Changes a block type. Clients send the same update before each run, so one that changes nothing is not written.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn update(cx: &Cx, ws: Workspace<WriteBlocks>, id: BlockTypeId, update: BlockTypeUpdate) -> Result<()> {
    cx.db.write(EditBlockType { tenant: *ws.tenant(), id, update, now: cx.clock.now() }).await
}

struct InsertBlockType {
    tenant: Tenant,
    row: BlockType,
}

impl Write for InsertBlockType {
    type Out = Upserted<BlockType>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Upserted<BlockType>> {
        let mut tx = tx.of(&self.tenant);
        tx.insert(&INSERT_BLOCK_TYPE, std::slice::from_ref(&self.row)).await?;
        let value: BlockType = tx.one(&BLOCK_TYPE_BY_SLUG, (&self.row.slug,)).await?;
        Ok(Upserted { inserted: value.id == self.row.id, value })
    }
}

struct EditBlockType {
    tenant: Tenant,
    id: BlockTypeId,
    update: BlockTypeUpdate,
    now: Timestamp,
}

impl Write for EditBlockType {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut tx = tx.of(&self.tenant);
        // The write sets all columns. Without the lock it would undo the change of another client since the read.
        let row = tx.optional(&LOCK_BLOCK_TYPE, (self.id,)).await?.ok_or(Error::not_found("Block type", self.id))?;
        let update = self.update.clone();
        let before = BlockTypeEdit {
            id: row.id,
            logo_url: row.logo_url,
            documentation_url: row.documentation_url,
            description: row.description,
            code_example: row.code_example,
            updated: row.updated,
        };
        let after = BlockTypeEdit {
            logo_url: update.logo_url.unwrap_or_else(|| before.logo_url.clone()),
            documentation_url: update.documentation_url.unwrap_or_else(|| before.documentation_url.clone()),
            description: update.description.unwrap_or_else(|| before.description.clone()),
            code_example: update.code_example.unwrap_or_else(|| before.code_example.clone()),
            ..before
        };
        if after != before {
            tx.exactly_one(&EDIT_BLOCK_TYPE, &BlockTypeEdit { updated: self.now, ..after }).await?;
        }
        Ok(())
    }
}

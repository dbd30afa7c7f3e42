//! References from blocks to blocks.
//!
//! A field of a block whose value is `{"$ref": {"block_document_id": …}}` refers to another block. It is stored like that. When a client
//! reads the block, the reference is replaced by the other block's data, and the response says which block it is from. Depth and size of
//! the result are limited; the limits are checked when a block is created.

use std::collections::{BTreeMap, BTreeSet};

use model::{block::BlockType, id::BlockDocumentId, validation::ValidationError, wire::Object};
use serde_json::{Value, json};
use store::{
    block::{BLOCK_DOCUMENT, BlockDocumentRow},
    row::Joined,
    tx::ScopedTx,
};

use crate::Result;

/// How deep blocks may be nested.
const MAX_DEPTH: usize = 8;
/// How many blocks may be nested in one, each counted as often as it occurs.
const MAX_BLOCKS: usize = 64;
/// How many bytes of JSON nested blocks may add.
const MAX_BYTES: usize = 8 << 20;

/// Rejects data with a reference that is not an id, and data with too many references.
///
/// # Errors
/// Names the field.
pub(super) fn check(data: &Object) -> Result<(), ValidationError> {
    if references(data)?.len() > MAX_BLOCKS {
        return Err(ValidationError::value("data", format!("refers to more than {MAX_BLOCKS} blocks")));
    }
    Ok(())
}

/// The blocks that data refers to, by field.
///
/// # Errors
/// If a reference is not an id.
pub(super) fn references(data: &Object) -> Result<Vec<(&str, BlockDocumentId)>, ValidationError> {
    data.iter()
        .filter_map(|(field, value)| Some((field, target(value)?)))
        .map(|(field, target)| {
            let id = target.as_str().and_then(|text| text.parse().ok());
            let loc = format!("data.{field}.$ref.block_document_id");
            id.map(|id| (field.as_str(), id))
                .ok_or_else(|| ValidationError::value(&loc, "expected the id of a block document"))
        })
        .collect()
}

/// The id in a reference to a block; none if the value is not such a reference. Other uses of `$ref` are the client's own data.
fn target(value: &Value) -> Option<&Value> {
    value.as_object()?.get("$ref")?.as_object()?.get("block_document_id")
}

/// The blocks to which a block refers, directly or through others.
pub(super) struct ReferencedBlocks {
    blocks: BTreeMap<BlockDocumentId, (BlockDocumentRow, BlockType)>,
    /// Whether all of them were queried; false if there are too many.
    complete: bool,
}

impl ReferencedBlocks {
    /// Loads those that exist, within the limit. Missing blocks count too, since each costs a query.
    pub(super) async fn load(tx: &mut ScopedTx<'_>, data: &Object) -> Result<Self> {
        let (mut blocks, mut queried) = (BTreeMap::new(), BTreeSet::new());
        let mut pending = ids(data);
        while let Some(id) = pending.pop() {
            if queried.contains(&id) {
                continue;
            }
            if queried.len() == MAX_BLOCKS {
                return Ok(Self { blocks, complete: false });
            }
            queried.insert(id);
            if let Some(Joined(row, block_type)) = tx.optional(&BLOCK_DOCUMENT, (id,)).await? {
                pending.extend(ids(&row.data));
                blocks.insert(id, (row, block_type));
            }
        }
        Ok(Self { blocks, complete: true })
    }

    pub(super) fn contains(&self, id: BlockDocumentId) -> bool {
        self.blocks.contains_key(&id)
    }

    /// The data with references replaced by the other blocks' data.
    pub(super) fn resolve(&self, data: Object) -> ResolvedData {
        let mut budget = Budget { blocks: MAX_BLOCKS, bytes: MAX_BYTES, sufficient: true };
        let (data, references) = self.resolve_within(data, 0, &mut budget);
        ResolvedData { data, references, complete: budget.sufficient && self.complete }
    }

    fn resolve_within(&self, mut data: Object, depth: usize, budget: &mut Budget) -> (Object, BTreeMap<String, Value>) {
        let mut sources = BTreeMap::new();
        let targets: Vec<(String, BlockDocumentId)> =
            references(&data).unwrap_or_default().into_iter().map(|(field, id)| (field.to_owned(), id)).collect();
        for (field, id) in targets {
            let Some((row, block_type)) = self.blocks.get(&id) else { continue };
            if !budget.spend(&row.data, depth) {
                break;
            }
            let (inner, inside) = self.resolve_within(row.data.clone(), depth + 1, budget);
            data.insert(field.clone(), Value::Object(inner));
            let block = json!({
                "id": row.id,
                "name": row.name,
                "block_type": block_type,
                "is_anonymous": row.is_anonymous,
                "block_document_references": inside,
            });
            sources.insert(field, json!({ "block_document": block }));
        }
        (data, sources)
    }
}

fn ids(data: &Object) -> Vec<BlockDocumentId> {
    references(data).unwrap_or_default().into_iter().map(|(_, id)| id).collect()
}

/// A block's data as clients read them.
pub(super) struct ResolvedData {
    pub data: Object,
    /// For each replaced field, the block that its data are from.
    pub references: BTreeMap<String, Value>,
    /// False if a limit was exceeded: some references are not replaced.
    pub complete: bool,
}

struct Budget {
    blocks: usize,
    bytes: usize,
    sufficient: bool,
}

impl Budget {
    fn spend(&mut self, data: &Object, depth: usize) -> bool {
        let size = serde_json::to_vec(data).map_or(usize::MAX, |text| text.len());
        self.sufficient &= depth < MAX_DEPTH && self.blocks > 0 && size <= self.bytes;
        if self.sufficient {
            self.blocks -= 1;
            self.bytes -= size;
        }
        self.sufficient
    }
}

#[cfg(test)]
mod tests {
    use model::{
        block::BlockType,
        id::{BlockDocumentId, BlockSchemaId, BlockTypeId},
        time::Timestamp,
        wire::Object,
    };
    use serde_json::{Value, json};
    use store::block::BlockDocumentRow;
    use uuid::Uuid;

    use super::{MAX_BLOCKS, MAX_DEPTH, ReferencedBlocks, references};

    fn id(number: u128) -> BlockDocumentId {
        BlockDocumentId(Uuid::from_u128(number))
    }

    fn reference(number: u128) -> Value {
        json!({"$ref": {"block_document_id": id(number)}})
    }

    fn object(value: &Value) -> Object {
        value.as_object().cloned().unwrap()
    }

    fn stored(blocks: impl IntoIterator<Item = (u128, Value)>) -> ReferencedBlocks {
        let now = Timestamp::default();
        let entry = |(number, data): (u128, Value)| {
            let row = BlockDocumentRow {
                id: id(number),
                name: format!("block-{number}"),
                data: object(&data),
                is_anonymous: false,
                block_schema_id: BlockSchemaId(Uuid::nil()),
                block_type_id: BlockTypeId(Uuid::nil()),
                created: now,
                updated: now,
            };
            let block_type: BlockType = serde_json::from_value(json!({
                "id": Uuid::nil(), "created": now, "updated": now, "name": "A", "slug": "a", "logo_url": null,
                "documentation_url": null, "description": null, "code_example": null, "is_protected": false,
            }))
            .unwrap();
            (row.id, (row, block_type))
        };
        ReferencedBlocks { blocks: blocks.into_iter().map(entry).collect(), complete: true }
    }

    #[test]
    fn only_references_to_block_documents_count() {
        let found =
            |data: Value| references(&object(&data)).map(|found| found.len()).map_err(|wrong| wrong.loc.join("."));
        assert_eq!(
            found(json!({"a": reference(1), "b": {"$ref": "#/definitions/B"}, "c": {"$ref": {}}, "d": 1})),
            Ok(1)
        );
        let wrong = found(json!({"a": {"$ref": {"block_document_id": "x"}}}));
        assert_eq!(wrong, Err("data.a.$ref.block_document_id".to_owned()));
    }

    #[test]
    fn references_are_replaced_by_the_blocks_data() {
        let blocks = stored([(1, json!({"x": 1, "inner": reference(2)})), (2, json!({"y": 2}))]);
        let resolved = blocks.resolve(object(&json!({"a": reference(1), "gone": reference(3), "b": true})));
        assert!(resolved.complete);
        let expected = json!({"a": {"x": 1, "inner": {"y": 2}}, "gone": reference(3), "b": true});
        assert_eq!(Value::Object(resolved.data), expected);
        let block = &resolved.references["a"]["block_document"];
        assert_eq!(block["name"], "block-1");
        assert_eq!(block["block_document_references"]["inner"]["block_document"]["id"], json!(id(2)));
    }

    #[test]
    fn cycles_and_deep_or_wide_references_are_cut() {
        let cycle = stored([(1, json!({"next": reference(1)}))]);
        assert!(!cycle.resolve(object(&json!({"a": reference(1)}))).complete);
        let chain = |length: usize| {
            let blocks = (0..length as u128)
                .map(|at| (at, if at == 0 { json!({}) } else { json!({"next": reference(at - 1)}) }));
            stored(blocks).resolve(object(&json!({"a": reference(length as u128 - 1)}))).complete
        };
        assert!(chain(MAX_DEPTH) && !chain(MAX_DEPTH + 1));
        let wide = |fields: usize| {
            let fields: Object = (0..fields).map(|field| (format!("f{field}"), reference(1))).collect();
            stored([(1, json!({}))]).resolve(fields).complete
        };
        assert!(wide(MAX_BLOCKS) && !wide(MAX_BLOCKS + 1));
    }
}

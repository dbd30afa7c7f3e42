//! Blocks inside blocks.
//!
//! A field of a block whose value is `{"$ref": {"block_document_id": …}}` stands for another block. It is kept like that; whoever reads the
//! block gets the other's data in its place, and is told whose data it is. How deep that goes and how large it becomes is bounded, and
//! checked when a block is made.

use std::collections::{BTreeMap, BTreeSet};

use model::{block::BlockType, id::BlockDocumentId, invalid::Invalid, wire::Object};
use serde_json::{Value, json};
use store::{
    block::{BLOCK_DOCUMENT, BlockDocumentRow},
    row::Beside,
    tx::ScopedTx,
};

use crate::Result;

/// How deep blocks may stand inside each other.
const DEEPEST: usize = 8;
/// How many blocks may stand in one, those inside them counted as often as they are shown.
const MOST: usize = 64;
/// How many bytes of JSON they may add.
const LARGEST: usize = 8 << 20;

/// Refuses data with a reference that is no id, and data with more references than are ever followed.
///
/// # Errors
/// Which field it is.
pub(super) fn check(data: &Object) -> Result<(), Invalid> {
    if references(data)?.len() > MOST {
        return Err(Invalid::value("data", format!("refers to more than {MOST} blocks")));
    }
    Ok(())
}

/// The blocks that data refers to, by field.
///
/// # Errors
/// If a reference holds something that is no id.
pub(super) fn references(data: &Object) -> Result<Vec<(&str, BlockDocumentId)>, Invalid> {
    data.iter()
        .filter_map(|(field, value)| Some((field, target(value)?)))
        .map(|(field, target)| {
            let id = target.as_str().and_then(|text| text.parse().ok());
            let loc = format!("data.{field}.$ref.block_document_id");
            id.map(|id| (field.as_str(), id)).ok_or_else(|| Invalid::value(&loc, "expected the id of a block document"))
        })
        .collect()
}

/// What stands where a reference names its block. Any other use of `$ref` is the client's own data.
fn target(value: &Value) -> Option<&Value> {
    value.as_object()?.get("$ref")?.as_object()?.get("block_document_id")
}

/// The blocks that stand in a block, directly or inside others.
pub(super) struct Shelf {
    blocks: BTreeMap<BlockDocumentId, (BlockDocumentRow, BlockType)>,
    /// Whether all of them were asked for: there may be too many.
    whole: bool,
}

impl Shelf {
    /// Loads them, as far as they are there and within bounds. What is not there costs a look as well, so it counts as well.
    pub(super) async fn load(tx: &mut ScopedTx<'_, '_>, data: &Object) -> Result<Self> {
        let (mut blocks, mut asked) = (BTreeMap::new(), BTreeSet::new());
        let mut open = ids(data);
        while let Some(id) = open.pop() {
            if asked.contains(&id) {
                continue;
            }
            if asked.len() == MOST {
                return Ok(Self { blocks, whole: false });
            }
            asked.insert(id);
            if let Some(Beside(row, block_type)) = tx.optional(&BLOCK_DOCUMENT, (id,)).await? {
                open.extend(ids(&row.data.0));
                blocks.insert(id, (row, block_type.into()));
            }
        }
        Ok(Self { blocks, whole: true })
    }

    pub(super) fn has(&self, id: BlockDocumentId) -> bool {
        self.blocks.contains_key(&id)
    }

    /// The data with other blocks' data in the places of references.
    pub(super) fn fill(&self, data: Object) -> Filled {
        let mut budget = Budget { blocks: MOST, bytes: LARGEST, kept: true };
        let (data, references) = self.fill_within(data, 0, &mut budget);
        Filled { data, references, complete: budget.kept && self.whole }
    }

    fn fill_within(&self, mut data: Object, depth: usize, budget: &mut Budget) -> (Object, BTreeMap<String, Value>) {
        let mut told = BTreeMap::new();
        let places: Vec<(String, BlockDocumentId)> =
            references(&data).unwrap_or_default().into_iter().map(|(field, id)| (field.to_owned(), id)).collect();
        for (field, id) in places {
            let Some((row, block_type)) = self.blocks.get(&id) else { continue };
            if !budget.spend(&row.data.0, depth) {
                break;
            }
            let (inner, inside) = self.fill_within(row.data.0.clone(), depth + 1, budget);
            data.insert(field.clone(), Value::Object(inner));
            let block = json!({
                "id": row.id,
                "name": row.name,
                "block_type": block_type,
                "is_anonymous": row.is_anonymous,
                "block_document_references": inside,
            });
            told.insert(field, json!({ "block_document": block }));
        }
        (data, told)
    }
}

fn ids(data: &Object) -> Vec<BlockDocumentId> {
    references(data).unwrap_or_default().into_iter().map(|(_, id)| id).collect()
}

/// Data as it is read.
pub(super) struct Filled {
    pub data: Object,
    /// Whose data stands in which field.
    pub references: BTreeMap<String, Value>,
    /// Whether it was within bounds: if not, references are left in it.
    pub complete: bool,
}

struct Budget {
    blocks: usize,
    bytes: usize,
    kept: bool,
}

impl Budget {
    fn spend(&mut self, data: &Object, depth: usize) -> bool {
        let size = serde_json::to_vec(data).map_or(usize::MAX, |text| text.len());
        self.kept &= depth < DEEPEST && self.blocks > 0 && size <= self.bytes;
        if self.kept {
            self.blocks -= 1;
            self.bytes -= size;
        }
        self.kept
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
    use store::{block::BlockDocumentRow, column::Json};
    use uuid::Uuid;

    use super::{DEEPEST, MOST, Shelf, references};

    fn id(number: u128) -> BlockDocumentId {
        BlockDocumentId(Uuid::from_u128(number))
    }

    fn reference(number: u128) -> Value {
        json!({"$ref": {"block_document_id": id(number)}})
    }

    fn object(value: &Value) -> Object {
        value.as_object().cloned().unwrap()
    }

    fn shelf(blocks: impl IntoIterator<Item = (u128, Value)>) -> Shelf {
        let now = Timestamp::default();
        let entry = |(number, data): (u128, Value)| {
            let row = BlockDocumentRow {
                id: id(number),
                name: format!("block-{number}"),
                data: Json(object(&data)),
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
        Shelf { blocks: blocks.into_iter().map(entry).collect(), whole: true }
    }

    #[test]
    fn only_references_to_blocks_are_references() {
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
    fn blocks_stand_in_the_places_of_their_references() {
        let shelf = shelf([(1, json!({"x": 1, "inner": reference(2)})), (2, json!({"y": 2}))]);
        let filled = shelf.fill(object(&json!({"a": reference(1), "gone": reference(3), "b": true})));
        assert!(filled.complete);
        let expected = json!({"a": {"x": 1, "inner": {"y": 2}}, "gone": reference(3), "b": true});
        assert_eq!(Value::Object(filled.data), expected);
        let block = &filled.references["a"]["block_document"];
        assert_eq!(block["name"], "block-1");
        assert_eq!(block["block_document_references"]["inner"]["block_document"]["id"], json!(id(2)));
    }

    #[test]
    fn what_has_no_end_is_cut() {
        let own_tail = shelf([(1, json!({"next": reference(1)}))]);
        assert!(!own_tail.fill(object(&json!({"a": reference(1)}))).complete);
        let chain = |length: usize| {
            let blocks = (0..length as u128)
                .map(|at| (at, if at == 0 { json!({}) } else { json!({"next": reference(at - 1)}) }));
            shelf(blocks).fill(object(&json!({"a": reference(length as u128 - 1)}))).complete
        };
        assert!(chain(DEEPEST) && !chain(DEEPEST + 1));
        let wide = |fields: usize| {
            let fields: Object = (0..fields).map(|field| (format!("f{field}"), reference(1))).collect();
            shelf([(1, json!({}))]).fill(fields).complete
        };
        assert!(wide(MOST) && !wide(MOST + 1));
    }
}

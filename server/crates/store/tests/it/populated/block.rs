//! A block type, its schema and a document.

use control::{access::Workspace, block};
use model::permission::WriteBlocks;
use serde_json::json;
use testkit::TestApp;

use super::from_json;

pub async fn create(app: &TestApp, ws: Workspace<WriteBlocks>) {
    let kind =
        block::block_type::create(&app.cx, ws, from_json(json!({"name": "Lamp", "slug": "lamp"}))).await.unwrap();
    let fields = json!({"title": "Lamp", "type": "object", "properties": {"lit": {"type": "boolean"}}, "block_type_slug": "lamp"});
    let schema = json!({"fields": fields, "block_type_id": kind.id, "capabilities": ["shine"]});
    let schema = block::schema::create(&app.cx, ws, from_json(schema)).await.unwrap().value;
    let document =
        json!({"name": "hall", "data": {"lit": true}, "block_schema_id": schema.id, "block_type_id": kind.id});
    block::document::create(&app.cx, ws, from_json(document)).await.unwrap();
}

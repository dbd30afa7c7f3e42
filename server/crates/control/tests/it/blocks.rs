//! Blocks: what the oldest client does before each run, and what must be refused.

use control::{Error, access::Workspace, block};
use model::{
    block::{BlockDocument, BlockDocumentCreate, BlockSchema, BlockSchemaCreate, BlockType, BlockTypeUpdate},
    permission::{ReadBlocks, WriteBlocks},
};
use serde_json::{Value, json};
use testkit::{Kit, on_both};

struct Desk {
    kit: Kit,
    read: Workspace<ReadBlocks>,
    write: Workspace<WriteBlocks>,
}

impl Desk {
    async fn of(kit: &Kit, person: &str) -> Self {
        let owner = kit.person(person).await;
        let address = kit.workspace(&owner, "lab").await;
        Self { read: kit.enter(&owner, address).await, write: kit.enter(&owner, address).await, kit: kit.clone() }
    }

    async fn built_in(&self) -> BlockType {
        block::block_type::read_by_slug(&self.kit.cx, self.read, "local-file-system").await.unwrap()
    }

    async fn new_type(&self, name: &str, slug: &str) -> Result<BlockType, Error> {
        let create = serde_json::from_value(json!({"name": name, "slug": slug})).unwrap();
        block::block_type::create(&self.kit.cx, self.write, create).await
    }

    async fn schema(&self, body: Value) -> Result<(BlockSchema, bool), Error> {
        let create: BlockSchemaCreate = serde_json::from_value(body).unwrap();
        let made = block::schema::create(&self.kit.cx, self.write, create).await?;
        Ok((made.it, made.new))
    }

    async fn document(&self, schema: &BlockSchema, name: Option<&str>, data: Value) -> Result<BlockDocument, Error> {
        let create: BlockDocumentCreate = serde_json::from_value(json!({
            "name": name, "data": data, "block_schema_id": schema.id, "block_type_id": schema.block_type_id,
            "is_anonymous": name.is_none(),
        }))
        .unwrap();
        block::document::create(&self.kit.cx, self.write, create).await
    }

    async fn read_back(&self, document: &BlockDocument) -> Result<BlockDocument, Error> {
        block::document::read(&self.kit.cx, self.read, document.id).await
    }
}

/// What 2.0.4 sends.
fn local_storage(block_type: &BlockType) -> Value {
    json!({
        "fields": {
            "title": "LocalFileSystem", "description": "Store data as a file on a local file system.", "type": "object",
            "properties": {"basepath": {"title": "Basepath", "type": "string"}},
            "block_type_slug": "local-file-system", "secret_fields": [], "block_schema_references": {},
        },
        "block_type_id": block_type.id,
    })
}

fn loc(error: Error) -> String {
    match error {
        Error::Invalid(invalid) => invalid[0].loc.join("."),
        other => panic!("{other:?} names no field"),
    }
}

on_both! {
    async fn the_oldest_clients_calls_before_a_run_work_and_repeat(kit: Kit) {
        let desk = Desk::of(&kit, "ann").await;
        let first = desk.built_in().await;
        assert!(first.is_protected);
        let update: BlockTypeUpdate = serde_json::from_value(json!({
            "logo_url": "https://example.org/logo.png", "documentation_url": null, "description": "Files.", "code_example": "…",
        })).unwrap();
        kit.advance(1.0);
        block::block_type::update(&kit.cx, desk.write, first.id, update.clone()).await.unwrap();
        let changed = desk.built_in().await;
        assert_eq!((changed.id, changed.description.as_deref(), changed.updated), (first.id, Some("Files."), kit.cx.clock.now()));

        let (schema, new) = desk.schema(local_storage(&first)).await.unwrap();
        assert!(new);
        assert_eq!(schema.checksum, "sha256:aabea745455b293958df137fcbef324129dcf9159119c2120da60d3575887649");
        assert_eq!((schema.version.as_str(), schema.block_type.as_ref()), ("non-versioned", Some(&changed)));
        let made = desk.document(&schema, None, json!({"basepath": "/srv"})).await.unwrap();
        assert!(made.name.as_deref().is_some_and(|name| name.starts_with("anonymous-")));
        assert_eq!((made.block_schema.as_ref(), made.block_type_name.as_deref()), (Some(&schema), Some("Local File System")));
        assert_eq!(desk.read_back(&made).await.unwrap(), made);

        kit.advance(60.0);
        block::block_type::update(&kit.cx, desk.write, first.id, update).await.unwrap();
        assert_eq!(desk.built_in().await, changed, "a change that changes nothing is not written");
        let (again, new) = desk.schema(local_storage(&first)).await.unwrap();
        assert_eq!((again, new), (schema.clone(), false));
        let second = desk.document(&schema, None, json!({"basepath": "/srv"})).await.unwrap();
        assert_ne!(second.name, made.name);
    }

    async fn a_schema_is_found_by_checksum_and_version(kit: Kit) {
        let desk = Desk::of(&kit, "ann").await;
        let block_type = desk.new_type("Shelf", "shelf").await.unwrap();
        let body = |version: &str| json!({"fields": {"title": "Shelf"}, "block_type_id": block_type.id, "version": version});
        let (old, _) = desk.schema(body("1.0")).await.unwrap();
        kit.advance(1.0);
        let (new, is_new) = desk.schema(body("2.0")).await.unwrap();
        assert!(is_new && old.checksum == new.checksum && old.id != new.id);
        let find = |version: Option<&'static str>| {
            let (cx, read, checksum) = (kit.cx.clone(), desk.read, new.checksum.clone());
            async move { block::schema::read_by_checksum(&cx, read, &checksum, version).await }
        };
        assert_eq!(find(Some("1.0")).await, Ok(old));
        assert_eq!(find(None).await, Ok(new.clone()), "the newest");
        assert_eq!(find(Some("3.0")).await, Err(Error::NotFound("Block schema")));
        assert_eq!(find(Some("a\0b")).await, Err(Error::NotFound("Block schema")));
    }

    async fn names_and_slugs_that_are_taken_or_reserved_are_refused(kit: Kit) {
        let desk = Desk::of(&kit, "ann").await;
        assert!(matches!(desk.new_type("Prefect Cloud", "mine").await, Err(Error::Forbidden(_))));
        assert!(matches!(desk.new_type("Mine", "local-file-system").await, Err(Error::Conflict(_))));
        desk.new_type("Shelf", "shelf").await.unwrap();
        assert!(matches!(desk.new_type("Shelf", "shelf").await, Err(Error::Conflict(_))));
        for slug in ["nothing-here", "NOT A SLUG", "a\0b"] {
            let found = block::block_type::read_by_slug(&kit.cx, desk.read, slug).await;
            assert_eq!(found, Err(Error::NotFound("Block type")), "{slug:?}");
        }
    }

    async fn secrets_are_refused_until_they_can_be_kept(kit: Kit) {
        let desk = Desk::of(&kit, "ann").await;
        let block_type = desk.new_type("Safe", "safe").await.unwrap();
        let body = json!({"fields": {"title": "Safe", "secret_fields": ["value"]}, "block_type_id": block_type.id});
        assert_eq!(loc(desk.schema(body).await.unwrap_err()), "fields.secret_fields");
    }

    async fn blocks_stand_inside_blocks(kit: Kit) {
        let desk = Desk::of(&kit, "ann").await;
        let block_type = desk.new_type("Shelf", "shelf").await.unwrap();
        let (schema, _) = desk.schema(json!({"fields": {"title": "Shelf"}, "block_type_id": block_type.id})).await.unwrap();
        let inner = desk.document(&schema, Some("inner"), json!({"x": 1})).await.unwrap();
        let reference = json!({"$ref": {"block_document_id": inner.id}});
        let outer = desk.document(&schema, Some("outer"), json!({"inner": reference, "y": 2})).await.unwrap();
        assert_eq!(Value::Object(outer.data.clone()), json!({"inner": {"x": 1}, "y": 2}));
        assert_eq!(outer.block_document_references["inner"]["block_document"]["name"], "inner");
        assert_eq!(desk.read_back(&outer).await.unwrap(), outer);
        let wrong = desk.document(&schema, Some("wrong"), json!({"inner": {"$ref": {"block_document_id": 7}}})).await;
        assert_eq!(loc(wrong.unwrap_err()), "data.inner.$ref.block_document_id");
    }

    async fn references_to_nothing_are_bounded_too(kit: Kit) {
        let desk = Desk::of(&kit, "ann").await;
        let block_type = desk.new_type("Shelf", "shelf").await.unwrap();
        let (schema, _) = desk.schema(json!({"fields": {"title": "Shelf"}, "block_type_id": block_type.id})).await.unwrap();
        let wide = |fields: u128| -> Value {
            let reference = |at| json!({"$ref": {"block_document_id": uuid::Uuid::from_u128(at)}});
            (0..fields).map(|at| (format!("f{at}"), reference(at))).collect()
        };
        assert_eq!(loc(desk.document(&schema, Some("wide"), wide(100_000)).await.unwrap_err()), "data");
        let unknown = desk.document(&schema, Some("wide"), wide(64)).await;
        assert!(matches!(unknown, Err(Error::BadRequest(_))), "{unknown:?}");
    }

    async fn a_block_needs_a_free_name_and_what_it_refers_to(kit: Kit) {
        let desk = Desk::of(&kit, "ann").await;
        let block_type = desk.new_type("Shelf", "shelf").await.unwrap();
        let (schema, _) = desk.schema(json!({"fields": {"title": "Shelf"}, "block_type_id": block_type.id})).await.unwrap();
        desk.document(&schema, Some("one"), json!({})).await.unwrap();
        let taken = desk.document(&schema, Some("one"), json!({})).await;
        assert_eq!(taken, Err(Error::Conflict("Block already exists".to_owned())));

        let create = |schema: Value, block_type: Value, data: Value| {
            let body = json!({"name": "two", "data": data, "block_schema_id": schema, "block_type_id": block_type});
            block::document::create(&kit.cx, desk.write, serde_json::from_value(body).unwrap())
        };
        let (known, kind, nobody) = (json!(schema.id), json!(block_type.id), json!(uuid::Uuid::nil()));
        let unknown = json!({"a": {"$ref": {"block_document_id": nobody}}});
        for (schema, block_type, data) in
            [(&nobody, &kind, json!({})), (&known, &nobody, json!({})), (&known, &kind, unknown)]
        {
            let refused = create(schema.clone(), block_type.clone(), data).await;
            assert!(matches!(refused, Err(Error::BadRequest(_))), "{refused:?}");
        }
        let other = desk.new_type("Other", "other").await.unwrap();
        assert_eq!(loc(create(known, json!(other.id), json!({})).await.unwrap_err()), "block_schema_id");
        let nameless: BlockDocumentCreate =
            serde_json::from_value(json!({"block_schema_id": schema.id, "block_type_id": block_type.id})).unwrap();
        assert_eq!(loc(block::document::create(&kit.cx, desk.write, nameless).await.unwrap_err()), "name");
    }

    async fn nothing_of_another_workspace_is_seen_or_used(kit: Kit) {
        let (ann, bob) = (Desk::of(&kit, "ann").await, Desk::of(&kit, "bob").await);
        let block_type = ann.new_type("Shelf", "shelf").await.unwrap();
        let (schema, _) = ann.schema(json!({"fields": {"title": "Shelf"}, "block_type_id": block_type.id})).await.unwrap();
        let document = ann.document(&schema, Some("one"), json!({"x": 1})).await.unwrap();

        assert_eq!(bob.read_back(&document).await, Err(Error::NotFound("Block document")));
        let found = block::block_type::read_by_slug(&kit.cx, bob.read, "shelf").await;
        assert_eq!(found, Err(Error::NotFound("Block type")));
        let found = block::schema::read_by_checksum(&kit.cx, bob.read, &schema.checksum, None).await;
        assert_eq!(found, Err(Error::NotFound("Block schema")));
        let update: BlockTypeUpdate = serde_json::from_value(json!({"description": "mine now"})).unwrap();
        let changed = block::block_type::update(&kit.cx, bob.write, block_type.id, update).await;
        assert_eq!(changed, Err(Error::NotFound("Block type")));
        let made = bob.schema(json!({"fields": {}, "block_type_id": block_type.id})).await;
        assert_eq!(made, Err(Error::NotFound("Block type")));
        assert!(matches!(bob.document(&schema, Some("two"), json!({})).await, Err(Error::BadRequest(_))));
        assert_ne!(ann.built_in().await.id, bob.built_in().await.id);
    }
}

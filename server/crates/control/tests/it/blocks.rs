//! Blocks: the calls of the oldest client before each run, and calls that must be rejected.

use control::{
    Error,
    access::{self, Workspace},
    block, workspace,
};
use model::{
    block::{BlockDocument, BlockDocumentCreate, BlockSchema, BlockSchemaCreate, BlockType, BlockTypeUpdate},
    permission::{ReadBlocks, WriteBlocks},
};
use serde_json::{Value, json};
use store::value::Value as Column;
use testkit::{TestApp, fixture::client_info, on_both, tables::Tables};

struct BlockFixture {
    app: TestApp,
    read: Workspace<ReadBlocks>,
    write: Workspace<WriteBlocks>,
}

impl BlockFixture {
    async fn new(app: &TestApp, person: &str) -> Self {
        let owner = app.person(person).await;
        let workspace_ref = app.workspace(&owner, "lab").await;
        Self {
            read: app.authorize(&owner, workspace_ref).await,
            write: app.authorize(&owner, workspace_ref).await,
            app: app.clone(),
        }
    }

    async fn built_in(&self) -> BlockType {
        block::block_type::read_by_slug(&self.app.cx, self.read, "local-file-system").await.unwrap()
    }

    async fn new_type(&self, name: &str, slug: &str) -> Result<BlockType, Error> {
        let create = serde_json::from_value(json!({"name": name, "slug": slug})).unwrap();
        block::block_type::create(&self.app.cx, self.write, create).await
    }

    async fn schema(&self, body: Value) -> Result<(BlockSchema, bool), Error> {
        let create: BlockSchemaCreate = serde_json::from_value(body).unwrap();
        let upserted = block::schema::create(&self.app.cx, self.write, create).await?;
        Ok((upserted.value, upserted.inserted))
    }

    async fn document(&self, schema: &BlockSchema, name: Option<&str>, data: Value) -> Result<BlockDocument, Error> {
        let create: BlockDocumentCreate = serde_json::from_value(json!({
            "name": name, "data": data, "block_schema_id": schema.id, "block_type_id": schema.block_type_id,
            "is_anonymous": name.is_none(),
        }))
        .unwrap();
        block::document::create(&self.app.cx, self.write, create).await
    }

    async fn read_back(&self, document: &BlockDocument) -> Result<BlockDocument, Error> {
        block::document::read(&self.app.cx, self.read, document.id).await
    }
}

/// The schema that client 2.0.4 sends.
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
        other => panic!("{other:?} is not a validation error"),
    }
}

on_both! {
    async fn the_oldest_clients_calls_before_a_run_succeed_twice(app: TestApp) {
        let fixture = BlockFixture::new(&app, "ann").await;
        let first = fixture.built_in().await;
        assert!(first.is_protected);
        let update: BlockTypeUpdate = serde_json::from_value(json!({
            "logo_url": "https://example.org/logo.png", "documentation_url": null, "description": "Files.", "code_example": "…",
        })).unwrap();
        app.advance(1.0);
        block::block_type::update(&app.cx, fixture.write, first.id, update.clone()).await.unwrap();
        let changed = fixture.built_in().await;
        assert_eq!((changed.id, changed.description.as_deref(), changed.updated), (first.id, Some("Files."), app.cx.clock.now()));

        let (schema, new) = fixture.schema(local_storage(&first)).await.unwrap();
        assert!(new);
        assert_eq!(schema.checksum, "sha256:aabea745455b293958df137fcbef324129dcf9159119c2120da60d3575887649");
        assert_eq!((schema.version.as_str(), schema.block_type.as_ref()), ("non-versioned", Some(&changed)));
        let created = fixture.document(&schema, None, json!({"basepath": "/srv"})).await.unwrap();
        assert!(created.name.as_deref().is_some_and(|name| name.starts_with("anonymous-")));
        assert_eq!((created.block_schema.as_ref(), created.block_type_name.as_deref()), (Some(&schema), Some("Local File System")));
        assert_eq!(fixture.read_back(&created).await.unwrap(), created);

        app.advance(60.0);
        block::block_type::update(&app.cx, fixture.write, first.id, update).await.unwrap();
        assert_eq!(fixture.built_in().await, changed, "an update without changes is not written");
        let (again, new) = fixture.schema(local_storage(&first)).await.unwrap();
        assert_eq!((again, new), (schema.clone(), false));
        let second = fixture.document(&schema, None, json!({"basepath": "/srv"})).await.unwrap();
        assert_ne!(second.name, created.name);
    }

    async fn a_new_workspace_has_the_built_in_block_types(app: TestApp) {
        let fixture = BlockFixture::new(&app, "ann").await;
        let local = app.with(|settings| settings.local = true);
        control::local::ensure(&local.cx).await.unwrap();
        let read = access::authorize_local_call(&local.cx).await.unwrap();
        let mut tables = Tables::of(&app).await;
        let before = tables.counts().await;
        assert_eq!(fixture.built_in().await.id, fixture.built_in().await.id);
        block::block_type::read_by_slug(&local.cx, read, "local-file-system").await.unwrap();
        assert_eq!(tables.counts().await, before, "a read changes no table");
    }

    async fn older_workspaces_get_missing_block_types_at_start(app: TestApp) {
        let owner = app.person("ann").await;
        let mut workspaces = Vec::new();
        for number in 0..120 {
            workspaces.push(app.workspace(&owner, &format!("lab {number}")).await);
        }
        let deleted = workspaces.pop().unwrap();
        workspace::delete(&app.cx, app.authorize(&owner, deleted).await, "lab-119", client_info()).await.unwrap();
        app.execute_raw("DELETE FROM block_type").await;
        let mut tables = Tables::of(&app).await;
        for _ in 0..2 {
            block::built_in::install(&app.cx).await.unwrap();
            assert_eq!(tables.counts().await["block_type"], Column::Big(119));
        }
        for workspace_ref in workspaces {
            let read = app.authorize(&owner, workspace_ref).await;
            block::block_type::read_by_slug(&app.cx, read, "local-file-system").await.unwrap();
        }
    }

    async fn concurrent_updates_of_a_block_type_keep_both_fields(app: TestApp) {
        let fixture = BlockFixture::new(&app, "ann").await;
        let id = fixture.new_type("Shelf", "shelf").await.unwrap().id;
        let update = |body: Value| block::block_type::update(&app.cx, fixture.write, id, serde_json::from_value(body).unwrap());
        for round in 0..50 {
            let (logo, text) = (format!("https://example.org/{round}.png"), format!("Round {round}."));
            let both = tokio::join!(update(json!({"logo_url": logo})), update(json!({"description": text})));
            assert_eq!(both, (Ok(()), Ok(())));
            let shelf = block::block_type::read_by_slug(&app.cx, fixture.read, "shelf").await.unwrap();
            assert_eq!((shelf.logo_url, shelf.description), (Some(logo), Some(text)), "round {round}");
        }
    }

    async fn a_schema_is_found_by_checksum_and_version(app: TestApp) {
        let fixture = BlockFixture::new(&app, "ann").await;
        let block_type = fixture.new_type("Shelf", "shelf").await.unwrap();
        let body = |version: &str| json!({"fields": {"title": "Shelf"}, "block_type_id": block_type.id, "version": version});
        let (old, _) = fixture.schema(body("1.0")).await.unwrap();
        app.advance(1.0);
        let (new, is_new) = fixture.schema(body("2.0")).await.unwrap();
        assert!(is_new && old.checksum == new.checksum && old.id != new.id);
        let find = |version: Option<&'static str>| {
            let (cx, read, checksum) = (app.cx.clone(), fixture.read, new.checksum.clone());
            async move { block::schema::read_by_checksum(&cx, read, &checksum, version).await }
        };
        assert_eq!(find(Some("1.0")).await, Ok(old));
        assert_eq!(find(None).await, Ok(new.clone()), "the newest");
        assert_eq!(find(Some("3.0")).await, Err(Error::missing("Block schema")));
        assert_eq!(find(Some("a\0b")).await, Err(Error::missing("Block schema")));
    }

    async fn taken_or_reserved_names_and_slugs_are_rejected(app: TestApp) {
        let fixture = BlockFixture::new(&app, "ann").await;
        assert!(matches!(fixture.new_type("Prefect Cloud", "mine").await, Err(Error::Forbidden(_))));
        assert!(matches!(fixture.new_type("Mine", "local-file-system").await, Err(Error::Conflict(_))));
        fixture.new_type("Shelf", "shelf").await.unwrap();
        assert!(matches!(fixture.new_type("Shelf", "shelf").await, Err(Error::Conflict(_))));
        for slug in ["no-such-type", "NOT A SLUG", "a\0b"] {
            let found = block::block_type::read_by_slug(&app.cx, fixture.read, slug).await;
            assert_eq!(found, Err(Error::missing("Block type")), "{slug:?}");
        }
    }

    async fn schemas_with_secret_fields_are_rejected(app: TestApp) {
        let fixture = BlockFixture::new(&app, "ann").await;
        let block_type = fixture.new_type("Safe", "safe").await.unwrap();
        let body = json!({"fields": {"title": "Safe", "secret_fields": ["value"]}, "block_type_id": block_type.id});
        assert_eq!(loc(fixture.schema(body).await.unwrap_err()), "fields.secret_fields");
    }

    async fn references_are_replaced_by_the_blocks_data(app: TestApp) {
        let fixture = BlockFixture::new(&app, "ann").await;
        let block_type = fixture.new_type("Shelf", "shelf").await.unwrap();
        let (schema, _) = fixture.schema(json!({"fields": {"title": "Shelf"}, "block_type_id": block_type.id})).await.unwrap();
        let inner = fixture.document(&schema, Some("inner"), json!({"x": 1})).await.unwrap();
        let reference = json!({"$ref": {"block_document_id": inner.id}});
        let outer = fixture.document(&schema, Some("outer"), json!({"inner": reference, "y": 2})).await.unwrap();
        assert_eq!(Value::Object(outer.data.clone()), json!({"inner": {"x": 1}, "y": 2}));
        assert_eq!(outer.block_document_references["inner"]["block_document"]["name"], "inner");
        assert_eq!(fixture.read_back(&outer).await.unwrap(), outer);
        let wrong = fixture.document(&schema, Some("wrong"), json!({"inner": {"$ref": {"block_document_id": 7}}})).await;
        assert_eq!(loc(wrong.unwrap_err()), "data.inner.$ref.block_document_id");
    }

    async fn references_to_missing_blocks_are_limited_too(app: TestApp) {
        let fixture = BlockFixture::new(&app, "ann").await;
        let block_type = fixture.new_type("Shelf", "shelf").await.unwrap();
        let (schema, _) = fixture.schema(json!({"fields": {"title": "Shelf"}, "block_type_id": block_type.id})).await.unwrap();
        let wide = |fields: u128| -> Value {
            let reference = |at| json!({"$ref": {"block_document_id": uuid::Uuid::from_u128(at)}});
            (0..fields).map(|at| (format!("f{at}"), reference(at))).collect()
        };
        assert_eq!(loc(fixture.document(&schema, Some("wide"), wide(100_000)).await.unwrap_err()), "data");
        let unknown = fixture.document(&schema, Some("wide"), wide(64)).await;
        assert!(matches!(unknown, Err(Error::MissingReference(_))), "{unknown:?}");
    }

    async fn a_block_needs_a_free_name_and_existing_references(app: TestApp) {
        let fixture = BlockFixture::new(&app, "ann").await;
        let block_type = fixture.new_type("Shelf", "shelf").await.unwrap();
        let (schema, _) = fixture.schema(json!({"fields": {"title": "Shelf"}, "block_type_id": block_type.id})).await.unwrap();
        fixture.document(&schema, Some("one"), json!({})).await.unwrap();
        let taken = fixture.document(&schema, Some("one"), json!({})).await;
        assert_eq!(taken, Err(Error::Conflict("Block already exists".to_owned())));

        let create = |schema: Value, block_type: Value, data: Value| {
            let body = json!({"name": "two", "data": data, "block_schema_id": schema, "block_type_id": block_type});
            block::document::create(&app.cx, fixture.write, serde_json::from_value(body).unwrap())
        };
        let (known, kind, missing) = (json!(schema.id), json!(block_type.id), json!(uuid::Uuid::nil()));
        let unknown = json!({"a": {"$ref": {"block_document_id": missing}}});
        for (schema, block_type, data) in
            [(&missing, &kind, json!({})), (&known, &missing, json!({})), (&known, &kind, unknown)]
        {
            let refused = create(schema.clone(), block_type.clone(), data).await;
            assert!(matches!(refused, Err(Error::MissingReference(_))), "{refused:?}");
        }
        let other = fixture.new_type("Other", "other").await.unwrap();
        assert_eq!(loc(create(known, json!(other.id), json!({})).await.unwrap_err()), "block_schema_id");
        let nameless: BlockDocumentCreate =
            serde_json::from_value(json!({"block_schema_id": schema.id, "block_type_id": block_type.id})).unwrap();
        assert_eq!(loc(block::document::create(&app.cx, fixture.write, nameless).await.unwrap_err()), "name");
    }

    async fn blocks_of_another_workspace_are_invisible(app: TestApp) {
        let (ann, bob) = (BlockFixture::new(&app, "ann").await, BlockFixture::new(&app, "bob").await);
        let block_type = ann.new_type("Shelf", "shelf").await.unwrap();
        let (schema, _) = ann.schema(json!({"fields": {"title": "Shelf"}, "block_type_id": block_type.id})).await.unwrap();
        let document = ann.document(&schema, Some("one"), json!({"x": 1})).await.unwrap();

        assert_eq!(bob.read_back(&document).await, Err(Error::not_found("Block document", document.id)));
        let found = block::block_type::read_by_slug(&app.cx, bob.read, "shelf").await;
        assert_eq!(found, Err(Error::missing("Block type")));
        let found = block::schema::read_by_checksum(&app.cx, bob.read, &schema.checksum, None).await;
        assert_eq!(found, Err(Error::missing("Block schema")));
        let update: BlockTypeUpdate = serde_json::from_value(json!({"description": "mine now"})).unwrap();
        let changed = block::block_type::update(&app.cx, bob.write, block_type.id, update).await;
        assert_eq!(changed, Err(Error::not_found("Block type", block_type.id)));
        let created = bob.schema(json!({"fields": {}, "block_type_id": block_type.id})).await;
        assert_eq!(created, Err(Error::not_found("Block type", block_type.id)));
        assert!(matches!(bob.document(&schema, Some("two"), json!({})).await, Err(Error::MissingReference(_))));
        assert_ne!(ann.built_in().await.id, bob.built_in().await.id);
    }
}

//! The screens and the form of variables.

use control::{
    Error,
    access::Workspace,
    list,
    screen::{self, VariableForm},
    variable,
};
use model::{
    id::IdOrName,
    page::Page,
    permission::{ReadVariables, WriteVariables},
    screen::{MAX_VARIABLE_PAGES, VARIABLES_PER_PAGE, ValueKind, VariableList, VariableListQuery, VariableOrder},
    variable::{Variable, VariableCreate, VariableId, VariableQuery},
};
use serde_json::{Value, json};
use testkit::TestApp;

use crate::runs::from_json;

struct VariableFixture<'a> {
    app: &'a TestApp,
    read: Workspace<ReadVariables>,
    write: Workspace<WriteVariables>,
}

impl<'a> VariableFixture<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let ann = app.person("ann").await;
        let workspace = app.workspace(&ann, "colours").await;
        Self { app, read: app.authorize(&ann, workspace).await, write: app.authorize(&ann, workspace).await }
    }

    async fn create(&self, json: Value) -> Variable {
        let create: VariableCreate = from_json(json);
        variable::create(&self.app.cx, self.write, create).await.unwrap()
    }

    async fn read(&self, variable: IdOrName<VariableId>) -> Result<Variable, Error> {
        variable::read(&self.app.cx, self.read, variable).await
    }

    async fn names(&self, query: Value) -> Vec<String> {
        let query: VariableQuery = from_json(query);
        let listed = list::objects(&self.app.cx, self.read, &query, Page::default()).await.unwrap();
        let counted = list::count(&self.app.cx, self.read, &query).await.unwrap();
        assert_eq!(usize::try_from(counted), Ok(listed.len()));
        listed.into_iter().map(|variable| variable.name).collect()
    }
}

impl VariableFixture<'_> {
    async fn page(&self, query: VariableListQuery) -> Result<VariableList, Error> {
        Ok(screen::variables(&self.app.cx, self.read, query).await?.list)
    }

    /// The names of the first page of a search, which matches no other variable.
    async fn found(&self, search: &str) -> Vec<String> {
        let page = self.page(VariableListQuery { search: search.to_owned(), ..VariableListQuery::default() });
        let page = page.await.unwrap();
        assert_eq!(page.total, page.rows.len() as u64);
        page.rows.into_iter().map(|row| row.name).collect()
    }

    /// Saves the form, and returns the fields with errors.
    async fn save(&self, id: Option<VariableId>, name: &str, kind: &str, value: &str) -> Vec<String> {
        let form = VariableForm {
            name: name.into(),
            kind: kind.into(),
            value: value.into(),
            tags: vec!["a".into(), "a".into()],
        };
        match screen::save_variable(&self.app.cx, self.write, id, form).await {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.loc.join(".")).collect(),
            Err(other) => panic!("{other}"),
        }
    }
}

testkit::on_both! {
    async fn the_page_searches_names_values_and_tags(app: TestApp) {
        let fixture = VariableFixture::new(&app).await;
        for (name, value, tags) in [("batch_size", json!(5000), json!(["orders"])), ("market_close", json!("17:30"), json!([])), ("zones", json!({"UK": [1]}), json!(["orders", "ingest"]))] {
            app.advance(1.0);
            fixture.create(json!({"name": name, "value": value, "tags": tags})).await;
        }
        for (search, expected) in [
            ("", vec!["batch_size", "market_close", "zones"]),
            ("BATCH", vec!["batch_size"]),
            ("17:3", vec!["market_close"]),
            ("uk", vec!["zones"]),
            ("orders", vec!["batch_size", "zones"]),
            ("order", vec![]),
            ("%", vec![]),
        ] {
            assert_eq!(fixture.found(search).await, expected, "{search}");
        }
        let none = fixture.page(VariableListQuery { search: "order".to_owned(), ..VariableListQuery::default() }).await.unwrap();
        assert_eq!((none.total, none.unfiltered), (0, 3));
        assert_eq!(fixture.names(json!({"variables": {"value": {"any_": ["17:30"]}}})).await, ["market_close"]);
        app.advance(1.0);
        let retagged = from_json(json!({"tags": ["nightly"]}));
        variable::update(&app.cx, fixture.write, IdOrName::Name("batch_size".to_owned()), retagged).await.unwrap();
        assert_eq!((fixture.found("orders").await, fixture.found("nightly").await), (vec!["zones".to_owned()], vec!["batch_size".to_owned()]));
        let changed = fixture.page(VariableListQuery { order: VariableOrder::Changed, ..VariableListQuery::default() }).await.unwrap();
        let rows: Vec<_> = changed.rows.iter().map(|row| (row.name.as_str(), row.value.as_str())).collect();
        assert_eq!(rows, [("batch_size", "5000"), ("zones", r#"{ "UK": [1] }"#), ("market_close", r#""17:30""#)]);
    }

    async fn the_page_is_bounded_in_rows_and_characters(app: TestApp) {
        let fixture = VariableFixture::new(&app).await;
        for number in 0..=VARIABLES_PER_PAGE {
            fixture.create(json!({"name": format!("v{number:03}"), "value": number})).await;
        }
        let tags: Vec<_> = (0..9).map(|tag| format!("{tag}{}", "é".repeat(400))).collect();
        let long = fixture.create(json!({"name": "z", "value": "é".repeat(4_000), "tags": tags})).await;
        let page = |page| fixture.page(VariableListQuery { page, ..VariableListQuery::default() });
        assert_eq!(page(0).await.unwrap().rows.len(), 50);
        let second = page(1).await.unwrap();
        assert_eq!((second.rows.len(), second.total), (2, 52));
        let row = &second.rows[1];
        assert_eq!((row.value.chars().count(), row.tags.len(), row.more_tags), (121, 3, 6));
        assert!(row.tags.iter().all(|tag| tag.chars().count() == 33));
        assert!(page(2).await.unwrap().rows.is_empty());
        let too_far = page(MAX_VARIABLE_PAGES).await.unwrap_err();
        assert_eq!(too_far, Error::invalid("page", "this is past the last page"));
        for search in ["x".repeat(513), "a\0b".to_owned()] {
            let refused = fixture.page(VariableListQuery { search, ..VariableListQuery::default() }).await;
            assert!(matches!(refused, Err(Error::Invalid(errors)) if errors[0].loc == ["search"]));
        }
        let detail = screen::variable(&app.cx, fixture.read, long.id).await.unwrap().unwrap();
        assert_eq!((detail.kind, detail.text.chars().count(), detail.tags.len()), (ValueKind::Text, 4_000, 9));
    }

    async fn the_form_names_every_invalid_field(app: TestApp) {
        let fixture = VariableFixture::new(&app).await;
        assert_eq!(fixture.save(None, "Red", "json", "{").await, ["name", "value"]);
        assert_eq!(fixture.save(None, "", "date", "").await, ["name", "kind"]);
        assert_eq!(fixture.save(None, "red", "text", &"x".repeat(4_999)).await, ["value"]);
        assert_eq!(fixture.names(json!({})).await, [""; 0]);
        assert!(fixture.save(None, " red ", "json", "{\"a\": 1}").await.is_empty());
        assert_eq!(fixture.save(None, "red", "text", "x").await, ["name"], "taken");
        let red = fixture.read(IdOrName::Name("red".to_owned())).await.unwrap();
        assert_eq!((&red.value, red.tags.as_slice()), (&json!({"a": 1}), &["a".to_owned()][..]));
        fixture.create(json!({"name": "blue", "value": 1})).await;
        assert_eq!(fixture.save(Some(red.id), "blue", "text", "x").await, ["name"], "taken");
        assert!(fixture.save(Some(red.id), "green", "number", "-0.5").await.is_empty());
        let green = fixture.read(IdOrName::Id(red.id)).await.unwrap();
        assert_eq!((green.name.as_str(), &green.value), ("green", &json!(-0.5)));
        assert_eq!(screen::variable(&app.cx, fixture.read, red.id).await.unwrap().unwrap().text, "-0.5");
        variable::delete(&app.cx, fixture.write, IdOrName::Id(red.id)).await.unwrap();
        let form = VariableForm { name: "red".into(), kind: "text".into(), ..VariableForm::default() };
        let gone = screen::save_variable(&app.cx, fixture.write, Some(red.id), form).await;
        assert_eq!(gone, Err(Error::not_found(variable::NOUN, red.id)));
        assert_eq!(screen::variable(&app.cx, fixture.read, red.id).await.unwrap(), None);
    }
}

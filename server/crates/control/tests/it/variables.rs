//! Variables.

use control::{Error, access::Workspace, variable};
use model::{
    filter::query::VariableQuery,
    id::{IdOrName, VariableId},
    page::Page,
    permission::{ReadVariables, WriteVariables},
    variable::{Variable, VariableCreate},
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
        let listed = variable::list(&self.app.cx, self.read, &query, Page::default()).await.unwrap();
        let counted = variable::count(&self.app.cx, self.read, &query).await.unwrap();
        assert_eq!(usize::try_from(counted), Ok(listed.len()));
        listed.into_iter().map(|variable| variable.name).collect()
    }
}

testkit::on_both! {
    async fn a_variable_is_created_read_and_deleted(app: TestApp) {
        let fixture = VariableFixture::new(&app).await;
        let red = fixture.create(json!({"name": "red", "value": {"r": 255.5, "none": null}, "tags": ["warm"]})).await;
        assert_eq!(fixture.read(IdOrName::Id(red.id)).await.unwrap(), red);
        assert_eq!(fixture.read(IdOrName::Name("red".to_owned())).await.unwrap(), red);
        let again: VariableCreate = from_json(json!({"name": "red", "value": 1}));
        let taken = variable::create(&app.cx, fixture.write, again).await.unwrap_err();
        assert_eq!(taken, Error::Conflict("A variable with the name 'red' already exists.".to_owned()));
        variable::delete(&app.cx, fixture.write, IdOrName::Name("red".to_owned())).await.unwrap();
        for missing in [IdOrName::Id(red.id), IdOrName::Name("red".to_owned())] {
            let id = matches!(missing, IdOrName::Id(_)).then_some(red.id.0);
            let missing_error = Err(Error::NotFound { noun: "Variable", id });
            assert_eq!(fixture.read(missing.clone()).await, missing_error);
            assert_eq!(variable::delete(&app.cx, fixture.write, missing).await.map(|()| red.clone()), missing_error);
        }
    }

    async fn an_update_changes_only_the_fields_that_were_sent(app: TestApp) {
        let fixture = VariableFixture::new(&app).await;
        let red = fixture.create(json!({"name": "red", "value": 1, "tags": ["warm"]})).await;
        fixture.create(json!({"name": "blue", "value": 2})).await;
        app.advance(1.0);
        let update = |json| variable::update(&app.cx, fixture.write, IdOrName::Id(red.id), from_json(json));
        update(json!({"value": null, "tags": ["cold"]})).await.unwrap();
        let updated = fixture.read(IdOrName::Id(red.id)).await.unwrap();
        assert_eq!((updated.name.as_str(), &updated.value, updated.tags.as_slice()), ("red", &Value::Null, &["cold".to_owned()][..]));
        assert!(updated.updated > red.updated);
        assert_eq!(fixture.names(json!({"variables": {"tags": {"all_": ["warm"]}}})).await, [""; 0]);
        assert!(matches!(update(json!({"name": "blue"})).await, Err(Error::Conflict(_))));
        update(json!({"name": "green"})).await.unwrap();
        assert_eq!(fixture.read(IdOrName::Name("green".to_owned())).await.unwrap().tags, ["cold"]);
    }

    async fn variables_are_listed_by_name_and_tags(app: TestApp) {
        let fixture = VariableFixture::new(&app).await;
        for (name, value, tags) in [("b_1", json!("say \"hi\""), json!(["x"])), ("a-2", json!(7), json!(["x", "y"])), ("c", json!(null), json!([]))] {
            app.advance(1.0);
            fixture.create(json!({"name": name, "value": value, "tags": tags})).await;
        }
        for (query, expected) in [
            (json!({}), vec!["a-2", "b_1", "c"]),
            (json!({"sort": "CREATED_DESC"}), vec!["c", "a-2", "b_1"]),
            (json!({"sort": "NAME_DESC"}), vec!["c", "b_1", "a-2"]),
            (json!({"variables": {"name": {"like_": "_"}}}), vec!["b_1"]),
            (json!({"variables": {"tags": {"all_": ["x", "y"]}}}), vec!["a-2"]),
            (json!({"variables": {"tags": {"is_null_": true}}}), vec!["c"]),
            (json!({"variables": {"value": {"any_": ["say \"hi\""]}}}), vec!["b_1"]),
            (json!({"variables": {"value": {"like_": "\"HI"}}}), vec!["b_1"]),
            (json!({"variables": {"operator": "or_", "name": {"any_": ["c"]}, "tags": {"all_": ["y"]}}}), vec!["a-2", "c"]),
        ] {
            assert_eq!(fixture.names(query.clone()).await, expected, "{query}");
        }
    }
}

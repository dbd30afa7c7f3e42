//! Prepares every statement of the program on both databases, and compares the result with the declared types.

mod workspace_comparison;

use std::collections::BTreeSet;

use store::{
    statement::{Entry, STATEMENTS},
    testing::describe,
    value::{Kind, Type},
};
use testkit::{Backend, TestApp};

use self::workspace_comparison::unrestricted_table;
use crate::schema;

testkit::on_both! {
    async fn every_statement_matches_its_declared_types(app: TestApp) {
        assert!(STATEMENTS.len() > 50, "the registry has only {} statements", STATEMENTS.len());
        let mut defects = Vec::new();
        for entry in STATEMENTS.iter().filter(|entry| !text_for(&app, entry).is_empty()) {
            if let Err(defect) = check(&app, entry).await {
                defects.push(format!("{}::{}: {defect}", entry.module, entry.name));
            }
        }
        assert!(defects.is_empty(), "{}", defects.join("\n"));
    }
}

fn text_for(app: &TestApp, entry: &Entry) -> &'static str {
    match app.backend {
        Backend::Sqlite => (entry.sqlite)(),
        Backend::Postgres => (entry.postgres)(),
    }
}

async fn check(app: &TestApp, entry: &Entry) -> Result<(), String> {
    let text = text_for(app, entry);
    let described = describe(&app.location, text).await.map_err(|error| error.to_string())?;
    let params = (entry.params)();
    if described.params.len() != params.len() {
        return Err(format!("takes {} parameters, declares {}", described.params.len(), params.len()));
    }
    for (number, (actual, declared)) in described.params.iter().zip(&params).enumerate() {
        same_type(actual.as_deref(), *declared).map_err(|error| format!("parameter ${}: {error}", number + 1))?;
    }
    let (kinds, names) = ((entry.row)(), (entry.names)());
    if !kinds.is_empty() && described.columns.len() != kinds.len() {
        return Err(format!("yields {} columns, declares {}", described.columns.len(), kinds.len()));
    }
    for (column, (name, actual)) in described.columns.iter().enumerate() {
        let Some(declared) = kinds.get(column) else { continue };
        same_type(actual.as_deref(), *declared).map_err(|error| format!("column {name}: {error}"))?;
        if names.get(column).is_some_and(|field| field != name) {
            return Err(format!("column {name} is read into the field {}", names[column]));
        }
    }
    let unrestricted = (entry.scope == "scoped").then(|| unrestricted_table(text)).flatten();
    unrestricted.map_or(Ok(()), |table| Err(format!("does not compare the workspace of {table}")))
}

/// Unscoped statements that use a table of a workspace, and why they may.
const UNSCOPED: [(&str, &str); 12] = [
    // Look-ups and lists of memberships, from which tenants are made.
    ("KEY_HOLDER", "workspace_member"),
    ("KEY_IN_WORKSPACE", "workspace_member"),
    ("ROLE_IN_WORKSPACE", "workspace_member"),
    ("ROLE_BY_HANDLE", "workspace_member"),
    ("WORKSPACES_OF_PERSON", "workspace_member"),
    ("MEMBERSHIPS", "workspace_member"),
    ("MEMBERSHIPS", "favourite"),
    // The cards of all workspaces that a person is a member of.
    ("RUN_DAYS_OF_MEMBER", "workspace_member"),
    ("RUN_DAYS_OF_MEMBER", "run_hour"),
    // The first member of a new workspace.
    ("INSERT_WORKSPACE_MEMBER", "workspace_member"),
    // Entries belong to accounts; some name a workspace.
    ("INSERT_AUDIT", "audit"),
    ("RECENT_AUDIT", "audit"),
];

#[test]
fn unscoped_statements_use_no_tables_of_workspaces() {
    let tables: Vec<&str> = schema::tables(Backend::Sqlite)
        .iter()
        .filter(|table| table.is_of_workspace())
        .map(|table| table.name)
        .collect();
    let mut used = BTreeSet::new();
    for entry in STATEMENTS.iter().filter(|entry| entry.scope == "unscoped") {
        for text in [(entry.sqlite)(), (entry.postgres)()] {
            let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            for pair in words.windows(2).filter(|pair| matches!(pair[0], "FROM" | "JOIN" | "INTO" | "UPDATE")) {
                used.extend(tables.contains(&pair[1]).then_some((entry.name, pair[1])));
            }
        }
    }
    assert_eq!(used, BTreeSet::from(UNSCOPED), "tables of workspaces need a tenant proof");
}

/// SQLite reports no types, so only PostgreSQL checks them.
fn same_type(actual: Option<&str>, declared: Kind) -> Result<(), String> {
    let expected = match declared.ty {
        Type::Bool => "BOOL",
        Type::Big => "INT8",
        Type::Double => "FLOAT8",
        Type::Text => "TEXT",
        Type::Uuid => "UUID",
    };
    match actual {
        Some(actual) if actual != expected => Err(format!("is {actual}, declared as {expected}")),
        _ => Ok(()),
    }
}

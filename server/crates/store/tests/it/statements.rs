//! Every statement of the program is prepared on both databases, and must be what its type says.

use std::collections::BTreeSet;

use store::{
    probe::describe,
    statement::{Entry, STATEMENTS},
    value::{Kind, Type},
};
use testkit::{Backend, Kit};

use crate::schema;

testkit::on_both! {
    async fn every_statement_is_what_its_type_says(kit: Kit) {
        assert!(STATEMENTS.len() > 50, "the registry holds the program's statements, not {}", STATEMENTS.len());
        let mut complaints = Vec::new();
        for entry in STATEMENTS {
            if let Err(complaint) = check(&kit, entry).await {
                complaints.push(format!("{}::{}: {complaint}", entry.module, entry.name));
            }
        }
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }
}

async fn check(kit: &Kit, entry: &Entry) -> Result<(), String> {
    let text = match kit.backend {
        Backend::Sqlite => (entry.sqlite)(),
        Backend::Postgres => (entry.postgres)(),
    };
    let described = describe(&kit.location, text).await.map_err(|error| error.to_string())?;
    let params = (entry.params)();
    if described.params.len() != params.len() {
        return Err(format!("takes {} parameters, declares {}", described.params.len(), params.len()));
    }
    for (number, (told, declared)) in described.params.iter().zip(&params).enumerate() {
        same_type(told.as_deref(), *declared).map_err(|error| format!("parameter ${}: {error}", number + 1))?;
    }
    let (kinds, names) = ((entry.row)(), (entry.names)());
    if !kinds.is_empty() && described.columns.len() != kinds.len() {
        return Err(format!("yields {} columns, declares {}", described.columns.len(), kinds.len()));
    }
    for (column, (name, told)) in described.columns.iter().enumerate() {
        let Some(declared) = kinds.get(column) else { continue };
        same_type(told.as_deref(), *declared).map_err(|error| format!("column {name}: {error}"))?;
        if names.get(column).is_some_and(|field| field != name) {
            return Err(format!("column {name} is read into the field {}", names[column]));
        }
    }
    // The workspace is a column of its tables, and the key of its own.
    if entry.scope == "scoped" && !text.contains("workspace_id") && !text.contains("id = $1") {
        return Err("does not look at the workspace".to_owned());
    }
    Ok(())
}

/// Open statements that name a table of a workspace, and why they may.
const OPEN: [(&str, &str); 12] = [
    // What a membership is looked up by, and shown with: the way to a tenant.
    ("KEY_HOLDER", "workspace_member"),
    ("KEY_IN_WORKSPACE", "workspace_member"),
    ("ROLE_IN_WORKSPACE", "workspace_member"),
    ("ROLE_BY_HANDLE", "workspace_member"),
    ("ADDRESSES", "workspace_member"),
    ("MEMBERSHIPS", "workspace_member"),
    ("MEMBERSHIPS", "favourite"),
    // The cards of all workspaces that a person is a member of, whichever these are.
    ("RUN_DAYS_OF_MEMBER", "workspace_member"),
    ("RUN_DAYS_OF_MEMBER", "run_hour"),
    // The first member of a workspace that is just being made.
    ("INSERT_WORKSPACE_MEMBER", "workspace_member"),
    // Entries of an account, some of which tell of a workspace.
    ("INSERT_AUDIT", "audit"),
    ("RECENT_AUDIT", "audit"),
];

#[test]
fn open_statements_keep_away_from_the_tables_of_workspaces() {
    let tables: Vec<&str> =
        schema::tables().iter().filter(|table| table.is_of_workspace()).map(|table| table.name).collect();
    let mut named = BTreeSet::new();
    for entry in STATEMENTS.iter().filter(|entry| entry.scope == "open") {
        for text in [(entry.sqlite)(), (entry.postgres)()] {
            let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            for pair in words.windows(2).filter(|pair| matches!(pair[0], "FROM" | "JOIN" | "INTO" | "UPDATE")) {
                named.extend(tables.contains(&pair[1]).then_some((entry.name, pair[1])));
            }
        }
    }
    assert_eq!(named, BTreeSet::from(OPEN), "a table of a workspace is opened by a tenant alone");
}

/// SQLite tells no types: there the other database's answer stands for both.
fn same_type(told: Option<&str>, declared: Kind) -> Result<(), String> {
    let wanted = match declared.ty {
        Type::Bool => "BOOL",
        Type::Big => "INT8",
        Type::Double => "FLOAT8",
        Type::Text => "TEXT",
        Type::Uuid => "UUID",
    };
    match told {
        Some(told) if told != wanted => Err(format!("is {told}, declared as {wanted}")),
        _ => Ok(()),
    }
}

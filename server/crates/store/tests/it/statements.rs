//! Prepares every statement of the program on both databases, and compares the result with the declared types.

mod workspace_comparison;

use std::{collections::BTreeSet, path::Path};

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
const UNSCOPED: [(&str, &str); 13] = [
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
    // Whether a person may delete their account.
    ("WORKSPACES_WITH_OTHER_MEMBERS", "workspace_member"),
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

/// Statements that look for an address, or for the subject of a password or an account, and how they use it.
const BY_ADDRESS: [(&str, AddressUse); 5] = [
    ("PASSWORD_BY_EMAIL", AddressUse::FindsAPerson),
    ("PROVIDER_ACCOUNT", AddressUse::FindsNoPerson("the subject is the provider’s id of the account")),
    ("UNVERIFIED_PASSWORD", AddressUse::FindsNoPerson("finds the password of a person who does not own the address")),
    ("VERIFIED_ADDRESSES", AddressUse::FindsNoPerson("counts")),
    ("HAS_VERIFIED", AddressUse::FindsNoPerson("the person is given")),
];

/// How a statement uses an address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum AddressUse {
    /// Of a person who types it: signing in by a provider must not use the statement.
    FindsAPerson,
    /// Why it finds none by it.
    FindsNoPerson(&'static str),
}

/// Whoever controls a provider can claim any address there. A sign-in by provider that found its person by the address would hand the
/// account over.
#[test]
fn sign_in_by_provider_finds_no_person_by_address() {
    let mut used = BTreeSet::new();
    for entry in STATEMENTS.iter().filter(|entry| entry.module.starts_with("store::")) {
        for text in [(entry.sqlite)(), (entry.postgres)()] {
            let condition = text.split_once(" WHERE ").map_or("", |(_, condition)| condition);
            let compares = |column: &str| condition.contains(&format!("{column} = $"));
            used.extend((compares("email") || compares("subject")).then_some(entry.name));
        }
    }
    assert_eq!(used, BTreeSet::from(BY_ADDRESS.map(|(name, _)| name)), "say how the statement uses the address");

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../control/src/person/provider");
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        files += 1;
        for (name, _) in BY_ADDRESS.iter().filter(|(_, usage)| *usage == AddressUse::FindsAPerson) {
            assert!(!text.contains(name), "sign-in by provider uses {name}");
        }
    }
    assert!(files > 4, "{files}");
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

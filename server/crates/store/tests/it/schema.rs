//! The tables, parsed from the migrations, and the rules for those of a workspace.

use store::{
    migrate::{MIGRATIONS, Migration},
    value::{Kind, Type},
};
use testkit::Backend;

/// A table after all migrations.
#[derive(Clone)]
pub struct Table {
    pub name: &'static str,
    /// Its columns and constraints, each as its migration writes it.
    definitions: Vec<&'static str>,
}

/// All tables of the program.
pub fn tables(backend: Backend) -> Vec<Table> {
    tables_after(MIGRATIONS, backend)
}

fn tables_after(migrations: &[Migration], backend: Backend) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut is_in_table = false;
    let texts = migrations.iter().map(|migration| migration.text(backend == Backend::Sqlite));
    let lines = texts.flat_map(str::lines).map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with("--")) {
        let words: Vec<&str> = line.trim_end_matches(';').split(' ').collect();
        match words[..] {
            [")"] => is_in_table = false,
            _ if is_in_table => tables.last_mut().unwrap().definitions.push(line.trim_end_matches(',')),
            ["CREATE", "TABLE", name, "("] => {
                tables.push(Table { name, definitions: Vec::new() });
                is_in_table = true;
            }
            ["ALTER", "TABLE", name, "ADD", "COLUMN", ..] => {
                let (_, column) = line.trim_end_matches(';').split_once(" ADD COLUMN ").unwrap();
                altered(&mut tables, name).definitions.push(column);
            }
            ["ALTER", "TABLE", name, "DROP", "COLUMN", column] => {
                altered(&mut tables, name).definitions.retain(|definition| first_word(definition) != column);
            }
            ["ALTER", "TABLE", name, "ALTER", "COLUMN", column, "SET", "STATISTICS" | "(n_distinct", ..] => {
                assert!(altered(&mut tables, name).column(column).is_some(), "{line}");
            }
            ["CREATE", "VIRTUAL", "TABLE", name, ..] => tables.push(Table { name, definitions: Vec::new() }),
            ["CREATE" | "DROP", "INDEX", ..]
            | ["CREATE", "UNIQUE", "INDEX", ..]
            | ["CREATE", "TRIGGER", ..]
            | ["UPDATE", ..] => {}
            _ => panic!("write it as the other migrations do, or let this parser know it: {line}"),
        }
    }
    tables
}

fn altered<'t>(tables: &'t mut [Table], name: &str) -> &'t mut Table {
    tables.iter_mut().find(|table| table.name == name).unwrap_or_else(|| panic!("ALTER TABLE {name}: no such table"))
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap()
}

impl Table {
    /// Whether it has the column `workspace_id`.
    pub fn is_of_workspace(&self) -> bool {
        self.column("workspace_id").is_some()
    }

    /// The kind of one of its columns.
    pub fn kind_of(&self, column: &str) -> Kind {
        let ty = self.column(column).and_then(|definition| definition.split(' ').nth(1));
        let ty = match ty.unwrap_or_else(|| panic!("{}.{column}", self.name)) {
            "UUID" => Type::Uuid,
            "TEXT" => Type::Text,
            "BIGINT" => Type::Big,
            "BOOLEAN" => Type::Bool,
            "DOUBLE" => Type::Double,
            other => panic!("{}.{column} is {other}", self.name),
        };
        Kind { ty, nullable: true }
    }

    fn column(&self, name: &str) -> Option<&'static str> {
        self.definitions.iter().copied().find(|definition| first_word(definition) == name)
    }

    /// Whether the database computes the column.
    pub fn is_generated(&self, column: &str) -> bool {
        self.column(column).is_some_and(|definition| definition.contains("GENERATED ALWAYS"))
    }

    /// The columns of the primary key.
    pub fn primary_key(&self) -> Vec<&'static str> {
        let definition = self.definitions.iter().find(|definition| definition.contains("PRIMARY KEY"));
        let definition = definition.unwrap_or_else(|| panic!("{} has no primary key", self.name));
        if first_word(definition) == "PRIMARY" { list_in(definition) } else { vec![first_word(definition)] }
    }

    /// For each foreign key: its definition, its columns, the table that it refers to and the columns there.
    fn foreign_keys(&self) -> impl Iterator<Item = ForeignKey> {
        self.definitions.iter().filter_map(|definition| {
            let (own, target) = definition.split_once(" REFERENCES ")?;
            let columns = if first_word(own) == "FOREIGN" { list_in(own) } else { vec![first_word(own)] };
            Some(ForeignKey { definition, columns, table: first_word(target), target_columns: list_in(target) })
        })
    }
}

struct ForeignKey {
    definition: &'static str,
    columns: Vec<&'static str>,
    table: &'static str,
    target_columns: Vec<&'static str>,
}

/// The names in the first parentheses; none if there are no parentheses.
fn list_in(text: &'static str) -> Vec<&'static str> {
    let list = text.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    list.map_or_else(Vec::new, |(list, _)| list.split(", ").collect())
}

/// Tables with the column `workspace_id` whose rows belong to no workspace: favourites belong to people, entries of the audit to accounts.
const NOT_OWNED: [&str; 2] = ["favourite", "audit"];

/// What breaks the rules for tables of workspaces. Their keys and the keys that refer to them begin with `workspace_id`, so that no row can
/// be found by an id alone or refer to a row of another workspace.
fn broken_rules(tables: &[Table]) -> Vec<String> {
    let mut broken = Vec::new();
    for table in tables {
        let name = table.name;
        if let Some(column) = table.column("workspace_id").filter(|_| !NOT_OWNED.contains(&name)) {
            if !column.starts_with("workspace_id UUID NOT NULL") {
                broken.push(format!("{name} has rows without a workspace: {column}"));
            }
            if table.primary_key().first() != Some(&"workspace_id") {
                broken.push(format!("{name} has the primary key {:?}", table.primary_key()));
            }
        }
        for key in table.foreign_keys() {
            let target = tables.iter().find(|table| table.name == key.table);
            let target = target.unwrap_or_else(|| panic!("{name} refers to no table: {}", key.definition));
            let firsts = [key.columns.first(), key.target_columns.first()];
            if target.is_of_workspace() && firsts != [Some(&"workspace_id"); 2] {
                broken.push(format!("{name} refers to rows of any workspace: {}", key.definition));
            }
        }
    }
    broken
}

#[test]
fn keys_of_a_workspaces_tables_begin_with_the_workspace() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        assert_eq!(broken_rules(&tables(backend)), Vec::<String>::new());
    }
}

/// The tables after one more migration.
fn tables_with(text: &'static str) -> Vec<Table> {
    tables_after(&[MIGRATIONS, &[Migration::new("9999_later", text)]].concat(), Backend::Postgres)
}

#[test]
fn rules_of_workspaces_hold_for_added_columns() {
    for (text, broken) in [
        (
            "ALTER TABLE flow_run ADD COLUMN block_id UUID REFERENCES block_document (id) ON DELETE SET NULL;",
            &[
                "flow_run refers to rows of any workspace: block_id UUID REFERENCES block_document (id) ON DELETE SET NULL",
            ][..],
        ),
        (
            "ALTER TABLE person ADD COLUMN flow_id UUID REFERENCES flow;",
            &["person refers to rows of any workspace: flow_id UUID REFERENCES flow"],
        ),
        (
            "ALTER TABLE api_key ADD COLUMN workspace_id UUID REFERENCES workspace (id);",
            &[
                "api_key has rows without a workspace: workspace_id UUID REFERENCES workspace (id)",
                "api_key has the primary key [\"id\"]",
            ],
        ),
        ("ALTER TABLE flow_run ADD COLUMN owner_id UUID REFERENCES person (id);", &[]),
    ] {
        assert_eq!(broken_rules(&tables_with(text)), broken, "{text}");
    }
}

#[test]
fn tables_have_the_columns_that_migrations_add_and_drop() {
    let tables = tables_with(
        "-- Later.\nALTER TABLE log ADD COLUMN weight DOUBLE PRECISION;\nALTER TABLE log DROP COLUMN level;",
    );
    let log = tables.iter().find(|table| table.name == "log").unwrap();
    assert_eq!(log.kind_of("weight").ty, Type::Double);
    assert_eq!((log.column("level"), log.column("message")), (None, Some("message TEXT NOT NULL")));
}

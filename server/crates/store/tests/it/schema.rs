//! The tables, parsed from the migrations.

use store::{
    migrate::MIGRATIONS,
    value::{Kind, Type},
};

/// A table and the lines of its definition.
#[derive(Clone, Copy)]
pub struct Table {
    pub name: &'static str,
    columns: &'static str,
}

/// All tables of the program.
pub fn tables() -> Vec<Table> {
    let texts = MIGRATIONS.iter().flat_map(|migration| migration.text.split("CREATE TABLE ").skip(1));
    let tables = texts.map(|text| {
        let (name, rest) = text.split_once(" (").unwrap();
        Table { name, columns: rest.split_once("\n)").unwrap().0 }
    });
    tables.collect()
}

impl Table {
    /// Whether it has the column `workspace_id`.
    pub fn is_of_workspace(&self) -> bool {
        self.columns.contains("\n    workspace_id UUID")
    }

    /// The columns of its primary key.
    pub fn primary_key(&self) -> Vec<&'static str> {
        let key = self.columns.split_once("PRIMARY KEY (").and_then(|(_, rest)| rest.split_once(')'));
        key.map(|(columns, _)| columns.split(", ").collect()).unwrap_or_default()
    }

    /// Whether the database computes the column.
    pub fn is_generated(&self, column: &str) -> bool {
        self.line_of(column).is_some_and(|line| line.contains("GENERATED ALWAYS"))
    }

    fn line_of(&self, column: &str) -> Option<&'static str> {
        self.columns.lines().find(|line| line.trim().split(' ').next() == Some(column))
    }

    /// The kind of one of its columns.
    pub fn kind_of(&self, column: &str) -> Kind {
        let ty = self.line_of(column).and_then(|line| line.trim().split([' ', ',']).nth(1));
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
}

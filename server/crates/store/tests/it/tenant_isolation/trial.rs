//! One run of a statement with certain values, rolled back afterwards.

use model::id::WorkspaceId;
use store::{
    testing::RawConnection,
    value::{Kind, Type, Value},
};

use super::fixture::WorkspaceFixture;

/// A statement that changes rows of the workspace `$1` before a trial, and the values of its other parameters.
pub struct Change {
    text: String,
    values: Vec<(Type, Value)>,
}

impl Change {
    /// Deletes all rows of a table.
    pub fn delete_all(table: &str) -> Self {
        Self { text: format!("DELETE FROM {table} WHERE workspace_id = $1"), values: Vec::new() }
    }

    /// Deletes the rows with a value in a column.
    pub fn delete(table: &str, column: &str, value: (Type, Value)) -> Self {
        Self { text: format!("DELETE FROM {table} WHERE workspace_id = $1 AND {column} = $2"), values: vec![value] }
    }

    /// Sets a column of the row with an id to another text, which is also an empty list.
    pub fn rewrite(table: &str, column: &str, id: (Type, Value)) -> Self {
        let text = format!("UPDATE {table} SET {column} = '[]' WHERE workspace_id = $1 AND id = $2");
        Self { text, values: vec![id] }
    }
}

#[derive(Clone)]
pub struct Trial {
    pub name: String,
    /// The program's text, where `text` is a mutant's.
    pub original: String,
    pub text: String,
    pub types: Vec<Type>,
    pub values: Vec<Value>,
    /// Empty for a statement that yields no rows.
    pub row: Vec<Kind>,
}

#[derive(PartialEq, Debug)]
pub enum Outcome {
    Rows(Vec<String>),
    Touched(u64),
    Rejected,
}

impl Outcome {
    pub fn found_a_row(&self) -> bool {
        match self {
            Self::Rows(rows) => !rows.is_empty(),
            Self::Touched(rows) => *rows > 0,
            Self::Rejected => false,
        }
    }
}

impl Trial {
    pub fn label(&self) -> String {
        format!("{} {:?} {}", self.name, self.values, self.original)
    }

    pub fn names(&self, table: &str) -> bool {
        words(&self.text).any(|word| word == table)
    }

    /// Whether it returns rows, and reads the table for that.
    pub fn reads(&self, table: &str) -> bool {
        let words: Vec<&str> = words(&self.text).collect();
        let is_source = words.windows(2).any(|pair| matches!(pair[0], "FROM" | "JOIN") && pair[1] == table);
        is_source && !self.row.is_empty()
    }

    /// Runs the statement and rolls it back.
    pub async fn run(&self, connection: &mut RawConnection) -> Outcome {
        connection.command("BEGIN").await.unwrap();
        let outcome = self.attempt(connection).await;
        connection.command("ROLLBACK").await.unwrap();
        outcome
    }

    /// The same, but fails if the twin's rows were changed.
    pub async fn run_and_check_twin(
        &self,
        connection: &mut RawConnection,
        fixture: &WorkspaceFixture<'_>,
        rows: &str,
    ) -> Result<Outcome, String> {
        connection.command("BEGIN").await.unwrap();
        let outcome = self.attempt(connection).await;
        let writes = matches!(outcome, Outcome::Touched(touched) if touched > 0);
        let unchanged = !writes || fixture.dump(connection).await == rows;
        connection.command("ROLLBACK").await.unwrap();
        if unchanged { Ok(outcome) } else { Err("a row of the twin was changed".to_owned()) }
    }

    /// The same after a change of rows. None if a constraint forbids the change.
    pub async fn run_after(
        &self,
        change: &Change,
        workspace: WorkspaceId,
        connection: &mut RawConnection,
    ) -> Option<Outcome> {
        connection.command("BEGIN").await.unwrap();
        let workspace = (Type::Uuid, Value::Uuid(workspace.0));
        let (types, values): (Vec<Type>, Vec<Value>) = [workspace].into_iter().chain(change.values.clone()).unzip();
        let changed = connection.touched(&change.text, &types, values).await;
        let outcome = if changed.is_ok() { Some(self.attempt(connection).await) } else { None };
        connection.command("ROLLBACK").await.unwrap();
        outcome
    }

    async fn attempt(&self, connection: &mut RawConnection) -> Outcome {
        if self.row.is_empty() {
            let touched = connection.touched(&self.text, &self.types, self.values.clone()).await;
            return touched.map_or(Outcome::Rejected, Outcome::Touched);
        }
        let rows = connection.rows(&self.text, &self.types, &self.row, self.values.clone()).await;
        rows.map_or(Outcome::Rejected, |rows| {
            let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
            if !self.text.contains("ORDER BY") {
                rows.sort();
            }
            Outcome::Rows(rows)
        })
    }
}

/// The words of a statement.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

//! One run of a statement with certain values, rolled back afterwards.

use model::id::WorkspaceId;
use store::{
    testing::RawConnection,
    value::{Kind, Type, Value},
};

use super::fixture::WorkspaceFixture;

/// Rows to delete before a trial: all of a table, or those with one value in a column.
pub struct Deletion {
    pub table: &'static str,
    pub of: Option<(String, Type, Value)>,
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

    /// The same after a deletion of rows. None if foreign keys forbid the deletion.
    pub async fn run_without(
        &self,
        deletion: &Deletion,
        workspace: WorkspaceId,
        connection: &mut RawConnection,
    ) -> Option<Outcome> {
        connection.command("BEGIN").await.unwrap();
        let (mut types, mut values) = (vec![Type::Uuid], vec![Value::Uuid(workspace.0)]);
        let mut text = format!("DELETE FROM {} WHERE workspace_id = $1", deletion.table);
        if let Some((column, ty, value)) = &deletion.of {
            types.push(*ty);
            values.push(value.clone());
            text += &format!(" AND {column} = $2");
        }
        let deleted = connection.touched(&text, &types, values).await;
        let outcome = if deleted.is_ok() { Some(self.attempt(connection).await) } else { None };
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

//! Which optional values a row lacks, as one number by which an index lists the rows.
//!
//! An index for each such value, of the rows without it, would get as many entries for each new run as there are values.

use sea_query::{CaseStatement, Expr, ExprTrait};

use super::{condition::column, key_column::KeyColumn};

/// The value of a column that may be absent.
enum Optional {
    /// Absent if the column is NULL.
    Nullable(&'static str),
    /// Tags, absent if there are none.
    Tags,
    /// A flag, absent if it is not set.
    Flag(&'static str),
}

/// The values of a table's index, the first of which is the lowest bit of the number. Their order is that of the migration, because databases
/// compare the expression with the index's literally.
fn optionals(table: &str) -> &'static [Optional] {
    use Optional::{Flag, Nullable, Tags};
    match table {
        "flow_run" => &[
            Tags,
            Nullable("deployment_id"),
            Nullable("work_queue_name"),
            Nullable("parent_task_run_id"),
            Nullable("created_by"),
            Nullable("start_time"),
        ],
        "task_run" => &[Tags, Flag("has_subflow_run")],
        _ => &[],
    }
}

impl Optional {
    fn name(&self) -> &'static str {
        match self {
            Self::Nullable(name) | Self::Flag(name) => name,
            Self::Tags => "tags",
        }
    }

    fn is_absent(&self, table: &'static str) -> Expr {
        let column = column(table, self.name());
        match self {
            Self::Nullable(_) => column.is_null(),
            Self::Tags => column.eq(Expr::Constant("[]".into())),
            Self::Flag(_) => column.not(),
        }
    }
}

/// Whether the column's value is absent, or present, as a condition that the index of the table answers. None if the table's index does not
/// have the column.
pub(super) fn absent(about: KeyColumn, expected: bool) -> Option<Expr> {
    let optionals = optionals(about.table);
    let place = optionals.iter().position(|optional| optional.name() == about.name)?;
    let numbers = (0..1 << optionals.len()).filter(|number| (number >> place & 1 == 1) == expected);
    Some(number(about.table, optionals)?.is_in(numbers.map(constant)))
}

/// The sum of the bits of the values that a row lacks.
fn number(table: &'static str, optionals: &[Optional]) -> Option<Expr> {
    let bits = optionals.iter().enumerate().map(|(place, optional)| {
        CaseStatement::new().case(optional.is_absent(table), constant(1 << place)).finally(constant(0)).into()
    });
    bits.reduce(Expr::add)
}

fn constant(number: i32) -> Expr {
    Expr::Constant(number.into())
}

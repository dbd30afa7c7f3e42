//! Selects that are built at run time: restricted to one workspace, and rendered for either database.

use model::id::WorkspaceId;
use sea_query::{Asterisk, Expr, ExprTrait, Func, PostgresQueryBuilder, Query, SelectStatement, SqliteQueryBuilder};

use crate::{
    error::{Error, Result},
    value::{Type, Value},
};

/// The SQL text of a select, with its values.
#[derive(Clone, Debug)]
pub struct BuiltSelect {
    pub text: String,
    pub types: Vec<Type>,
    pub values: Vec<Value>,
}

impl BuiltSelect {
    pub(crate) fn of(select: &SelectStatement, embedded: bool) -> Result<Self> {
        let (text, values) =
            if embedded { select.build(SqliteQueryBuilder) } else { select.build(PostgresQueryBuilder) };
        let values = values.0.into_iter().map(portable).collect::<Result<Vec<_>>>()?;
        let (types, values) = values.into_iter().unzip();
        Ok(Self { text, types, values })
    }
}

/// Restricts a select over `table` to one workspace.
pub(crate) fn in_workspace(
    workspace: WorkspaceId,
    table: &'static str,
    mut select: SelectStatement,
) -> SelectStatement {
    select.and_where(Expr::col((table, "workspace_id")).eq(workspace.0));
    select
}

/// A select that counts the rows of another, and stops at the limit if there is one.
pub(crate) fn counted(mut rows: SelectStatement, limit: Option<u64>) -> SelectStatement {
    let all = Expr::expr(Func::count(Expr::col(Asterisk)));
    let Some(limit) = limit else { return rows.clear_selects().expr(all).to_owned() };
    let mut count = Query::select();
    count.expr(all).from_subquery(rows.limit(limit).to_owned(), "counted");
    count
}

/// Converts sea-query's values of the types that columns have.
fn portable(value: sea_query::Value) -> Result<(Type, Value)> {
    use sea_query::Value as Sea;
    let or_null = |ty, value: Option<Value>| (ty, value.unwrap_or(Value::Null));
    Ok(match value {
        Sea::Bool(value) => or_null(Type::Bool, value.map(Value::Bool)),
        Sea::Int(value) => or_null(Type::Big, value.map(|value| Value::Big(value.into()))),
        Sea::BigInt(value) => or_null(Type::Big, value.map(Value::Big)),
        Sea::BigUnsigned(value) => {
            or_null(Type::Big, value.map(|value| Value::Big(i64::try_from(value).unwrap_or(i64::MAX))))
        }
        Sea::Double(value) => or_null(Type::Double, value.map(Value::Double)),
        Sea::String(value) => or_null(Type::Text, value.map(Value::Text)),
        Sea::Uuid(value) => or_null(Type::Uuid, value.map(Value::Uuid)),
        _ => return Err(Error::Misuse("a built select contains a value of an unsupported type")),
    })
}

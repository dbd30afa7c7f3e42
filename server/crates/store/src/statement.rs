//! Statements as typed constants.
//!
//! A statement is a SQL text with the types of its parameters and its row. [`statements!`](crate::statements) checks the number of parameters
//! at compile time and registers the statement in [`STATEMENTS`], so that a test can prepare every statement on both databases.

use std::{marker::PhantomData, sync::OnceLock};

use linkme::distributed_slice;
use model::id::WorkspaceId;

use crate::{
    row::{Record, Row, Shape},
    value::{Column as _, Kind, Value},
};

/// Where a statement may be used, as a type; its value is what a transaction binds.
pub trait Scope {
    /// How many parameters the transaction binds before those of the caller.
    const BOUND: usize;
    /// The scope's name in the registry.
    const NAME: &'static str;
    /// The value that the transaction binds.
    fn bound(&self) -> Option<Value> {
        None
    }
}

/// Tables outside workspaces: people, accounts, keys, sessions.
#[derive(Clone, Copy, Debug)]
pub struct Unscoped;
/// Tables of a workspace: the transaction binds the workspace of a [`WorkspaceProof`](crate::tenant::WorkspaceProof) as `$1`.
#[derive(Clone, Copy, Debug)]
pub struct Scoped(pub(crate) WorkspaceId);
/// Tables of all workspaces, for background loops, through [`Tx::system`](crate::tx::Tx::system).
#[derive(Clone, Copy, Debug)]
pub struct System;

impl Scope for Unscoped {
    const BOUND: usize = 0;
    const NAME: &'static str = "unscoped";
}
impl Scope for Scoped {
    const BOUND: usize = 1;
    const NAME: &'static str = "scoped";
    fn bound(&self) -> Option<Value> {
        Some(self.0.to_value())
    }
}
impl Scope for System {
    const BOUND: usize = 0;
    const NAME: &'static str = "system";
}

/// A statement: its text in both dialects, the types `P` of its parameters, its row `R` and its scope `S`.
#[derive(Debug)]
pub struct Statement<P, R, S> {
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
    types: PhantomData<fn(P, S) -> R>,
}

impl<P: Shape, R: Row, S: Scope> Statement<P, R, S> {
    /// Called only by [`statements!`](crate::statements) and for the tables of [`reap`](crate::reap).
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        let expected = P::KINDS.len() + S::BOUND;
        assert!(uses_exactly(sqlite, expected), "the SQLite text must use $1 to $n, one for each declared parameter");
        assert!(
            postgres.is_empty() || uses_exactly(postgres, expected),
            "the text must use $1 to $n, one for each declared parameter"
        );
        Self { name, sqlite, postgres, types: PhantomData }
    }

    /// The texts for SQLite and PostgreSQL.
    #[doc(hidden)]
    #[must_use]
    pub const fn texts(&self) -> (&'static str, &'static str) {
        (self.sqlite, self.postgres)
    }
}

/// The statements that find an object by its id, and by its name.
pub type ByIdOrName<'s, I, R> = (&'s Statement<(I,), R, Scoped>, &'s Statement<(String,), R, Scoped>);

/// Whether `text` uses each of `$1` to `$count` and no other parameter.
const fn uses_exactly(text: &str, count: usize) -> bool {
    let text = text.as_bytes();
    let (mut at, mut seen) = (0, 0_u64);
    while at < text.len() {
        if text[at] == b'$' {
            let mut number = 0_usize;
            while at + 1 < text.len() && text[at + 1].is_ascii_digit() {
                at += 1;
                number = number * 10 + (text[at] - b'0') as usize;
            }
            if number == 0 || number > count || number > 63 {
                return false;
            }
            seen |= 1 << number;
        }
        at += 1;
    }
    // Bits 1 to count.
    seen == (u64::MAX >> (63 - count)) & !1
}

/// Writes `text` to `out` from `at` on, as far as there is room, and returns where it ends.
const fn push(out: &mut [u8], at: usize, text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if at + index < out.len() {
            out[at + index] = bytes[index];
        }
        index += 1;
    }
    at + bytes.len()
}

/// Writes `SELECT a.b, a.c, d.e ` and `tail` to `out`, and returns the text's length. `tables` are the columns of each table, `aliases` the
/// tables' names in the text; without aliases the columns stand alone.
#[doc(hidden)]
pub const fn write_select(out: &mut [u8], tables: &[&[&str]], aliases: &[&str], tail: &str) -> usize {
    assert!(aliases.is_empty() || aliases.len() == tables.len(), "each table of the row needs an alias");
    let mut at = push(out, 0, "SELECT ");
    let (mut table, mut first) = (0, true);
    while table < tables.len() {
        let mut column = 0;
        while column < tables[table].len() {
            if !first {
                at = push(out, at, ", ");
            }
            first = false;
            if !aliases.is_empty() {
                at = push(out, at, aliases[table]);
                at = push(out, at, ".");
            }
            at = push(out, at, tables[table][column]);
            column += 1;
        }
        table += 1;
    }
    at = push(out, at, " ");
    push(out, at, tail)
}

/// Writes an update of the row whose key is the record's first column, and returns the text's length.
#[doc(hidden)]
pub const fn write_update(out: &mut [u8], table: &str, columns: &[&str]) -> usize {
    const DIGITS: &str = "0123456789";
    let mut at = push(out, 0, "UPDATE ");
    at = push(out, at, table);
    at = push(out, at, " SET ");
    let mut column = 1;
    while column < columns.len() {
        if column > 1 {
            at = push(out, at, ", ");
        }
        at = push(out, at, columns[column]);
        at = push(out, at, " = $");
        // $1 is the workspace and $2 the key.
        let number = column + 2;
        if number >= 10 {
            at = push(out, at, DIGITS.split_at(number / 10).1.split_at(1).0);
        }
        at = push(out, at, DIGITS.split_at(number % 10).1.split_at(1).0);
        column += 1;
    }
    at = push(out, at, " WHERE workspace_id = $1 AND ");
    at = push(out, at, columns[0]);
    push(out, at, " = $2")
}

/// The text that one of the functions above writes.
#[doc(hidden)]
#[macro_export]
macro_rules! constant_text {
    ($write:ident($($argument:expr),*)) => {{
        const LENGTH: usize = $crate::statement::$write(&mut [], $($argument),*);
        const BYTES: [u8; LENGTH] = {
            let mut bytes = [0; LENGTH];
            $crate::statement::$write(&mut bytes, $($argument),*);
            bytes
        };
        const TEXT: &str = match ::core::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("built of whole texts"),
        };
        TEXT
    }};
}

/// Inserts many rows: `INSERT INTO table (…) VALUES …`, in chunks of a few fixed sizes so that each text is prepared only once.
#[derive(Debug)]
pub struct Bulk<P, S> {
    pub(crate) name: &'static str,
    table: &'static str,
    tail: &'static str,
    texts: OnceLock<[&'static str; Bulk::<(), Unscoped>::SIZES.len()]>,
    types: PhantomData<fn(P, S)>,
}

impl<P, S> Bulk<P, S> {
    /// The chunk sizes, largest first.
    pub(crate) const SIZES: [usize; 5] = [64, 16, 4, 2, 1];
}

impl<P: Record, S: Scope> Bulk<P, S> {
    /// Called only by [`statements!`](crate::statements).
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, table: &'static str, tail: &'static str) -> Self {
        Self { name, table, tail, texts: OnceLock::new(), types: PhantomData }
    }

    /// The text for a chunk of `SIZES[size]` rows.
    pub(crate) fn text(&self, size: usize) -> &'static str {
        // Leaked once for each statement and size, which are few.
        self.texts.get_or_init(|| Self::SIZES.map(|rows| &*self.render(rows).leak()))[size]
    }

    fn render(&self, rows: usize) -> String {
        let mut text = format!("INSERT INTO {} (", self.table);
        if S::BOUND == 1 {
            text.push_str("workspace_id, ");
        }
        text.push_str(&P::NAMES.join(", "));
        text.push_str(") VALUES ");
        let mut number = S::BOUND;
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            if S::BOUND == 1 {
                text.push_str("$1, ");
            }
            for column in 0..P::NAMES.len() {
                number += 1;
                text.push_str(if column == 0 { "$" } else { ", $" });
                text.push_str(&number.to_string());
            }
            text.push(')');
        }
        text.push(' ');
        text.push_str(self.tail);
        text
    }
}

/// A statement in the registry.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The constant's name.
    pub name: &'static str,
    /// The module that declares it.
    pub module: &'static str,
    /// `unscoped`, `scoped` or `system`.
    pub scope: &'static str,
    /// The kinds of all parameters, first the workspace of a scoped statement.
    pub params: fn() -> Vec<Kind>,
    /// The kinds of the row's columns.
    pub row: fn() -> Vec<Kind>,
    /// The names of the row's columns, if the row is a record.
    pub names: fn() -> Vec<&'static str>,
    /// The text for SQLite.
    pub sqlite: fn() -> &'static str,
    /// The text for PostgreSQL; empty if the statement is about tables that only SQLite has.
    pub postgres: fn() -> &'static str,
}

/// Every statement of the program.
#[distributed_slice]
pub static STATEMENTS: [Entry];

#[doc(hidden)]
#[must_use]
pub fn all_params<P: Shape, S: Scope>() -> Vec<Kind> {
    let workspace = (S::BOUND == 1).then_some(Kind::of(crate::value::Type::Uuid));
    workspace.into_iter().chain(P::KINDS.iter().copied()).collect()
}

#[doc(hidden)]
pub fn bulk_text<P: Record, S: Scope>(bulk: &Bulk<P, S>) -> &'static str {
    bulk.text(Bulk::<P, S>::SIZES.len() - 1)
}

/// Declares statements:
///
/// - `scoped NAME: (A, B) => Row = "SELECT … $2, $3";` where `$1` is the workspace; with `unscoped` and `system` the caller binds all;
/// - `… = select "FROM …";` with the columns of the row, a record, before the text; `select ("r", "s") "FROM …"` for the records of a join,
///   with the alias of each one's table;
/// - `… = for update "SELECT …";` locks the rows on PostgreSQL (on SQLite only one write runs at a time); also `select for update "FROM …"`;
/// - `… = "… WHERE id IN " ids "$2" " ORDER BY id";` with a list of ids, bound as JSON, after the first text; the forms above take it too;
/// - `… = sqlite "…" postgres "…";` where the texts must differ; `… = sqlite only "…";` about tables that PostgreSQL does not have;
/// - `scoped update NAME: Record => "table";` sets all columns but the first, which is the key;
/// - `scoped bulk NAME: Record => "table" "ON CONFLICT DO NOTHING";` for many rows.
#[macro_export]
macro_rules! statements {
    () => {};
    ($(#[$doc:meta])* $scope:ident bulk $name:ident: $row:ty => $table:literal $tail:literal; $($rest:tt)*) => {
        $(#[$doc])*
        pub static $name: $crate::statement::Bulk<$row, $crate::statements!(@scope $scope)> =
            $crate::statement::Bulk::new(stringify!($name), $table, $tail);
        const _: () = {
            #[expect(unsafe_code, reason = "linkme places the entry in a linker section of its own")]
            #[linkme::distributed_slice($crate::statement::STATEMENTS)]
            static ENTRY: $crate::statement::Entry = $crate::statement::Entry {
                name: stringify!($name),
                module: module_path!(),
                scope: <$crate::statements!(@scope $scope) as $crate::statement::Scope>::NAME,
                params: $crate::statement::all_params::<$row, $crate::statements!(@scope $scope)>,
                row: Vec::new,
                names: Vec::new,
                sqlite: || $crate::statement::bulk_text(&$name),
                postgres: || $crate::statement::bulk_text(&$name),
            };
        };
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $scope:ident update $name:ident: $params:ty => $table:literal; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; ();
            $crate::constant_text!(write_update($table, <$params as $crate::row::Record>::NAMES)) }
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty
        = select $(($($alias:literal),+))? for update $head:literal $(ids $ids:literal $($tail:literal)?)?; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row;
            $crate::statements!(@select $row; [$($($alias),+)?]; $crate::statements!(@text sqlite $head $(ids $ids $($tail)?)?));
            $crate::statements!(@select $row; [$($($alias),+)?];
                concat!($crate::statements!(@text postgres $head $(ids $ids $($tail)?)?), " FOR UPDATE")) }
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty
        = select $(($($alias:literal),+))? $head:literal $(ids $ids:literal $($tail:literal)?)?; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row;
            $crate::statements!(@select $row; [$($($alias),+)?]; $crate::statements!(@text sqlite $head $(ids $ids $($tail)?)?));
            $crate::statements!(@select $row; [$($($alias),+)?]; $crate::statements!(@text postgres $head $(ids $ids $($tail)?)?)) }
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty
        = for update $head:literal $(ids $ids:literal $($tail:literal)?)?; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row;
            $crate::statements!(@text sqlite $head $(ids $ids $($tail)?)?);
            concat!($crate::statements!(@text postgres $head $(ids $ids $($tail)?)?), " FOR UPDATE") }
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty
        = $head:literal ids $ids:literal $($tail:literal)?; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row;
            $crate::statements!(@text sqlite $head ids $ids $($tail)?); $crate::statements!(@text postgres $head ids $ids $($tail)?) }
        $crate::statements! { $($rest)* }
    };
    (@select $row:ty; [$($alias:literal),*]; $tail:expr) => {
        $crate::constant_text!(write_select(<$row as $crate::row::Columns>::TABLES, &[$($alias),*], $tail))
    };
    (@text $dialect:ident $text:literal) => { $text };
    (@text sqlite $head:literal ids $ids:literal $($tail:literal)?) => {
        concat!($head, "(SELECT unhex(value, '-') FROM json_each(", $ids, "))" $(, $tail)?)
    };
    (@text postgres $head:literal ids $ids:literal $($tail:literal)?) => {
        concat!($head, "(SELECT CAST(json_array_elements_text(CAST(CAST(", $ids, " AS TEXT) AS JSON)) AS UUID))" $(, $tail)?)
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty = sqlite $sqlite:literal postgres $postgres:literal; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row; $sqlite; $postgres }
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty = sqlite only $sqlite:expr; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row; $sqlite; "" }
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty = $text:expr; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row; $text }
        $crate::statements! { $($rest)* }
    };
    (@scope unscoped) => { $crate::statement::Unscoped };
    (@scope scoped) => { $crate::statement::Scoped };
    (@scope system) => { $crate::statement::System };
    (@one [$(#[$doc:meta])*] $scope:ident $name:ident $params:ty; $row:ty; $sqlite:expr $(; $postgres:expr)?) => {
        $(#[$doc])*
        pub const $name: $crate::statement::Statement<$params, $row, $crate::statements!(@scope $scope)> = {
            const TEXT: &str = $sqlite;
            $crate::statement::Statement::new(stringify!($name), TEXT, $crate::statements!(@or TEXT $($postgres)?))
        };
        const _: () = {
            #[expect(unsafe_code, reason = "linkme places the entry in a linker section of its own")]
            #[linkme::distributed_slice($crate::statement::STATEMENTS)]
            static ENTRY: $crate::statement::Entry = $crate::statement::Entry {
                name: stringify!($name),
                module: module_path!(),
                scope: <$crate::statements!(@scope $scope) as $crate::statement::Scope>::NAME,
                params: $crate::statement::all_params::<$params, $crate::statements!(@scope $scope)>,
                row: <$row as $crate::row::Row>::kinds,
                names: <$row as $crate::row::Row>::names,
                sqlite: || $name.texts().0,
                postgres: || $name.texts().1,
            };
        };
    };
    (@or $text:ident) => { $text };
    (@or $text:ident $other:expr) => { $other };
}

#[cfg(test)]
mod tests {
    use super::uses_exactly;

    #[test]
    fn text_must_use_every_parameter_and_no_other() {
        assert!(uses_exactly("a = $1 AND b = $2 AND c = $1", 2));
        assert!(uses_exactly("no parameter", 0));
        assert!(uses_exactly("$1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $11", 11));
        for (text, count) in [("a = $2", 2), ("a = $1", 2), ("a = $1 AND b = $2", 1), ("a = $", 1), ("$0", 0)] {
            assert!(!uses_exactly(text, count), "{text}");
        }
    }
}

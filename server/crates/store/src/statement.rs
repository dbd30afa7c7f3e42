//! Statements as typed constants.
//!
//! A statement is a text with the shape of its parameters and of its row. [`statements!`](crate::statements) checks the number of parameters
//! when it is compiled and registers the statement in [`STATEMENTS`], from which one test prepares every statement on both databases.

use std::{marker::PhantomData, sync::OnceLock};

use linkme::distributed_slice;

use crate::{
    row::{Record, Row, Shape},
    value::Kind,
};

/// Who may use a statement, as a type.
pub trait Scope {
    /// How many parameters the seam binds itself, before those of the caller.
    const BOUND: usize;
    /// The scope's word in listings.
    const WORD: &'static str;
}

/// Tables of no workspace: people, accounts, keys, sessions.
#[derive(Clone, Copy, Debug)]
pub struct Open;
/// Tables of a workspace: `$1` is the workspace, bound by the seam from a [`Tenant`](crate::tenant::Tenant).
#[derive(Clone, Copy, Debug)]
pub struct Scoped;
/// Background loops, across workspaces, through [`Tx::system`](crate::tx::Tx::system).
#[derive(Clone, Copy, Debug)]
pub struct System;

impl Scope for Open {
    const BOUND: usize = 0;
    const WORD: &'static str = "open";
}
impl Scope for Scoped {
    const BOUND: usize = 1;
    const WORD: &'static str = "scoped";
}
impl Scope for System {
    const BOUND: usize = 0;
    const WORD: &'static str = "system";
}

/// A statement: its text in both dialects, the shape `P` of its parameters, the row `R` it yields, and who may use it.
#[derive(Debug)]
pub struct Statement<P, R, S> {
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
    types: PhantomData<fn(P, S) -> R>,
}

impl<P: Shape, R: Row, S: Scope> Statement<P, R, S> {
    /// Made by [`statements!`](crate::statements) alone.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        let wanted = P::KINDS.len() + S::BOUND;
        assert!(
            names_exactly(sqlite, wanted),
            "the SQLite text must name $1 to $n, one for each parameter of its shape"
        );
        assert!(names_exactly(postgres, wanted), "the text must name $1 to $n, one for each parameter of its shape");
        Self { name, sqlite, postgres, types: PhantomData }
    }
}

/// Whether `text` names each of `$1` to `$count` and no other parameter.
const fn names_exactly(text: &str, count: usize) -> bool {
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

/// Many rows in one statement: `INSERT INTO table (…) VALUES …`, in chunks of a few fixed sizes so that each text is prepared once.
#[derive(Debug)]
pub struct Bulk<P, S> {
    pub(crate) name: &'static str,
    table: &'static str,
    tail: &'static str,
    texts: OnceLock<[&'static str; Bulk::<(), Open>::SIZES.len()]>,
    types: PhantomData<fn(P, S)>,
}

impl<P, S> Bulk<P, S> {
    /// The chunk sizes, largest first.
    pub(crate) const SIZES: [usize; 5] = [64, 16, 4, 2, 1];
}

impl<P: Record, S: Scope> Bulk<P, S> {
    /// Made by [`statements!`](crate::statements) alone.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, table: &'static str, tail: &'static str) -> Self {
        Self { name, table, tail, texts: OnceLock::new(), types: PhantomData }
    }

    /// The text for a chunk of the size number `size`.
    pub(crate) fn text(&self, size: usize) -> &'static str {
        // Leaked once a statement and size: both are few and fixed.
        self.texts.get_or_init(|| Self::SIZES.map(|rows| &*self.write(rows).leak()))[size]
    }

    fn write(&self, rows: usize) -> String {
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

/// What the registry knows about a statement.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The constant's name.
    pub name: &'static str,
    /// The module it stands in.
    pub module: &'static str,
    /// `open`, `scoped` or `system`.
    pub scope: &'static str,
    /// The kinds of all parameters, the workspace first where the seam binds it.
    pub params: fn() -> Vec<Kind>,
    /// The kinds of the row's columns.
    pub row: fn() -> Vec<Kind>,
    /// The names of the row's columns, where known.
    pub names: fn() -> Vec<&'static str>,
    /// The text for SQLite.
    pub sqlite: fn() -> &'static str,
    /// The text for PostgreSQL.
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

/// Declares statements. One line each:
///
/// - `scoped NAME: (A, B) => Row = "SELECT … $2, $3";` where `$1` is the workspace; `open` and `system` bind nothing themselves;
/// - `… = for update "SELECT …";` takes the row's lock on PostgreSQL (SQLite's writer is alone already);
/// - `… = "… WHERE id IN " ids "$2" " ORDER BY id";` with a list of ids, bound as JSON, between the two texts; `for update ids` as above;
/// - `… = sqlite "…" postgres "…";` where the text must differ;
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
                scope: <$crate::statements!(@scope $scope) as $crate::statement::Scope>::WORD,
                params: $crate::statement::all_params::<$row, $crate::statements!(@scope $scope)>,
                row: Vec::new,
                names: Vec::new,
                sqlite: || $crate::statement::bulk_text(&$name),
                postgres: || $crate::statement::bulk_text(&$name),
            };
        };
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty
        = $head:literal ids $ids:literal $($tail:literal)?; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row;
            $crate::statements!(@among sqlite $head $ids $($tail)?); $crate::statements!(@among postgres $head $ids $($tail)?) }
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty
        = for update $head:literal ids $ids:literal $($tail:literal)?; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row;
            $crate::statements!(@among sqlite $head $ids $($tail)?);
            concat!($crate::statements!(@among postgres $head $ids $($tail)?), " FOR UPDATE") }
        $crate::statements! { $($rest)* }
    };
    (@among sqlite $head:literal $ids:literal $($tail:literal)?) => {
        concat!($head, "(SELECT unhex(value, '-') FROM json_each(", $ids, "))" $(, $tail)?)
    };
    (@among postgres $head:literal $ids:literal $($tail:literal)?) => {
        concat!($head, "(SELECT CAST(json_array_elements_text(CAST(CAST(", $ids, " AS TEXT) AS JSON)) AS UUID))" $(, $tail)?)
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty = for update $text:literal; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row; $text; concat!($text, " FOR UPDATE") }
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty = sqlite $sqlite:literal postgres $postgres:literal; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row; $sqlite; $postgres }
        $crate::statements! { $($rest)* }
    };
    ($(#[$doc:meta])* $scope:ident $name:ident: $params:ty => $row:ty = $text:expr; $($rest:tt)*) => {
        $crate::statements! { @one [$(#[$doc])*] $scope $name $params; $row; $text; $text }
        $crate::statements! { $($rest)* }
    };
    (@scope open) => { $crate::statement::Open };
    (@scope scoped) => { $crate::statement::Scoped };
    (@scope system) => { $crate::statement::System };
    (@one [$(#[$doc:meta])*] $scope:ident $name:ident $params:ty; $row:ty; $sqlite:expr; $postgres:expr) => {
        $(#[$doc])*
        pub const $name: $crate::statement::Statement<$params, $row, $crate::statements!(@scope $scope)> =
            $crate::statement::Statement::new(stringify!($name), $sqlite, $postgres);
        const _: () = {
            #[expect(unsafe_code, reason = "linkme places the entry in a linker section of its own")]
            #[linkme::distributed_slice($crate::statement::STATEMENTS)]
            static ENTRY: $crate::statement::Entry = $crate::statement::Entry {
                name: stringify!($name),
                module: module_path!(),
                scope: <$crate::statements!(@scope $scope) as $crate::statement::Scope>::WORD,
                params: $crate::statement::all_params::<$params, $crate::statements!(@scope $scope)>,
                row: <$row as $crate::row::Row>::kinds,
                names: <$row as $crate::row::Row>::names,
                sqlite: || $sqlite,
                postgres: || $postgres,
            };
        };
    };
}

#[cfg(test)]
mod tests {
    use super::names_exactly;

    #[test]
    fn a_text_must_name_every_parameter_and_no_other() {
        assert!(names_exactly("a = $1 AND b = $2 AND c = $1", 2));
        assert!(names_exactly("no parameter", 0));
        assert!(names_exactly("$1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $11", 11));
        for (text, count) in [("a = $2", 2), ("a = $1", 2), ("a = $1 AND b = $2", 1), ("a = $", 1), ("$0", 0)] {
            assert!(!names_exactly(text, count), "{text}");
        }
    }
}

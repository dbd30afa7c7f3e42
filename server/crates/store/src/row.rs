//! Parameters and rows of statements, as tuples of columns or as records.

use model::{
    run::RunTimes,
    time::{Span, Timestamp},
};

use crate::{
    driver::Cells,
    error::Result,
    value::{Arg, Column, Kind, Value},
};

/// The types of a statement's parameters.
pub trait Shape {
    /// A kind for each parameter, in order.
    const KINDS: &'static [Kind];
}

/// Values that can be bound to parameters of the shape `P`.
pub trait Bind<P: Shape> {
    /// Appends the values in order.
    fn bind(self, to: &mut Vec<Value>);
}

/// A row of a statement's result.
pub trait Row: Sized {
    /// A kind for each column, in order.
    fn kinds() -> Vec<Kind>;
    /// The names of the columns for records; empty for tuples.
    fn names() -> Vec<&'static str>;
    /// Reads the row's cells in order.
    fn from_cells(cells: &mut Cells<'_>) -> Result<Self>;
}

/// A row or a set of parameters whose fields are named like columns. Declared by [`record!`](crate::record).
pub trait Record: Row + Shape {
    /// The columns, in order.
    const NAMES: &'static [&'static str];
}

impl<A: Record, B: Record> Row for Joined<A, B> {
    fn kinds() -> Vec<Kind> {
        [A::kinds(), B::kinds()].concat()
    }
    fn names() -> Vec<&'static str> {
        [A::NAMES, B::NAMES].concat()
    }
    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        Ok(Self(A::from_cells(cells)?, B::from_cells(cells)?))
    }
}

/// The row of a join: two records.
#[derive(Clone, PartialEq, Debug)]
pub struct Joined<A, B>(pub A, pub B);

macro_rules! tuples {
    ($(($($column:ident $arg:ident $at:tt),*);)*) => {$(
        impl<$($column: Column),*> Shape for ($($column,)*) {
            const KINDS: &'static [Kind] = &[$($column::KIND),*];
        }

        impl<$($column: Column, $arg: Arg<$column>),*> Bind<($($column,)*)> for ($($arg,)*) {
            #[expect(clippy::allow_attributes, reason = "the empty tuple uses no parameter")]
            #[allow(unused_variables, reason = "the empty tuple uses no parameter")]
            fn bind(self, to: &mut Vec<Value>) {
                $(to.push(self.$at.arg());)*
            }
        }

        impl<$($column: Column),*> Row for ($($column,)*) {
            fn kinds() -> Vec<Kind> {
                <Self as Shape>::KINDS.to_vec()
            }
            fn names() -> Vec<&'static str> {
                Vec::new()
            }
            #[expect(clippy::allow_attributes, reason = "the empty tuple uses no cell")]
            #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple uses no cell")]
            fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
                Ok(($(cells.read::<$column>()?,)*))
            }
        }
    )*};
}

tuples! {
    ();
    (A0 B0 0);
    (A0 B0 0, A1 B1 1);
    (A0 B0 0, A1 B1 1, A2 B2 2);
    (A0 B0 0, A1 B1 1, A2 B2 2, A3 B3 3);
    (A0 B0 0, A1 B1 1, A2 B2 2, A3 B3 3, A4 B4 4);
    (A0 B0 0, A1 B1 1, A2 B2 2, A3 B3 3, A4 B4 4, A5 B5 5);
    (A0 B0 0, A1 B1 1, A2 B2 2, A3 B3 3, A4 B4 4, A5 B5 5, A6 B6 6);
    (A0 B0 0, A1 B1 1, A2 B2 2, A3 B3 3, A4 B4 4, A5 B5 5, A6 B6 6, A7 B7 7);
}

/// A field of a record: one column, or several that a nested struct holds.
pub trait Field: Sized {
    /// A kind for each column, in order.
    const KINDS: &'static [Kind];
    /// The names of the columns of a nested struct; empty for one column, which is named like the field.
    const NAMES: &'static [&'static str];
    /// Appends the values in order.
    fn bind(&self, to: &mut Vec<Value>);
    /// Reads the field's cells.
    ///
    /// # Errors
    /// If a cell holds another type.
    fn from_cells(cells: &mut Cells<'_>) -> Result<Self>;
}

impl<T: Column> Field for T {
    const KINDS: &'static [Kind] = &[T::KIND];
    const NAMES: &'static [&'static str] = &[];
    fn bind(&self, to: &mut Vec<Value>) {
        to.push(self.to_value());
    }
    fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
        cells.read()
    }
}

/// Declares a type of `model` that holds several columns of a row, or is a row by itself.
macro_rules! nested {
    (for $struct:ident { $($field:ident: $ty:ty,)* }) => {
        impl $crate::row::Field for $struct {
            const KINDS: &'static [$crate::value::Kind] = &[$(<$ty as $crate::value::Column>::KIND),*];
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),*];
            fn bind(&self, to: &mut Vec<$crate::value::Value>) {
                $(to.push($crate::value::Column::to_value(&self.$field));)*
            }
            fn from_cells(cells: &mut $crate::driver::Cells<'_>) -> $crate::error::Result<Self> {
                <Self as $crate::row::Row>::from_cells(cells)
            }
        }

        $crate::record! { for $struct { $($field: $ty,)* } }
    };
}
pub(crate) use nested;

nested! {
    for RunTimes {
        run_count: i64,
        expected_start_time: Option<Timestamp>,
        next_scheduled_start_time: Option<Timestamp>,
        start_time: Option<Timestamp>,
        end_time: Option<Timestamp>,
        total_run_time: Span,
    }
}

/// The kinds of all columns of a record.
#[doc(hidden)]
#[must_use]
pub const fn concat_kinds<const N: usize>(fields: &[&[Kind]]) -> [Kind; N] {
    let mut all = [<bool as Column>::KIND; N];
    let (mut field, mut at) = (0, 0);
    while field < fields.len() {
        let mut column = 0;
        while column < fields[field].len() {
            all[at] = fields[field][column];
            (column, at) = (column + 1, at + 1);
        }
        field += 1;
    }
    all
}

/// The names of all columns of a record: a field's own name, or those of the columns that it holds.
#[doc(hidden)]
#[must_use]
pub const fn concat_names<const N: usize>(fields: &[(&'static str, &[&'static str])]) -> [&'static str; N] {
    let mut all = [""; N];
    let (mut field, mut at) = (0, 0);
    while field < fields.len() {
        let (name, nested) = fields[field];
        if nested.is_empty() {
            all[at] = name;
            at += 1;
        }
        let mut column = 0;
        while column < nested.len() {
            all[at] = nested[column];
            (column, at) = (column + 1, at + 1);
        }
        field += 1;
    }
    all
}

/// The columns of a row, table by table, from which `SELECT` lists are written.
pub trait Columns {
    /// The names of the columns of each table, in order.
    const TABLES: &'static [&'static [&'static str]];
}

impl<R: Record> Columns for R {
    const TABLES: &'static [&'static [&'static str]] = &[R::NAMES];
}

impl<A: Record, B: Record> Columns for Joined<A, B> {
    const TABLES: &'static [&'static [&'static str]] = &[A::NAMES, B::NAMES];
}

/// Declares a struct whose fields are columns, in column order, for the rows and the parameters of statements. `record! { for Flow { … } }`
/// instead declares how a type of `model`, whose fields are columns, is stored.
///
/// The fields are named like the columns; a test compares them with the columns that the database reports. A nested struct that is a
/// [`Field`](crate::row::Field) holds several columns.
#[macro_export]
macro_rules! record {
    (for $name:ident { $($field:ident: $ty:ty,)* }) => {
        impl $crate::row::Shape for $name {
            const KINDS: &'static [$crate::value::Kind] = {
                const COUNT: usize = 0 $(+ <$ty as $crate::row::Field>::KINDS.len())*;
                &$crate::row::concat_kinds::<COUNT>(&[$(<$ty as $crate::row::Field>::KINDS),*])
            };
        }

        impl $crate::row::Bind<$name> for &$name {
            fn bind(self, to: &mut Vec<$crate::value::Value>) {
                $($crate::row::Field::bind(&self.$field, to);)*
            }
        }

        impl $crate::row::Row for $name {
            fn kinds() -> Vec<$crate::value::Kind> {
                <$name as $crate::row::Shape>::KINDS.to_vec()
            }
            fn names() -> Vec<&'static str> {
                <$name as $crate::row::Record>::NAMES.to_vec()
            }
            fn from_cells(cells: &mut $crate::driver::Cells<'_>) -> $crate::error::Result<Self> {
                $(let $field = <$ty as $crate::row::Field>::from_cells(cells)?;)*
                Ok(Self { $($field,)* })
            }
        }

        impl $crate::row::Record for $name {
            const NAMES: &'static [&'static str] = {
                const COUNT: usize = <$name as $crate::row::Shape>::KINDS.len();
                &$crate::row::concat_names::<COUNT>(&[$((stringify!($field), <$ty as $crate::row::Field>::NAMES)),*])
            };
        }
    };
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug)]
        $vis struct $name { $($(#[$field_doc])* $field_vis $field: $ty,)* }

        $crate::record! { for $name { $($field: $ty,)* } }
    };
}

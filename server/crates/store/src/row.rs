//! Parameters and rows of statements, as tuples of columns or as records.

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

/// Declares a struct whose fields are columns, in column order, for the rows and the parameters of statements.
///
/// The fields are named like the columns; a test compares them with the columns that the database reports.
#[macro_export]
macro_rules! record {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug)]
        $vis struct $name { $($(#[$field_doc])* $field_vis $field: $ty,)* }

        impl $crate::row::Shape for $name {
            const KINDS: &'static [$crate::value::Kind] = &[$(<$ty as $crate::value::Column>::KIND),*];
        }

        impl $crate::row::Bind<$name> for &$name {
            fn bind(self, to: &mut Vec<$crate::value::Value>) {
                $(to.push($crate::value::Column::to_value(&self.$field));)*
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
                Ok(Self { $($field: cells.read()?,)* })
            }
        }

        impl $crate::row::Record for $name {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),*];
        }
    };
}

//! How a value lies in a column: the six portable types and the trait that maps Rust types onto them.
//!
//! `Column` is owned here so that `model` needs to know no database.

use uuid::Uuid;

use crate::error::{Error, Result};

/// A value on its way to or from a database.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    Big(i64),
    Double(f64),
    Text(String),
    Uuid(Uuid),
}

/// The portable column types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// BOOLEAN
    Bool,
    /// BIGINT
    Big,
    /// DOUBLE PRECISION
    Double,
    /// TEXT
    Text,
    /// UUID: a BLOB of 16 bytes on SQLite.
    Uuid,
}

/// The type of a column or a parameter, and whether it may be NULL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kind {
    pub ty: Type,
    pub nullable: bool,
}

impl Kind {
    /// A value that is always there.
    #[must_use]
    pub const fn of(ty: Type) -> Self {
        Self { ty, nullable: false }
    }
}

/// A type that lies in one column.
pub trait Column: Sized {
    /// What the column is.
    const KIND: Kind;
    /// The value to store.
    fn put(&self) -> Value;
    /// The value read back; an error if the column holds something else.
    fn take(value: Value) -> Result<Self>;
}

macro_rules! plain_columns {
    ($($rust:ty, $ty:ident, $put:expr;)*) => {$(
        impl Column for $rust {
            const KIND: Kind = Kind::of(Type::$ty);
            fn put(&self) -> Value {
                let put: fn(&$rust) -> Value = $put;
                put(self)
            }
            fn take(value: Value) -> Result<Self> {
                match value {
                    Value::$ty(value) => Ok(value),
                    _ => Err(Error::Corrupt(stringify!($rust))),
                }
            }
        }
    )*};
}

plain_columns! {
    bool, Bool, |value| Value::Bool(*value);
    i64, Big, |value| Value::Big(*value);
    f64, Double, |value| Value::Double(*value);
    String, Text, |value| Value::Text(value.clone());
    Uuid, Uuid, |value| Value::Uuid(*value);
}

impl<T: Column> Column for Option<T> {
    const KIND: Kind = Kind { nullable: true, ..T::KIND };
    fn put(&self) -> Value {
        self.as_ref().map_or(Value::Null, Column::put)
    }
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            value => T::take(value).map(Some),
        }
    }
}

/// What may be given where a column of type `T` is wanted: the value or a reference, and text without a clone at the call.
pub trait Arg<T: Column> {
    /// The value to bind.
    fn arg(self) -> Value;
}

impl<T: Column> Arg<T> for T {
    fn arg(self) -> Value {
        self.put()
    }
}

impl<T: Column> Arg<T> for &T {
    fn arg(self) -> Value {
        self.put()
    }
}

impl Arg<String> for &str {
    fn arg(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Arg<Option<String>> for Option<&str> {
    fn arg(self) -> Value {
        self.map_or(Value::Null, |text| Value::Text(text.to_owned()))
    }
}

//! Values of columns: the portable column types, and the trait that maps Rust types to them.
//!
//! `Column` is defined here so that `model` need not know any database.

use uuid::Uuid;

use crate::error::{Error, Result};

/// A value that is bound to a parameter or read from a column.
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
    /// A column or parameter that is never NULL.
    #[must_use]
    pub const fn of(ty: Type) -> Self {
        Self { ty, nullable: false }
    }
}

/// A type that is stored in one column.
pub trait Column: Sized {
    /// The column's type.
    const KIND: Kind;
    /// The value to store.
    fn to_value(&self) -> Value;
    /// Decodes a stored value; an error if it is not valid for this type.
    fn from_value(value: Value) -> Result<Self>;
}

macro_rules! plain_columns {
    ($($rust:ty, $ty:ident, $put:expr;)*) => {$(
        impl Column for $rust {
            const KIND: Kind = Kind::of(Type::$ty);
            fn to_value(&self) -> Value {
                let put: fn(&$rust) -> Value = $put;
                put(self)
            }
            fn from_value(value: Value) -> Result<Self> {
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
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Column::to_value)
    }
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// What can be passed for a parameter of type `T`: the value, a reference to it, or for text a `&str`.
pub trait Arg<T: Column> {
    /// The value to bind.
    fn arg(self) -> Value;
}

impl<T: Column> Arg<T> for T {
    fn arg(self) -> Value {
        self.to_value()
    }
}

impl<T: Column> Arg<T> for &T {
    fn arg(self) -> Value {
        self.to_value()
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

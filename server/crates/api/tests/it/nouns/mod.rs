//! What the contract file does not say about the bodies of requests: which values are valid, and which invalid ones are accepted. A kind
//! of object whose types say everything needs nothing here.
//!
//! A key of these tables is the name of a type (`Operator`), a field of any type (`offset`) or a field of one type (`LogCreate.level`). The
//! fields of a body without a type of its own belong to the last part of its path: `increment-with-lease.names`.

mod artifact;
mod automation;
mod block;
mod concurrency_limit;
mod log;
mod run;
mod shared;
mod variable;

use serde_json::Value;

use crate::{
    contract_file::Kind,
    fixture::{WorkspaceFixture, node::FieldRef},
};

const ALL: [&Noun; 8] = [
    &artifact::NOUN,
    &automation::NOUN,
    &block::NOUN,
    &concurrency_limit::NOUN,
    &log::NOUN,
    &run::NOUN,
    &shared::NOUN,
    &variable::NOUN,
];

type Values = &'static [(&'static str, fn(&WorkspaceFixture) -> Value)];
type Keys = &'static [&'static str];

/// The numbers that `mutation` tries in place of each number.
const BOTH: Keys = &["1e300", "-99999999999999999999"];

/// What is special about the fields of one kind of object.
pub struct Noun {
    /// Values in valid bodies.
    values: Values,
    /// Values in the body that creates the fixture's object, besides required fields, names and ids.
    created_with: Values,
    /// Objects of the fixture that are made by other routes: the object's name, the route's path, and the key of the id in the response.
    made_by: &'static [(&'static str, &'static str, &'static str)],
    /// Ids and names that are stored or used without a look-up, so that those of other workspaces are as valid as any.
    unchecked: Keys,
    /// Bodies whose ids are rejected with 400 instead of 404 if there is no such object.
    rejected_with_400: Keys,
    /// Texts of what has happened: they are not rejected because of a NUL. It is removed or kept.
    accepting_nul: Keys,
    /// The types of fields that accept more than the contract file says, in its notation.
    types: &'static [(&'static str, &'static str)],
    /// Fields with fewer valid values than their type has.
    limited: Keys,
    /// Numbers outside of the usual range that are accepted.
    huge: &'static [(&'static str, Keys)],
}

impl Noun {
    const PLAIN: Self = Self {
        values: &[],
        created_with: &[],
        made_by: &[],
        unchecked: &[],
        rejected_with_400: &[],
        accepting_nul: &[],
        types: &[],
        limited: &[],
        huge: &[],
    };
}

/// The value of a field, or of a type, in valid bodies.
pub fn value(key: &str, fixture: &WorkspaceFixture) -> Option<Value> {
    find(|noun| noun.values, key, fixture)
}

/// The value of a field in the body that creates the fixture's object.
pub fn value_of_new(key: &str, fixture: &WorkspaceFixture) -> Option<Value> {
    find(|noun| noun.created_with, key, fixture)
}

fn find(values: impl Fn(&Noun) -> Values, key: &str, fixture: &WorkspaceFixture) -> Option<Value> {
    let all = ALL.iter().flat_map(|noun| values(noun));
    all.into_iter().find(|(known, _)| *known == key).map(|(_, make)| make(fixture))
}

/// The objects that are made by other routes than `POST` of their kind.
pub fn made_by() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    ALL.iter().flat_map(|noun| noun.made_by)
}

pub fn is_unchecked(fields: &[FieldRef]) -> bool {
    contain(|noun| noun.unchecked, fields)
}

pub fn is_rejected_with_400(fields: &[FieldRef]) -> bool {
    contain(|noun| noun.rejected_with_400, fields)
}

pub fn accepts_nul(fields: &[FieldRef]) -> bool {
    contain(|noun| noun.accepting_nul, fields)
}

/// The type of a field that accepts more than the contract file says.
pub fn kind(field: &FieldRef) -> Option<Kind> {
    let types = ALL.iter().flat_map(|noun| noun.types);
    types.into_iter().find(|(key, _)| field.has_key(key)).map(|(_, kind)| Kind::parse(kind))
}

pub fn is_limited(fields: &[FieldRef]) -> bool {
    contain(|noun| noun.limited, fields)
}

pub fn accepts_number(fields: &[FieldRef], number: &str) -> bool {
    let huge = ALL.iter().flat_map(|noun| noun.huge).filter(|(_, numbers)| numbers.contains(&number));
    fields.last().is_some_and(|field| huge.into_iter().any(|(key, _)| field.has_key(key)))
}

/// Whether one of the keys stands for one of the fields.
fn contain(keys: impl Fn(&Noun) -> Keys, fields: &[FieldRef]) -> bool {
    let keys = || ALL.iter().flat_map(|noun| keys(noun));
    fields.iter().any(|field| keys().any(|key| field.has_key(key)))
}

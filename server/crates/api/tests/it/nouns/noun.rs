//! What is special about the fields of one kind of object, and the questions that tests ask about all kinds.

use serde_json::Value;

use super::ALL;
use crate::{
    contract_file::Kind,
    fixture::{WorkspaceFixture, node::FieldRef},
};

type Values = &'static [(&'static str, fn(&WorkspaceFixture) -> Value)];
type Keys = &'static [&'static str];

/// The numbers that `mutation` tries in place of each number.
pub const BOTH: Keys = &["1e300", "-99999999999999999999"];

/// What is special about the fields of one kind of object.
pub struct Noun {
    /// Values in valid bodies.
    pub values: Values,
    /// Values in the body that creates the fixture's object, besides required fields, names and ids.
    pub created_with: Values,
    /// Objects of the fixture that are made by other routes: the object's name, the route's path, and the key of the id in the response.
    pub made_by: &'static [(&'static str, &'static str, &'static str)],
    /// Ids and names that are stored or used without a look-up, so that those of other workspaces are as valid as any.
    pub unchecked: Keys,
    /// Bodies whose ids are rejected with 400 instead of 404 if there is no such object.
    pub rejected_with_400: Keys,
    /// Texts of what has happened: they are not rejected because of a NUL. It is removed or kept.
    pub accepting_nul: Keys,
    /// The types of fields that accept more than the contract file says, in its notation.
    pub types: &'static [(&'static str, &'static str)],
    /// Fields with fewer valid values than their type has.
    pub limited: Keys,
    /// Numbers outside of the usual range that are accepted.
    pub huge: &'static [(&'static str, Keys)],
}

impl Noun {
    pub const PLAIN: Self = Self {
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
    let keys = || ALL.iter().flat_map(&keys);
    fields.iter().any(|field| keys().any(|key| field.has_key(key)))
}

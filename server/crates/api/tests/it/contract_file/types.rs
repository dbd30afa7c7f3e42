//! The types of the contract file, as one client's version or all versions together define them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Contract, Kind, is_of};

#[derive(Clone, Copy)]
pub struct Types {
    pub(super) contract: &'static Contract,
    pub(super) version: Option<&'static str>,
}

/// The fields of an object.
pub struct Fields {
    /// Whether other fields are rejected.
    pub is_closed: bool,
    pub by_name: BTreeMap<&'static str, Field>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub kind: Kind,
    pub is_required: bool,
}

/// The fields in one variant of a type.
pub(super) fn fields_of(variant: &'static Value) -> impl Iterator<Item = (&'static str, Field)> {
    let fields = variant["fields"].as_object().into_iter().flatten();
    fields.filter_map(|(name, kind)| {
        let kind = Kind::parse(kind.as_str()?);
        Some((name.trim_end_matches('?'), Field { kind, is_required: !name.ends_with('?') }))
    })
}

impl Types {
    /// The variants of this version, or of all versions, oldest first.
    fn variants(&self, name: &str) -> Vec<&'static Value> {
        let all = self.contract.variants(name).iter();
        all.filter(|variant| self.version.is_none_or(|version| is_of(variant, version))).collect()
    }

    pub(super) fn knows(&self, name: &str) -> bool {
        !self.variants(name).is_empty()
    }

    /// The fields of a type; `None` for a type that is another name of a union. A newer version overrides an older one, but fields
    /// that it no longer has remain: old clients send them.
    pub fn fields(&self, name: &str) -> Option<Fields> {
        let variants = self.variants(name);
        let newest = variants.last().unwrap_or_else(|| panic!("version {:?} has no type {name}", self.version));
        newest["fields"].as_object()?;
        let mut by_name = BTreeMap::new();
        for (field, definition) in variants.iter().flat_map(|variant| fields_of(variant)) {
            by_name.insert(field, definition);
        }
        let required = |name: &str| fields_of(newest).any(|(field, found)| field == name && found.is_required);
        by_name.iter_mut().for_each(|(name, field)| field.is_required = required(name));
        Some(Fields { is_closed: newest["closed"] == true, by_name })
    }

    /// The alternatives of a type; none of them is a union or another name of one.
    pub fn alternatives(&self, kind: &Kind) -> Vec<Kind> {
        match kind {
            Kind::Union(alternatives) => alternatives.iter().flat_map(|kind| self.alternatives(kind)).collect(),
            Kind::Named(name) => match self.variants(name).last().and_then(|newest| newest["is"].as_str()) {
                Some(is) => self.alternatives(&Kind::parse(is)),
                None => vec![kind.clone()],
            },
            plain => vec![plain.clone()],
        }
    }

    /// Whether a client may send this value.
    pub fn matches(&self, kind: &Kind, value: &Value) -> bool {
        self.alternatives(kind).iter().any(|kind| self.matches_one(kind, value))
    }

    fn matches_one(&self, kind: &Kind, value: &Value) -> bool {
        let text = value.as_str();
        match kind {
            Kind::Any => true,
            Kind::Null => value.is_null(),
            Kind::Boolean => value.is_boolean(),
            Kind::Integer => value.is_i64() || value.is_u64(),
            Kind::Number => value.is_number(),
            Kind::Text => text.is_some(),
            Kind::Uuid => text.is_some_and(|text| text.parse::<uuid::Uuid>().is_ok()),
            Kind::Time => text.is_some_and(|text| text.parse::<model::time::Timestamp>().is_ok()),
            Kind::Constant(constant) => text == Some(constant),
            Kind::FreeForm => value.is_object(),
            Kind::List(inner) => value.as_array().is_some_and(|list| list.iter().all(|one| self.matches(inner, one))),
            Kind::Map(inner) => value.as_object().is_some_and(|map| map.values().all(|one| self.matches(inner, one))),
            Kind::Named(name) => self.fields(name).is_some_and(|fields| self.has_fields(value, &fields)),
            Kind::Union(_) => unreachable!("alternatives are no unions"),
        }
    }

    fn has_fields(&self, value: &Value, fields: &Fields) -> bool {
        let Some(object) = value.as_object() else { return false };
        let is_complete = fields.by_name.iter().all(|(name, field)| !field.is_required || object.contains_key(*name));
        let fits = |(name, value): (&String, &Value)| match fields.by_name.get(name.as_str()) {
            Some(field) => self.matches(&field.kind, value),
            None => !fields.is_closed,
        };
        is_complete && object.iter().all(fits)
    }
}

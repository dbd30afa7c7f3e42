//! Whether a response has the type that its client expects.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Kind, Types};

impl Types {
    /// Checks that a value has this type with all its fields. The newest client's responses have no other fields; older clients ignore
    /// fields that they do not know.
    pub fn check(&self, value: &Value, kind: &Kind) -> Result<(), String> {
        let mut errors = Vec::new();
        let alternatives = self.alternatives(kind);
        for kind in alternatives.iter().filter(|kind| **kind == Kind::Any || value.is_null() == (**kind == Kind::Null))
        {
            match self.check_one(value, kind) {
                Ok(()) => return Ok(()),
                Err(error) => errors.push(error),
            }
        }
        Err(if errors.is_empty() { format!("{value} is no {kind:?}") } else { errors.join(", ") })
    }

    fn check_one(&self, value: &Value, kind: &Kind) -> Result<(), String> {
        let wrong = || format!("{value} is no {kind:?}");
        match kind {
            Kind::List(inner) => {
                value.as_array().ok_or_else(wrong)?.iter().try_for_each(|value| self.check(value, inner))
            }
            Kind::Map(inner) => {
                value.as_object().ok_or_else(wrong)?.values().try_for_each(|value| self.check(value, inner))
            }
            Kind::Named(name) => self.check_fields(value.as_object().ok_or_else(wrong)?, name),
            // One notation for all times and ids.
            Kind::Time if value.as_str().is_none_or(|text| text.len() != 27) => Err(wrong()),
            Kind::Uuid if value.as_str().is_none_or(|text| text.len() != 36) => Err(wrong()),
            _ if self.matches(kind, value) => Ok(()),
            _ => Err(wrong()),
        }
    }

    fn check_fields(&self, object: &Map<String, Value>, name: &str) -> Result<(), String> {
        let fields = self.fields(name).expect("an alternative is no union").by_name;
        let found: BTreeSet<&str> = object.keys().map(String::as_str).collect();
        let missing: Vec<_> = fields.keys().filter(|field| !found.contains(*field)).collect();
        let unknown: Vec<_> = found.iter().filter(|field| self.is_newest() && !fields.contains_key(*field)).collect();
        if !missing.is_empty() || !unknown.is_empty() {
            return Err(format!("{name} lacks {missing:?}, and has the unknown {unknown:?}"));
        }
        fields.iter().try_for_each(|(field, definition)| {
            let value = &object[*field];
            let may_be_null = !definition.is_required && self.newest_allows_null(name, field);
            if value.is_null() && may_be_null {
                return Ok(());
            }
            self.check(value, &definition.kind).map_err(|error| format!("{name}.{field}: {error}"))
        })
    }

    fn is_newest(&self) -> bool {
        self.version == Some(self.contract.newest())
    }

    /// Whether a field may be null. The OpenAPI files of older versions do not say which of the optional fields may be.
    fn newest_allows_null(&self, name: &str, field: &str) -> bool {
        let newest = self.contract.types(Some(self.contract.newest()));
        let known = newest.knows(name).then(|| newest.fields(name)).flatten();
        let definition = known.and_then(|mut fields| fields.by_name.remove(field));
        definition.is_none_or(|definition| newest.matches(&definition.kind, &Value::Null))
    }
}

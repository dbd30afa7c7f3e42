//! Reads the contract file: the operations that clients know, and the types of their bodies and responses, by client version.

mod kind;
mod response;
mod sample;
mod types;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde_json::Value;

pub use self::{
    kind::Kind,
    types::{Field, Fields, Types},
};

/// Operations and types, each with its variants from the oldest client to the newest.
pub struct Contract {
    /// The versions of the clients, oldest first.
    pub versions: Vec<&'static str>,
    /// By their normalized names.
    pub operations: BTreeMap<String, Operation>,
    types: &'static Value,
}

static FILE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../contract/operations.json")).expect("JSON"));

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let operations = FILE["operations"].as_object().expect("an object").iter().map(|(name, variants)| {
        let variants = variants.as_array().expect("a list");
        (normalize_operation(name), Operation { name, variants })
    });
    Contract {
        versions: FILE["versions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        operations: operations.collect(),
        types: &FILE["types"],
    }
});

/// An id that no object has.
pub const UNKNOWN_ID: &str = "ffc8be5d-17d2-4dfc-8b0b-223935274593";

/// The fields of filters that are not supported yet, because there are no such objects. Each is rejected by name, in every operation.
pub const REFUSED: &str = include_str!("../../contract/refused.txt");

/// Whether a field is not supported yet.
pub fn is_refused(field: &str) -> bool {
    REFUSED.lines().any(|line| line == field)
}

/// One notation for operations and routes: without a trailing slash and without parameter names.
pub fn normalize_operation(operation: &str) -> String {
    let (method, path) = operation.split_once(' ').expect("a method and a path");
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let path: String =
        segments.flat_map(|segment| ["/", if segment.starts_with('{') { "{}" } else { segment }]).collect();
    format!("{method} {path}")
}

/// An operation that clients know.
pub struct Operation {
    /// `GET /block_types/slug/{slug}`: as it stands in the file, with the names of the parameters.
    pub name: &'static str,
    variants: &'static [Value],
}

impl Operation {
    /// The variant of a client's version, if it knows the operation. Without a version the newest.
    fn variant(&self, version: Option<&str>) -> Option<&'static Value> {
        match version {
            None => self.variants.last(),
            Some(version) => self.variants.iter().find(|variant| is_of(variant, version)),
        }
    }

    pub fn is_known_to(&self, version: &str) -> bool {
        self.variant(Some(version)).is_some()
    }

    /// The type of the body.
    pub fn body(&self, version: Option<&str>) -> Option<Kind> {
        self.variant(version)?["body"].as_str().map(Kind::parse)
    }

    /// The types of the body in all versions.
    pub fn bodies(&self) -> BTreeSet<&'static str> {
        self.variants.iter().filter_map(|variant| variant["body"].as_str()).collect()
    }

    /// The type of the successful response; `None` for no body.
    pub fn response(&self, version: &str) -> Option<Kind> {
        let answers = self.variant(Some(version)).and_then(|variant| variant["answers"].as_object()).expect("answers");
        let (_, kind) = answers.iter().find(|(status, _)| status.starts_with('2')).expect("a success");
        kind.as_str().map(Kind::parse)
    }

    /// The parameters that the query must have.
    pub fn required_query(&self) -> Vec<(&'static str, Kind)> {
        let query = self.variant(None).and_then(|newest| newest["query"].as_object()).into_iter().flatten();
        let required = query.filter(|(name, _)| !name.ends_with('?'));
        required.filter_map(|(name, kind)| Some((name.as_str(), Kind::parse(kind.as_str()?)))).collect()
    }
}

/// Whether a variant is that of a client's version.
fn is_of(variant: &Value, version: &str) -> bool {
    variant["in"].as_array().is_some_and(|versions| versions.iter().any(|known| known == version))
}

impl Contract {
    pub fn read() -> &'static Self {
        &CONTRACT
    }

    fn newest(&self) -> &'static str {
        self.versions.last().copied().expect("a version")
    }

    /// The variants of a type; none for a name that is no type.
    fn variants(&self, name: &str) -> &'static [Value] {
        self.types[name].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// The types as a client's version defines them. Without a version, those of all versions together.
    pub fn types(&'static self, version: Option<&'static str>) -> Types {
        Types { contract: self, version }
    }
}

//! The contract files: the operations that clients of the supported versions know, and their types in the notation of
//! `cargo xtask contract`. Must not know which of the operations are built.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde::Deserialize;

use crate::route::Method;

/// Of the clients, and of Provost only.
const FILES: [&str; 2] = [include_str!("../contract/operations.json"), include_str!("../contract/own.json")];

/// The parsed files.
pub static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

/// All operations and types.
#[derive(Debug)]
pub struct Contract {
    pub operations: Vec<Operation>,
    /// By name, the definition of each client version, oldest first.
    types: BTreeMap<String, Vec<Type>>,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    pub method: Method,
    /// Below the mount, without a trailing slash.
    pub path: String,
    /// The path as [`shape`] returns it.
    pub shape: String,
    /// As the newest client defines it.
    pub call: Call,
    /// The clients that have the operation.
    pub versions: BTreeSet<String>,
}

/// What an operation reads and answers.
#[derive(Deserialize, Debug)]
pub struct Call {
    #[serde(rename = "in")]
    versions: Vec<String>,
    /// The types of parameters by name; an optional one ends in `?`.
    #[serde(default)]
    pub path: BTreeMap<String, String>,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    pub body: Option<String>,
    /// The types of bodies by status; none for no body.
    pub answers: BTreeMap<String, Option<String>>,
}

/// One definition of a type.
#[derive(Deserialize, Debug)]
pub struct Type {
    #[serde(rename = "in")]
    pub versions: Vec<String>,
    /// Whether other fields are rejected.
    #[serde(default)]
    pub closed: bool,
    /// The fields of an object; the name of an optional one ends in `?`.
    pub fields: Option<BTreeMap<String, String>>,
    /// Another type that this one stands for.
    pub is: Option<String>,
}

#[derive(Deserialize)]
struct File {
    operations: BTreeMap<String, Vec<Call>>,
    types: BTreeMap<String, Vec<Type>>,
}

impl Contract {
    fn read() -> Self {
        let mut contract = Self { operations: Vec::new(), types: BTreeMap::new() };
        for text in FILES {
            let File { operations, types } =
                serde_json::from_str(text).expect("the tests have read the contract files");
            contract.operations.extend(operations.into_iter().filter_map(|(name, calls)| Operation::new(&name, calls)));
            contract.types.extend(types);
        }
        contract
    }

    /// The definitions of a type, oldest client first; none if it is not a name of this contract.
    #[must_use]
    pub fn definitions(&self, name: &str) -> &[Type] {
        self.types.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Operation {
    fn new(name: &str, mut calls: Vec<Call>) -> Option<Self> {
        let (method, path) = name.split_once(' ')?;
        let versions = calls.iter().flat_map(|call| call.versions.clone()).collect();
        let path = path.trim_end_matches('/').to_owned();
        Some(Self { method: Method::parse(method)?, shape: shape(&path), path, call: calls.pop()?, versions })
    }

    /// Method and path: `POST /flows/filter`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method.as_str(), self.path)
    }
}

/// The path with the numbers of its parameters for their names. It is the same for an operation and for the route that serves it, and
/// the router accepts the shapes of all operations together.
#[must_use]
pub fn shape(path: &str) -> String {
    let segment = |(number, segment): (usize, &str)| {
        if segment.starts_with('{') { format!("{{{number}}}") } else { segment.to_owned() }
    };
    path.split('/').enumerate().map(segment).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::{CONTRACT, FILES, shape};

    #[test]
    fn every_operation_of_the_files_is_read() {
        let is_operation = |line: &&str| line.starts_with('"') && line.contains(" /");
        let lines = FILES.iter().flat_map(|file| file.lines()).filter(is_operation).count();
        assert_eq!(CONTRACT.operations.len(), lines, "`Method` lacks a method");
    }

    #[test]
    fn a_shape_has_numbers_for_the_names_of_parameters() {
        assert_eq!(shape("/work_pools/{work_pool_name}/queues/{name}"), "/work_pools/{2}/queues/{4}");
        assert_eq!(shape("/flows/filter"), "/flows/filter");
    }
}

//! The tables of cases, as in the folder `cases`. Must not know what a server answers.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context as _, Result};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The folder of this crate.
const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// One call of the seed, or one before or after the call that a case is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// Method and path, with symbols in the path.
    pub call: String,
    pub body: Option<Value>,
    pub headers: BTreeMap<String, String>,
    /// The symbols that the call defines, each with the JSON pointer of its row in the answer.
    #[serde(rename = "as")]
    pub defines: BTreeMap<String, String>,
    /// How often the call is made; `#` in a text of the body is the number of the call. Zero means once.
    pub times: u32,
}

/// What a case shows. The test of the recordings checks that it does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A value for each field.
    Full,
    /// No body, or only what is required.
    Empty,
    /// Rejected, with the location of the error.
    Invalid,
    /// The object is in another workspace, or nowhere.
    Foreign,
    /// The filter matches some rows.
    Keeps,
    /// The filter excludes rows that the same filter would keep with another value.
    Drops,
    /// An order, with rows that are equal in it.
    Sort,
    /// A limit or an offset.
    Limit,
    /// How conditions are combined.
    Operator,
    /// A form of a value that the servers read in their own way.
    Form,
    /// The same call a second time, or a name that is taken.
    Again,
    /// What a call changes, seen by other calls.
    Effect,
}

/// One case as the tables have it, for each operation of its group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: Kind,
    /// What the path's parameter is.
    at: Option<String>,
    body: Option<Value>,
    /// A body that is no JSON, or JSON that must be sent as it is.
    text: Option<String>,
    /// The answer's rows are compared with all their fields; otherwise only which rows it has.
    #[serde(default)]
    whole: bool,
    #[serde(default)]
    before: Vec<Step>,
    #[serde(default)]
    then: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    operations: Vec<String>,
    cases: Vec<Row>,
}

/// One call to compare, with what comes before and after it.
#[derive(Clone, Debug)]
pub struct Case {
    /// As in the OpenAPI document: `PATCH /variables/{id}`.
    pub operation: String,
    pub kind: Kind,
    at: Option<String>,
    pub body: Option<Value>,
    pub text: Option<String>,
    pub whole: bool,
    pub before: Vec<Step>,
    pub then: Vec<Step>,
}

/// A file of cases, which has a recording of the same name.
pub struct Table {
    pub name: String,
    pub cases: Vec<Case>,
}

/// The calls that fill a workspace before the cases run.
pub fn seed() -> Result<Vec<Step>> {
    read("cases/seed.json")
}

/// All tables, in the order in which their cases run. Those whose cases only read come first, because all share one workspace.
pub fn tables() -> Result<Vec<Table>> {
    let mut tables = names()?.into_iter().map(table).collect::<Result<Vec<_>>>()?;
    tables.sort_by_key(|table| !table.cases.iter().all(Case::only_reads));
    Ok(tables)
}

/// The names of the tables, sorted.
fn names() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for file in fs::read_dir(Path::new(FOLDER).join("cases"))? {
        let path = file?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.retain(|name| name != "seed" && name != "deviations");
    Ok(names)
}

fn table(name: String) -> Result<Table> {
    let groups: Vec<Group> = read(&format!("cases/{name}.json"))?;
    Ok(Table { name, cases: groups.iter().flat_map(cases_of).collect() })
}

/// A file of this crate.
pub(crate) fn read<T: DeserializeOwned>(file: &str) -> Result<T> {
    let text = fs::read_to_string(Path::new(FOLDER).join(file)).with_context(|| file.to_owned())?;
    serde_json::from_str(&text).with_context(|| file.to_owned())
}

fn cases_of(group: &Group) -> Vec<Case> {
    let case = |operation: &String, row: &Row| {
        let Row { kind, at, body, text, whole, before, then } = row.clone();
        Case { operation: operation.clone(), kind, at, body, text, whole, before, then }
    };
    group.operations.iter().flat_map(|operation| group.cases.iter().map(move |row| case(operation, row))).collect()
}

impl Case {
    /// The name of the case, unique in all tables: everything that it sends.
    #[must_use]
    pub fn name(&self) -> String {
        let mut name = format!("{} {}", self.operation, self.kind.name());
        for (label, value) in [("at", self.at.clone()), ("text", self.text.clone())] {
            if let Some(value) = value {
                name += &format!(" {label} {value}");
            }
        }
        if let Some(body) = &self.body {
            name += &format!(" {body}");
        }
        for (label, steps) in [("after", &self.before), ("then", &self.then)] {
            for step in steps {
                name += &format!(" {label} {}", step.call);
                if let Some(body) = &step.body {
                    name += &format!(" {body}");
                }
            }
        }
        name
    }

    /// Whether it changes nothing.
    fn only_reads(&self) -> bool {
        let reads = |call: &str| call.starts_with("GET ") || call.ends_with("/filter") || call.ends_with("/count");
        reads(&self.operation) && self.before.iter().chain(&self.then).all(|step| reads(&step.call))
    }

    /// Method and path, with symbols.
    pub fn call(&self) -> Result<String> {
        let Some((start, end)) = self.operation.split_once('{') else { return Ok(self.operation.clone()) };
        let at = self.at.as_deref().with_context(|| format!("{}: the path needs `at`", self.name()))?;
        let (_, rest) = end.split_once('}').context("a closed brace")?;
        Ok(format!("{start}{at}{rest}"))
    }

    /// What distinguishes the case from others: all but its values. True, false, null, an empty list, an order and an operator count as
    /// different; other texts and numbers do only if the case is about them.
    #[must_use]
    pub fn shape(&self) -> String {
        let exact = matches!(self.kind, Kind::Form | Kind::Limit);
        let shape = |body: &Option<Value>| body.as_ref().map(|body| shape(body, exact));
        let path = |path: &str| path.split('/').map(|segment| word(segment, true)).collect::<Vec<_>>().join("/");
        let steps = |steps: &[Step]| -> Vec<Value> {
            steps.iter().map(|step| json!([path(&step.call), shape(&step.body), step.times])).collect()
        };
        let at = self.at.as_deref().map(|at| word(at, exact));
        json!([
            self.operation,
            self.kind.name(),
            at,
            shape(&self.body),
            self.text,
            steps(&self.before),
            steps(&self.then)
        ])
        .to_string()
    }
}

/// The text, or what it is a value of: the kind of the object that a symbol names, a name that only this case uses, or any text.
fn word(text: &str, exact: bool) -> &str {
    match text.strip_prefix('$').and_then(|symbol| symbol.split_once('.')) {
        Some((noun, name)) if !exact || name.starts_with("case") => noun,
        None if text.starts_with("case-") => "case",
        None if !exact && text != "$unknown" => "text",
        _ => text,
    }
}

impl Kind {
    /// As in the tables.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

fn shape(value: &Value, exact: bool) -> Value {
    match value {
        Value::String(text) => word(text, exact).into(),
        Value::Number(number) if !exact => (if number.is_f64() { "float" } else { "integer" }).into(),
        Value::Array(items) => {
            let kinds: BTreeSet<String> = items.iter().map(|item| shape(item, exact).to_string()).collect();
            json!([items.len().min(2), kinds])
        }
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| {
                let word = matches!(key.as_str(), "sort" | "operator");
                (key.clone(), shape(value, exact || word))
            };
            Value::Object(fields.iter().map(field).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::{Case, Kind, seed, tables};

    fn cases() -> Vec<Case> {
        tables().unwrap().into_iter().flat_map(|table| table.cases).collect()
    }

    #[test]
    fn there_are_500_cases_of_different_shape() {
        let (cases, mut shapes) = (cases(), BTreeSet::new());
        let twice: Vec<_> = cases.iter().filter(|case| !shapes.insert(case.shape())).map(Case::name).collect();
        assert!(twice.is_empty(), "equal to another case but for a value: {twice:#?}");
        assert!(cases.len() >= 500, "{}", cases.len());
    }

    #[test]
    fn values_make_no_other_shape_but_types_do() {
        let shape = |kind: Kind, body| {
            let case = Case {
                operation: "POST /flows/filter".into(),
                kind,
                at: None,
                body: Some(body),
                text: None,
                whole: false,
                before: vec![],
                then: vec![],
            };
            case.shape()
        };
        let keeps = |body| shape(Kind::Keeps, body);
        assert_eq!(keeps(json!({"a": ["x"], "limit": 1})), keeps(json!({"a": ["y"], "limit": 2})));
        for other in
            [json!({"a": [], "limit": 1}), json!({"a": ["x", "y"], "limit": 1}), json!({"a": ["x"], "limit": null})]
        {
            assert_ne!(keeps(json!({"a": ["x"], "limit": 1})), keeps(other));
        }
        assert_ne!(keeps(json!({"sort": "NAME_ASC"})), keeps(json!({"sort": "NAME_DESC"})));
        assert_ne!(shape(Kind::Limit, json!({"limit": 0})), shape(Kind::Limit, json!({"limit": 200})));
    }

    #[test]
    fn the_seed_names_each_object_once() {
        let names: Vec<String> = seed().unwrap().into_iter().flat_map(|step| step.defines.into_keys()).collect();
        assert!(!names.is_empty());
    }
}

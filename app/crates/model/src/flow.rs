//! Flows: the functions whose runs are stored.

use serde::{Deserialize, Serialize};

use crate::{
    filter::{IdFilter, NameFilter, TagsFilter, Unsupported, filter},
    id::FlowId,
    label::{self, Labels},
    name::Name,
    time::Timestamp,
    wire,
};

/// A flow as it is stored and returned.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Flow {
    pub id: FlowId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub tags: Vec<String>,
    pub labels: Labels,
}

/// The body that creates a flow, or finds the existing one with the same name.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowCreate {
    pub name: Name,
    #[serde(default, deserialize_with = "label::tags")]
    pub tags: Vec<String>,
    #[serde(default, deserialize_with = "wire::text_or_default")]
    pub labels: Labels,
}

filter! {
    /// A filter of flows.
    FlowFilter {
        id: IdFilter<FlowId>,
        name: NameFilter,
        tags: TagsFilter,
        deployment: Unsupported,
    }
}

/// The order of a list of flows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FlowSort {
    CreatedDesc,
    UpdatedDesc,
    #[default]
    NameAsc,
    NameDesc,
}

#[cfg(test)]
mod tests {
    use super::FlowCreate;

    #[test]
    fn requests_of_all_client_generations_are_parsed() {
        for body in [
            r#"{"name": "art", "tags": [], "labels": {}}"#,
            r#"{"name": "art", "tags": []}"#,
            r#"{"name": "art", "tags": null, "labels": null}"#,
        ] {
            let flow: FlowCreate = serde_json::from_str(body).unwrap();
            assert_eq!((flow.name.as_str(), flow.tags.len(), flow.labels.len()), ("art", 0, 0), "{body}");
        }
    }

    #[test]
    fn errors_name_the_field_or_the_rule() {
        for (body, expected) in [
            (r#"{"tags": []}"#, "missing field `name`"),
            (r#"{"name": "a/b"}"#, "must not contain"),
            (r#"{"name": "a", "colour": 1}"#, "unknown field `colour`"),
            (r#"{"name": "a", "labels": {"x": "\u0000"}}"#, "NUL"),
        ] {
            let error = serde_json::from_str::<FlowCreate>(body).unwrap_err().to_string();
            assert!(error.contains(expected), "{body}: {error}");
        }
    }
}

//! Artifacts: what runs publish for people to look at, such as tables, Markdown, links and results.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{
    id::{ArtifactCollectionId, ArtifactId, FlowRunId, TaskRunId},
    name::Slug,
    time::Timestamp,
    wire,
};

/// The most characters of a value of metadata; longer ones are cut, and end with `...`.
const MAX_METADATA_CHARACTERS: usize = 500;

/// Texts that a client attaches to an artifact.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Metadata(pub BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut texts: BTreeMap<String, String> = wire::text(deserializer)?;
        for text in texts.values_mut() {
            if let Some((end, _)) = text.char_indices().nth(MAX_METADATA_CHARACTERS) {
                text.truncate(end);
                text.push_str("...");
            }
        }
        Ok(Self(texts))
    }
}

/// An artifact as it is stored and returned.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Artifact {
    pub id: ArtifactId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub key: Option<String>,
    #[serde(rename = "type")]
    pub artifact_type: Option<String>,
    pub description: Option<String>,
    pub data: Option<Value>,
    pub metadata_: Option<Metadata>,
    pub flow_run_id: Option<FlowRunId>,
    pub task_run_id: Option<TaskRunId>,
}

/// How the artifact of a run's result is described, as clients write it into the data of the run's state.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ResultDescription {
    pub key: Option<String>,
    pub artifact_type: Option<String>,
    pub description: Option<String>,
}

impl ResultDescription {
    /// Takes the description out of the data. The data of an unpersisted result stays as it is, because the result has no artifact.
    pub fn take_from(data: &mut Value) -> Self {
        let is_unpersisted = data.get("type").is_some_and(|kind| kind == "unpersisted");
        let Some(fields) = data.as_object_mut().filter(|_| !is_unpersisted) else { return Self::default() };
        let mut take = |field| match fields.remove(field) {
            Some(Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        Self {
            // A state is never rejected because of its data, so an invalid key is left out.
            key: take("artifact_key").filter(|key| key.parse::<Slug>().is_ok()),
            artifact_type: take("artifact_type"),
            description: take("artifact_description"),
        }
    }
}

/// The newest artifact of a key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ArtifactCollection {
    pub id: ArtifactCollectionId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub key: String,
    pub latest_id: ArtifactId,
    #[serde(rename = "type")]
    pub artifact_type: Option<String>,
    pub description: Option<String>,
    pub data: Option<Value>,
    pub metadata_: Option<Metadata>,
    pub flow_run_id: Option<FlowRunId>,
    pub task_run_id: Option<TaskRunId>,
}

/// The body that creates an artifact.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactCreate {
    #[serde(default)]
    pub key: Option<Slug>,
    #[serde(default, rename = "type", deserialize_with = "wire::text")]
    pub artifact_type: Option<String>,
    #[serde(default, deserialize_with = "wire::text")]
    pub description: Option<String>,
    #[serde(default)]
    pub data: Option<Value>,
    #[serde(default)]
    pub metadata_: Option<Metadata>,
    #[serde(default)]
    pub flow_run_id: Option<FlowRunId>,
    #[serde(default)]
    pub task_run_id: Option<TaskRunId>,
}

/// The body that updates an artifact: fields that are missing stay unchanged.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactUpdate {
    #[serde(default, deserialize_with = "wire::present")]
    pub data: Option<Option<Value>>,
    #[serde(default, deserialize_with = "wire::present_text")]
    pub description: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::present")]
    pub metadata_: Option<Option<Metadata>>,
}

//! Artifacts: what runs publish for people to look at, such as tables, Markdown, links and results.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{
    filter::{IdFilter, KeyFilter, TextFilter, filter},
    id::{ArtifactId, FlowRunId, TaskRunId, ids},
    name::Slug,
    time::Timestamp,
    wire,
};

ids! {
    /// The artifacts of one key.
    ArtifactCollectionId;
}

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

/// How pages show an artifact. Artifacts of other types are shown as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactKind {
    Table,
    Markdown,
    Link,
    Progress,
    Image,
}

impl ArtifactKind {
    /// All kinds, in the order of the filter on the page.
    pub const ALL: [Self; 5] = [Self::Table, Self::Markdown, Self::Link, Self::Progress, Self::Image];

    /// Its name: the type of the artifact that clients send, but for links.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Markdown => "markdown",
            Self::Link => "link",
            Self::Progress => "progress",
            Self::Image => "image",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The kind of an artifact; `text` is its data, if that is a text. Clients send a link as Markdown that has nothing else.
    #[must_use]
    pub fn of(artifact_type: Option<&str>, text: Option<&str>) -> Option<Self> {
        match Self::parse(artifact_type?)? {
            Self::Markdown if text.and_then(only_link).is_some() => Some(Self::Link),
            kind => Some(kind),
        }
    }
}

/// The text and the URL of a link in Markdown, if there is nothing else in it.
#[must_use]
pub fn only_link(markdown: &str) -> Option<(&str, &str)> {
    let (text, url) = markdown.trim().strip_prefix('[')?.strip_suffix(')')?.split_once("](")?;
    (!text.contains('\n') && !url.contains(char::is_whitespace) && !url.contains("](")).then_some((text, url))
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

filter! {
    /// A filter of artifacts.
    ArtifactFilter {
        id: IdFilter<ArtifactId>,
        key: KeyFilter,
        flow_run_id: IdFilter<FlowRunId>,
        task_run_id: IdFilter<TaskRunId>,
        r#type: TextFilter,
    }
}

filter! {
    /// A filter of the newest artifacts of each key.
    ArtifactCollectionFilter {
        latest_id: IdFilter<ArtifactId>,
        key: KeyFilter,
        flow_run_id: IdFilter<FlowRunId>,
        task_run_id: IdFilter<TaskRunId>,
        r#type: TextFilter,
    }
}

/// The order of a list of artifacts, or of the newest artifacts of each key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ArtifactSort {
    CreatedDesc,
    UpdatedDesc,
    #[default]
    IdDesc,
    KeyDesc,
    KeyAsc,
}

#[cfg(test)]
mod tests {
    use super::{ArtifactKind, only_link};

    #[test]
    fn link_is_markdown_that_has_nothing_else() {
        let kind = |text| ArtifactKind::of(Some("markdown"), Some(text));
        assert_eq!(
            only_link("[The report](https://a.example/r?x=(1))\n"),
            Some(("The report", "https://a.example/r?x=(1)"))
        );
        for link in ["[The report](https://a.example/r)", "[https://a.example](https://a.example)", "[](x)"] {
            assert_eq!(kind(link), Some(ArtifactKind::Link), "{link}");
        }
        for other in ["", "[a](b) and [c](d)", "[a](b)[c](d)", "See [a](b)", "[a](b c)", "[a\nb](c)", "[a]", "# [a](b)"]
        {
            assert_eq!(kind(other), Some(ArtifactKind::Markdown), "{other}");
        }
    }

    #[test]
    fn kind_is_the_type_that_clients_send() {
        for kind in ArtifactKind::ALL {
            assert_eq!(ArtifactKind::of(Some(kind.as_str()), None), Some(kind));
        }
        assert_eq!(ArtifactKind::of(Some("result"), Some("[a](b)")), None);
        assert_eq!(ArtifactKind::of(None, Some("[a](b)")), None);
    }
}

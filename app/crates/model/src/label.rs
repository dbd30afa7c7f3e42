//! Tags and labels of flows and runs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::wire::Texts;

/// Labels: keys that clients choose, with scalar values.
pub type Labels = BTreeMap<String, LabelValue>;

/// The value of a label.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "a label is a text, a number, true or false")]
pub enum LabelValue {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

impl From<&str> for LabelValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Texts for LabelValue {
    fn any(&self, predicate: &dyn Fn(&str) -> bool) -> bool {
        matches!(self, Self::Text(text) if predicate(text))
    }

    fn stripped(self) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.stripped()),
            other => other,
        }
    }
}

/// The most tags of one object.
pub const MAX_TAGS: usize = 500;
/// The most characters of a tag: tags are indexed.
pub const MAX_TAG_CHARACTERS: usize = 512;

/// Why tags are not valid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidTags {
    #[error("at most {MAX_TAGS} tags are allowed, got {0}")]
    TooMany(usize),
    #[error("a tag has at most {MAX_TAG_CHARACTERS} characters, none of them NUL")]
    Invalid,
}

/// Validates tags: duplicates are dropped, the order is kept.
///
/// # Errors
/// [`InvalidTags`].
pub fn valid_tags(tags: Vec<String>) -> Result<Vec<String>, InvalidTags> {
    if tags.len() > MAX_TAGS {
        return Err(InvalidTags::TooMany(tags.len()));
    }
    if tags.iter().any(|tag| tag.contains('\0') || tag.chars().nth(MAX_TAG_CHARACTERS).is_some()) {
        return Err(InvalidTags::Invalid);
    }
    let mut seen = BTreeSet::new();
    Ok(tags.into_iter().filter(|tag| seen.insert(tag.clone())).collect())
}

/// Deserializes tags: null means none.
pub fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    valid_tags(Option::deserialize(deserializer)?.unwrap_or_default()).map_err(de::Error::custom)
}

/// Deserializes the tags of an update: a key that was sent gives `Some`.
pub fn present_tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    tags(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{LabelValue, Labels};

    #[derive(Deserialize)]
    struct Tagged {
        #[serde(default, deserialize_with = "super::tags")]
        tags: Vec<String>,
    }

    fn read(json: &str) -> Result<Vec<String>, String> {
        serde_json::from_str::<Tagged>(json).map(|tagged| tagged.tags).map_err(|error| error.to_string())
    }

    #[test]
    fn tags_are_deduplicated_in_order() {
        assert_eq!(read(r#"{"tags": ["b", "a", "b"]}"#).unwrap(), ["b", "a"]);
        assert!(read(r#"{"tags": null}"#).unwrap().is_empty());
        assert!(read("{}").unwrap().is_empty());
    }

    #[test]
    fn too_many_or_too_long_tags_are_rejected() {
        let many: Vec<String> = (0..501).map(|n| n.to_string()).collect();
        assert!(read(&serde_json::json!({ "tags": many }).to_string()).unwrap_err().contains("at most 500"));
        assert!(
            read(&serde_json::json!({ "tags": ["x".repeat(513)] }).to_string()).unwrap_err().contains("at most 512")
        );
    }

    #[test]
    fn labels_keep_the_type_of_their_value() {
        let labels: Labels = serde_json::from_str(r#"{"a": 1, "b": 1.5, "c": true, "d": "1"}"#).unwrap();
        assert_eq!(labels["a"], LabelValue::Int(1));
        assert_eq!(labels["b"], LabelValue::Float(1.5));
        assert_eq!(labels["c"], LabelValue::Bool(true));
        assert_eq!(labels["d"], LabelValue::from("1"));
        let error = serde_json::from_str::<Labels>(r#"{"a": []}"#).unwrap_err().to_string();
        assert!(error.contains("a label is"), "{error}");
    }
}

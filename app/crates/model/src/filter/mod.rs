//! Filters and sorts of lists, as clients send them; `store` turns them into conditions.
//!
//! Every key that clients may know stands here: those that are not built yet are [`NotBuilt`], so that asking for one is refused by
//! name instead of being passed over. Within a filter, `None` is no constraint and `any_: []` matches nothing.

pub mod flow;
pub mod flow_run;
pub mod log;
pub mod task_run;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{
    state::StateType,
    time::Timestamp,
    wire::{self, Texts},
};

/// The most values of one list in a filter.
pub const MOST_VALUES: usize = 1_000;

/// The most characters of a part of a name: a name has no more, and SQLite takes no pattern of any length.
const LONGEST_PART: usize = 512;

/// How the parts of one filter are joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Operator {
    /// All must hold.
    #[default]
    #[serde(rename = "and_")]
    And,
    /// One must hold.
    #[serde(rename = "or_")]
    Or,
}

/// One of these ids.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
pub struct IdFilter<T> {
    #[serde(deserialize_with = "values")]
    pub any_: Option<Vec<T>>,
    /// None of these.
    #[serde(deserialize_with = "values")]
    pub not_any_: Option<Vec<T>>,
}

/// One of these ids, or none at all.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
pub struct OptionalIdFilter<T> {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    #[serde(deserialize_with = "values")]
    pub any_: Option<Vec<T>>,
    pub is_null_: Option<bool>,
}

// Derived, these would ask for a default id.
impl<T> Default for IdFilter<T> {
    fn default() -> Self {
        Self { any_: None, not_any_: None }
    }
}

impl<T> Default for OptionalIdFilter<T> {
    fn default() -> Self {
        Self { operator: Operator::And, any_: None, is_null_: None }
    }
}

/// By name.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NameFilter {
    #[serde(deserialize_with = "texts")]
    pub any_: Option<Vec<String>>,
    /// A part of the name, in upper or lower case; empty is no constraint.
    #[serde(deserialize_with = "part")]
    pub like_: Option<String>,
}

/// By tags.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagsFilter {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    /// Has every one of these; empty is no constraint.
    #[serde(deserialize_with = "texts")]
    pub all_: Option<Vec<String>>,
    /// Has at least one of these.
    #[serde(deserialize_with = "texts")]
    pub any_: Option<Vec<String>>,
    /// Has none at all, or has some.
    pub is_null_: Option<bool>,
}

/// By the current state.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StateFilter {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    #[serde(rename = "type")]
    pub state_type: Option<StateTypeFilter>,
    pub name: Option<StateNameFilter>,
}

/// By the type of the current state.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StateTypeFilter {
    #[serde(deserialize_with = "values")]
    pub any_: Option<Vec<StateType>>,
    pub not_any_: NotBuiltList,
}

/// By the name of the current state.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StateNameFilter {
    #[serde(deserialize_with = "texts")]
    pub any_: Option<Vec<String>>,
    pub not_any_: NotBuiltList,
}

/// By a point in time; both ends are included.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeFilter {
    pub before_: Option<Timestamp>,
    pub after_: Option<Timestamp>,
    pub is_null_: NotBuilt,
}

/// A filter that clients may know and that is not built yet: only null and `{}`, which ask for nothing, are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct NotBuilt;

/// The same for a list: only null and `[]` are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct NotBuiltList;

impl<'de> Deserialize<'de> for NotBuilt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Nothing { list: false }).map(|()| Self)
    }
}

impl<'de> Deserialize<'de> for NotBuiltList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Nothing { list: true }).map(|()| Self)
    }
}

struct Nothing {
    list: bool,
}

fn not_built<T, E: de::Error>() -> Result<T, E> {
    Err(E::custom("this filter is not supported yet"))
}

impl<'de> de::Visitor<'de> for Nothing {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, since this filter is not supported yet")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        not_built()
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match map.next_key::<de::IgnoredAny>()? {
            None if !self.list => Ok(()),
            _ => not_built(),
        }
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        match list.next_element::<de::IgnoredAny>()? {
            None if self.list => Ok(()),
            _ => not_built(),
        }
    }
}

fn values<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Vec<T>>, D::Error> {
    let values = Option::<Vec<T>>::deserialize(deserializer)?;
    let count = values.as_ref().map_or(0, Vec::len);
    if count > MOST_VALUES {
        return Err(de::Error::custom(format_args!("at most {MOST_VALUES} values are allowed, got {count}")));
    }
    Ok(values)
}

fn part<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let part: Option<String> = wire::text(deserializer)?;
    if part.as_ref().is_some_and(|part| part.chars().nth(LONGEST_PART).is_some()) {
        return Err(de::Error::custom(format_args!("a part of a name has at most {LONGEST_PART} characters")));
    }
    Ok(part)
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let texts = values::<D, String>(deserializer)?;
    if texts.any(&|text| text.contains('\0')) {
        return Err(de::Error::custom("a text must not contain the character NUL"));
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::{IdFilter, NameFilter, NotBuilt, NotBuiltList, StateFilter, TimeFilter};
    use crate::{id::FlowRunId, state::StateType};

    #[test]
    fn what_is_not_built_takes_only_what_asks_for_nothing() {
        for nothing in ["null", "{}"] {
            assert!(serde_json::from_str::<NotBuilt>(nothing).is_ok(), "{nothing}");
        }
        for something in [r#"{"any_": []}"#, "true", "[]"] {
            let error = serde_json::from_str::<NotBuilt>(something).unwrap_err().to_string();
            assert!(error.contains("not supported yet"), "{something}: {error}");
        }
        assert!(serde_json::from_str::<NotBuiltList>("[]").is_ok());
        assert!(serde_json::from_str::<NotBuiltList>("[1]").is_err());
        assert!(serde_json::from_str::<TimeFilter>(r#"{"is_null_": false}"#).is_err());
    }

    #[test]
    fn an_empty_list_is_not_the_same_as_none() {
        let filter: IdFilter<FlowRunId> = serde_json::from_str(r#"{"any_": []}"#).unwrap();
        assert_eq!(filter.any_, Some(Vec::new()));
        let filter: IdFilter<FlowRunId> = serde_json::from_str(r#"{"any_": null}"#).unwrap();
        assert_eq!(filter.any_, None);
    }

    #[test]
    fn an_old_runners_question_is_read() {
        let filter: StateFilter =
            serde_json::from_str(r#"{"type": {"any_": ["CANCELLED"]}, "name": {"any_": ["Cancelling"]}}"#).unwrap();
        assert_eq!(filter.state_type.unwrap().any_, Some(vec![StateType::Cancelled]));
        let error = serde_json::from_str::<StateFilter>(r#"{"type": {"any_": ["DONE"]}}"#).unwrap_err().to_string();
        assert!(error.contains("unknown variant `DONE`, expected one of `SCHEDULED`"), "{error}");
    }

    #[test]
    fn lists_are_bounded() {
        let ids = vec!["926a6b06-b853-4e20-8466-c9072e40c149"; 1001];
        let error = serde_json::from_value::<IdFilter<FlowRunId>>(serde_json::json!({ "any_": ids })).unwrap_err();
        assert!(error.to_string().contains("at most 1000"), "{error}");
        let part = serde_json::json!({ "like_": "x".repeat(513) });
        let error = serde_json::from_value::<NameFilter>(part).unwrap_err();
        assert!(error.to_string().contains("at most 512"), "{error}");
    }
}

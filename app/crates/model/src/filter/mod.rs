//! What filters and lists have in common, as clients send them. `store` translates them to SQL conditions.
//!
//! The types have every key that clients know. Keys that the server does not support yet are [`Unsupported`], so that a request which
//! uses one is rejected with its name instead of being answered as if the filter were not there. In a filter, `None` is no constraint
//! and `any_: []` matches nothing.

/// Declares a filter: conditions, each of which may be missing.
macro_rules! filter {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            #[serde(deserialize_with = "crate::wire::or_default")]
            pub operator: crate::filter::Operator,
            $($(#[$field_doc])* pub $field: Option<$ty>,)*
        }
    };
}

/// Declares the body of a request that lists or counts objects: filters of them and of related objects, an order, and a page. Clients may
/// send other keys, which are ignored.
macro_rules! list_query {
    ($(#[$doc:meta])* $name:ident, $sort:ty { $($noun:ident: $filter:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(pub $noun: Option<$filter>,)*
            #[serde(deserialize_with = "crate::wire::or_default")]
            pub sort: $sort,
            #[serde(deserialize_with = "crate::wire::optional_integer")]
            pub limit: Option<i64>,
            #[serde(deserialize_with = "crate::wire::optional_integer")]
            pub offset: Option<i64>,
        }

        impl crate::page::Paged for $name {
            fn page(&self) -> Result<crate::page::Page, crate::page::PageError> {
                crate::page::Page::new(self.limit, self.offset)
            }
        }
    };
}

pub(crate) use {filter, list_query};

pub mod query;
mod text_search;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

pub use self::text_search::{MAX_SEARCH_CHARACTERS, SearchTerms, TextSearch};
use crate::{
    state::StateType,
    time::Timestamp,
    wire::{self, Texts},
};

/// The most values of one list in a filter.
pub const MAX_VALUES: usize = 1_000;

/// The most characters of a substring filter: no name is longer, and SQLite limits the length of LIKE patterns.
pub const MAX_SUBSTRING_CHARACTERS: usize = 512;

/// How the conditions of one filter are combined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Operator {
    /// All conditions must match.
    #[default]
    #[serde(rename = "and_")]
    And,
    /// At least one condition must match.
    #[serde(rename = "or_")]
    Or,
}

/// By id.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
pub struct IdFilter<T> {
    #[serde(deserialize_with = "values")]
    pub any_: Option<Vec<T>>,
    /// None of these ids.
    #[serde(deserialize_with = "values")]
    pub not_any_: Option<Vec<T>>,
}

/// By an optional id.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
pub struct OptionalIdFilter<T> {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    #[serde(deserialize_with = "values")]
    pub any_: Option<Vec<T>>,
    pub is_null_: Option<bool>,
}

// Written by hand: derived impls would require `T: Default`.
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
    /// A substring of the name, ignoring case; empty is no constraint.
    #[serde(deserialize_with = "substring")]
    pub like_: Option<String>,
}

/// By an optional key.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyFilter {
    #[serde(deserialize_with = "texts")]
    pub any_: Option<Vec<String>>,
    /// A substring of the key, ignoring case; empty is no constraint.
    #[serde(deserialize_with = "substring")]
    pub like_: Option<String>,
    /// Has a key if true; has none if false.
    pub exists_: Option<bool>,
}

/// By a value that is a text.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValueFilter {
    #[serde(deserialize_with = "texts")]
    pub any_: Option<Vec<String>>,
    /// A substring of the value, ignoring case; empty is no constraint.
    #[serde(deserialize_with = "substring")]
    pub like_: Option<String>,
}

/// By tags.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagsFilter {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    /// Has all of these tags; empty is no constraint.
    #[serde(deserialize_with = "texts")]
    pub all_: Option<Vec<String>>,
    /// Has at least one of these tags.
    #[serde(deserialize_with = "texts")]
    pub any_: Option<Vec<String>>,
    /// Has no tags if true; has some if false.
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
    pub name: Option<TextFilter>,
}

/// By the type of the current state.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StateTypeFilter {
    #[serde(deserialize_with = "values")]
    pub any_: Option<Vec<StateType>>,
    #[serde(deserialize_with = "values")]
    pub not_any_: Option<Vec<StateType>>,
}

/// By a text that is compared as a whole.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextFilter {
    #[serde(deserialize_with = "texts")]
    pub any_: Option<Vec<String>>,
    #[serde(deserialize_with = "texts")]
    pub not_any_: Option<Vec<String>>,
}

/// By an optional text that is compared as a whole.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptionalTextFilter {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    #[serde(deserialize_with = "texts")]
    pub any_: Option<Vec<String>>,
    pub is_null_: Option<bool>,
}

/// By a point in time; both ends are included.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeFilter {
    pub before_: Option<Timestamp>,
    pub after_: Option<Timestamp>,
}

/// By a point in time that may be missing; both ends are included.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptionalTimeFilter {
    pub before_: Option<Timestamp>,
    pub after_: Option<Timestamp>,
    pub is_null_: Option<bool>,
}

/// A filter that clients know and the server does not support yet: accepts only null and `{}`, which filter nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Unsupported;

impl<'de> Deserialize<'de> for Unsupported {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EmptyVisitor).map(|()| Self)
    }
}

struct EmptyVisitor;

fn unsupported<T, E: de::Error>() -> Result<T, E> {
    Err(E::custom("this filter is not supported yet"))
}

impl<'de> de::Visitor<'de> for EmptyVisitor {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, since this filter is not supported yet")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        unsupported()
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        map.next_key::<de::IgnoredAny>()?.map_or(Ok(()), |_| unsupported())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        unsupported()
    }
}

pub(crate) fn values<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let values = Option::<Vec<T>>::deserialize(deserializer)?;
    let count = values.as_ref().map_or(0, Vec::len);
    if count > MAX_VALUES {
        return Err(de::Error::custom(format_args!("at most {MAX_VALUES} values are allowed, got {count}")));
    }
    Ok(values)
}

fn substring<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let substring: Option<String> = wire::text(deserializer)?;
    if substring.as_ref().is_some_and(|text| text.chars().nth(MAX_SUBSTRING_CHARACTERS).is_some()) {
        return Err(de::Error::custom(format_args!(
            "a part of a name has at most {MAX_SUBSTRING_CHARACTERS} characters"
        )));
    }
    Ok(substring)
}

pub(crate) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let texts = values::<D, String>(deserializer)?;
    if texts.any(&|text| text.contains('\0')) {
        return Err(de::Error::custom("a text must not contain the character NUL"));
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::{IdFilter, NameFilter, StateFilter, Unsupported};
    use crate::{id::FlowRunId, state::StateType};

    #[test]
    fn unsupported_filters_accept_only_empty_values() {
        for empty in ["null", "{}"] {
            assert!(serde_json::from_str::<Unsupported>(empty).is_ok(), "{empty}");
        }
        for filter in [r#"{"any_": []}"#, "true", "[]"] {
            let error = serde_json::from_str::<Unsupported>(filter).unwrap_err().to_string();
            assert!(error.contains("not supported yet"), "{filter}: {error}");
        }
    }

    #[test]
    fn an_empty_list_differs_from_null() {
        let filter: IdFilter<FlowRunId> = serde_json::from_str(r#"{"any_": []}"#).unwrap();
        assert_eq!(filter.any_, Some(Vec::new()));
        let filter: IdFilter<FlowRunId> = serde_json::from_str(r#"{"any_": null}"#).unwrap();
        assert_eq!(filter.any_, None);
    }

    #[test]
    fn a_state_filter_of_an_old_client_is_parsed() {
        let filter: StateFilter =
            serde_json::from_str(r#"{"type": {"any_": ["CANCELLED"]}, "name": {"any_": ["Cancelling"]}}"#).unwrap();
        assert_eq!(filter.state_type.unwrap().any_, Some(vec![StateType::Cancelled]));
        let error = serde_json::from_str::<StateFilter>(r#"{"type": {"any_": ["DONE"]}}"#).unwrap_err().to_string();
        assert!(error.contains("unknown variant `DONE`, expected one of `SCHEDULED`"), "{error}");
    }

    #[test]
    fn long_lists_and_substrings_are_rejected() {
        let ids = vec!["926a6b06-b853-4e20-8466-c9072e40c149"; 1001];
        let error = serde_json::from_value::<IdFilter<FlowRunId>>(serde_json::json!({ "any_": ids })).unwrap_err();
        assert!(error.to_string().contains("at most 1000"), "{error}");
        let filter = serde_json::json!({ "like_": "x".repeat(513) });
        let error = serde_json::from_value::<NameFilter>(filter).unwrap_err();
        assert!(error.to_string().contains("at most 512"), "{error}");
    }
}

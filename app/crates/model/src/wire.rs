//! Deserializers for JSON as the three generations of clients write it, slightly more lenient than serde's defaults.
//!
//! They accept `30.0` for an integer and null for a default, and reject or drop NUL characters, which PostgreSQL can't store.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

/// A JSON object with keys that the client chooses.
pub type Object = Map<String, Value>;

/// For `Option<Option<T>>` fields of updates: a key that was sent gives `Some`, also if it is null.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Null gives the default.
pub fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// For `Option<T>` fields of updates that can't be null: a key that was sent gives `Some`, null gives the default.
pub fn present_or_default<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    or_default(deserializer).map(Some)
}

/// An integer, also if it is written as `30.0`.
pub fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    deserializer.deserialize_any(IntegerVisitor)
}

/// An integer or null.
pub fn optional_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    struct Number(#[serde(deserialize_with = "integer")] i64);
    Ok(Option::<Number>::deserialize(deserializer)?.map(|number| number.0))
}

/// An integer; null gives 0.
pub fn integer_or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    optional_integer(deserializer).map(Option::unwrap_or_default)
}

struct IntegerVisitor;

impl de::Visitor<'_> for IntegerVisitor {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<i64, E> {
        /// 2^53: larger floats can't represent every integer.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.fract() == 0.0 && number.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "an integer in range, as checked above")]
            return Ok(number as i64);
        }
        Err(E::invalid_value(de::Unexpected::Float(number), &self))
    }
}

/// A value that contains texts.
pub trait Texts {
    /// Whether any of the texts fulfils `predicate`.
    fn any(&self, predicate: &dyn Fn(&str) -> bool) -> bool;
    /// Removes every NUL.
    #[must_use]
    fn stripped(self) -> Self;
}

impl Texts for String {
    fn any(&self, predicate: &dyn Fn(&str) -> bool) -> bool {
        predicate(self)
    }

    fn stripped(self) -> Self {
        if self.contains('\0') { self.replace('\0', "") } else { self }
    }
}

impl<T: Texts> Texts for Option<T> {
    fn any(&self, predicate: &dyn Fn(&str) -> bool) -> bool {
        self.as_ref().is_some_and(|texts| texts.any(predicate))
    }

    fn stripped(self) -> Self {
        self.map(T::stripped)
    }
}

impl<T: Texts> Texts for Vec<T> {
    fn any(&self, predicate: &dyn Fn(&str) -> bool) -> bool {
        self.iter().any(|texts| texts.any(predicate))
    }

    fn stripped(self) -> Self {
        self.into_iter().map(T::stripped).collect()
    }
}

impl<T: Texts> Texts for BTreeMap<String, T> {
    fn any(&self, predicate: &dyn Fn(&str) -> bool) -> bool {
        self.iter().any(|(key, texts)| predicate(key) || texts.any(predicate))
    }

    fn stripped(self) -> Self {
        self.into_iter().map(|(key, texts)| (key.stripped(), texts.stripped())).collect()
    }
}

/// Rejects texts with a NUL.
pub fn text<'de, D: Deserializer<'de>, T: Deserialize<'de> + Texts>(deserializer: D) -> Result<T, D::Error> {
    let texts = T::deserialize(deserializer)?;
    if texts.any(&|text| text.contains('\0')) {
        return Err(de::Error::custom("a text must not contain the character NUL"));
    }
    Ok(texts)
}

/// Rejects texts with a NUL; null gives the default.
pub fn text_or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default + Texts,
{
    text::<D, Option<T>>(deserializer).map(Option::unwrap_or_default)
}

/// For `Option<Option<String>>` fields of updates: like [`present`], and rejects texts with a NUL.
pub fn present_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Texts,
{
    text(deserializer).map(Some)
}

/// Removes every NUL, for values that must not be rejected because of one character.
pub fn stripped<'de, D: Deserializer<'de>, T: Deserialize<'de> + Texts>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(deserializer).map(T::stripped)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Deserialize, Debug)]
    struct Sample {
        #[serde(default, deserialize_with = "super::optional_integer")]
        count: Option<i64>,
        #[serde(default, deserialize_with = "super::present_text")]
        comment: Option<Option<String>>,
        #[serde(default, deserialize_with = "super::stripped")]
        message: Option<String>,
    }

    fn read(json: &str) -> Result<Sample, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn integers_may_be_written_as_floats() {
        assert_eq!(read(r#"{"count": 30.0}"#).unwrap().count, Some(30));
        assert_eq!(read(r#"{"count": -7}"#).unwrap().count, Some(-7));
        assert_eq!(read(r#"{"count": null}"#).unwrap().count, None);
        for bad in ["30.5", "1e300", "18446744073709551615", "\"30\"", "true", "[]"] {
            let error = read(&format!(r#"{{"count": {bad}}}"#)).unwrap_err();
            assert!(error.contains("whole number"), "{bad}: {error}");
        }
    }

    #[test]
    fn an_update_distinguishes_null_from_missing() {
        assert_eq!(read("{}").unwrap().comment, None);
        assert_eq!(read(r#"{"comment": null}"#).unwrap().comment, Some(None));
        assert_eq!(read(r#"{"comment": "x"}"#).unwrap().comment, Some(Some("x".into())));
    }

    #[test]
    fn nul_characters_are_rejected_or_dropped() {
        assert!(read(r#"{"comment": "a\u0000b"}"#).unwrap_err().contains("NUL"));
        assert_eq!(read(r#"{"message": "a\u0000b"}"#).unwrap().message.as_deref(), Some("ab"));
    }
}

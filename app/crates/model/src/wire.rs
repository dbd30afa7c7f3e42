//! Reading JSON the way clients of three generations write it: a little more generously than serde does.
//!
//! `30.0` is taken where a whole number is meant, null where a default exists, and no text keeps a NUL, which PostgreSQL cannot store.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

/// A JSON object whose keys are the client's own.
pub type Object = Map<String, Value>;

/// For `Option<Option<T>>` fields of updates: a key that is there is `Some`, also when it is null.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Null is the default.
pub fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// For `Option<T>` fields of updates where null is no value of its own: a key that is there is `Some`, null the default.
pub fn present_or_default<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    or_default(deserializer).map(Some)
}

/// A whole number, also when it is written as `30.0`.
pub fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    deserializer.deserialize_any(Whole)
}

/// A whole number, or null for none.
pub fn optional_whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    struct Number(#[serde(deserialize_with = "whole")] i64);
    Ok(Option::<Number>::deserialize(deserializer)?.map(|number| number.0))
}

/// A whole number, null for 0.
pub fn whole_or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    optional_whole(deserializer).map(Option::unwrap_or_default)
}

struct Whole;

impl de::Visitor<'_> for Whole {
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
        /// 2^53: beyond it a float no longer tells neighbouring whole numbers apart.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.fract() == 0.0 && number.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "whole and in range, as just checked")]
            return Ok(number as i64);
        }
        Err(E::invalid_value(de::Unexpected::Float(number), &self))
    }
}

/// Something that holds texts.
pub trait Texts {
    /// Whether `wrong` is true of any of them.
    fn any(&self, wrong: &dyn Fn(&str) -> bool) -> bool;
    /// The same with every NUL taken out.
    #[must_use]
    fn stripped(self) -> Self;
}

impl Texts for String {
    fn any(&self, wrong: &dyn Fn(&str) -> bool) -> bool {
        wrong(self)
    }

    fn stripped(self) -> Self {
        if self.contains('\0') { self.replace('\0', "") } else { self }
    }
}

impl<T: Texts> Texts for Option<T> {
    fn any(&self, wrong: &dyn Fn(&str) -> bool) -> bool {
        self.as_ref().is_some_and(|texts| texts.any(wrong))
    }

    fn stripped(self) -> Self {
        self.map(T::stripped)
    }
}

impl<T: Texts> Texts for Vec<T> {
    fn any(&self, wrong: &dyn Fn(&str) -> bool) -> bool {
        self.iter().any(|texts| texts.any(wrong))
    }

    fn stripped(self) -> Self {
        self.into_iter().map(T::stripped).collect()
    }
}

impl<T: Texts> Texts for BTreeMap<String, T> {
    fn any(&self, wrong: &dyn Fn(&str) -> bool) -> bool {
        self.iter().any(|(key, texts)| wrong(key) || texts.any(wrong))
    }

    fn stripped(self) -> Self {
        self.into_iter().map(|(key, texts)| (key.stripped(), texts.stripped())).collect()
    }
}

/// Texts without a NUL.
pub fn text<'de, D: Deserializer<'de>, T: Deserialize<'de> + Texts>(deserializer: D) -> Result<T, D::Error> {
    let texts = T::deserialize(deserializer)?;
    if texts.any(&|text| text.contains('\0')) {
        return Err(de::Error::custom("a text must not contain the character NUL"));
    }
    Ok(texts)
}

/// Texts without a NUL; null is none of them.
pub fn text_or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default + Texts,
{
    text::<D, Option<T>>(deserializer).map(Option::unwrap_or_default)
}

/// For `Option<Option<String>>` fields of updates.
pub fn present_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Texts,
{
    text(deserializer).map(Some)
}

/// Texts from which every NUL was taken: for what must not be lost over one character.
pub fn stripped<'de, D: Deserializer<'de>, T: Deserialize<'de> + Texts>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(deserializer).map(T::stripped)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Deserialize, Debug)]
    struct Sample {
        #[serde(default, deserialize_with = "super::optional_whole")]
        count: Option<i64>,
        #[serde(default, deserialize_with = "super::present_text")]
        note: Option<Option<String>>,
        #[serde(default, deserialize_with = "super::stripped")]
        message: Option<String>,
    }

    fn read(json: &str) -> Result<Sample, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn whole_numbers_may_be_written_as_floats() {
        assert_eq!(read(r#"{"count": 30.0}"#).unwrap().count, Some(30));
        assert_eq!(read(r#"{"count": -7}"#).unwrap().count, Some(-7));
        assert_eq!(read(r#"{"count": null}"#).unwrap().count, None);
        for wrong in ["30.5", "1e300", "18446744073709551615", "\"30\"", "true", "[]"] {
            let error = read(&format!(r#"{{"count": {wrong}}}"#)).unwrap_err();
            assert!(error.contains("whole number"), "{wrong}: {error}");
        }
    }

    #[test]
    fn an_update_tells_null_from_missing() {
        assert_eq!(read("{}").unwrap().note, None);
        assert_eq!(read(r#"{"note": null}"#).unwrap().note, Some(None));
        assert_eq!(read(r#"{"note": "x"}"#).unwrap().note, Some(Some("x".into())));
    }

    #[test]
    fn no_text_keeps_a_nul() {
        assert!(read(r#"{"note": "a\u0000b"}"#).unwrap_err().contains("NUL"));
        assert_eq!(read(r#"{"message": "a\u0000b"}"#).unwrap().message.as_deref(), Some("ab"));
    }
}

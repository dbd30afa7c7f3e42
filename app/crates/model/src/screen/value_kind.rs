//! The value of a variable, as a person types it.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::{
    json_text::{self, JsonError, Shape, TooLong},
    variable::MAX_VALUE_CHARACTERS,
};

/// Why a typed value is not valid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidValue {
    #[error(transparent)]
    TooLong(#[from] TooLong),
    #[error("enter a number, such as 48, -0.5 or 1e6")]
    NotANumber,
    #[error("choose true or false")]
    NotABoolean,
    #[error(transparent)]
    NotJson(#[from] JsonError),
}

/// How a person types a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub enum ValueKind {
    #[default]
    Text,
    Number,
    Boolean,
    Json,
}

impl ValueKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Text, Self::Number, Self::Boolean, Self::Json];

    /// The value of the form's field.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Json => "json",
        }
    }

    /// The inverse of [`ValueKind::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// How a stored value is shown in the form: the kind and the text.
    #[must_use]
    pub fn of(value: &Value) -> (Self, String) {
        match value {
            Value::String(text) if is_kept_by_text_areas(text) => (Self::Text, text.clone()),
            Value::Number(number) => (Self::Number, number.to_string()),
            Value::Bool(bool) => (Self::Boolean, bool.to_string()),
            other => (Self::Json, json_text::indented(other)),
        }
    }

    /// The value of a typed text.
    ///
    /// # Errors
    /// [`InvalidValue`].
    pub fn read(self, text: &str) -> Result<Value, InvalidValue> {
        let value = match self {
            // Without scripts, browsers send the line breaks of a text area as CR and LF.
            Self::Text => Value::from(text.replace("\r\n", "\n")),
            Self::Number => Value::Number(text.trim().parse::<Number>().map_err(|_| InvalidValue::NotANumber)?),
            Self::Boolean => Value::Bool(text.trim().parse().map_err(|_| InvalidValue::NotABoolean)?),
            Self::Json => json_text::parse(text)?,
        };
        Ok(json_text::bounded(value, MAX_VALUE_CHARACTERS)?)
    }

    /// Checks a text as [`ValueKind::read`] does, without the value: what it is, and how many characters it has as JSON.
    ///
    /// # Errors
    /// [`InvalidValue`].
    pub fn check(self, text: &str) -> Result<(Shape, usize), InvalidValue> {
        let (shape, characters) = match self {
            Self::Text => (Shape::Text, json_text::quoted_characters(text)),
            Self::Number => match json_text::check(text) {
                Ok(Shape::Number) => (Shape::Number, text.trim().len()),
                _ => return Err(InvalidValue::NotANumber),
            },
            Self::Boolean => match text.trim() {
                "true" | "false" => (Shape::Boolean, text.trim().len()),
                _ => return Err(InvalidValue::NotABoolean),
            },
            Self::Json => (json_text::check(text)?, json_text::compact_characters(text)),
        };
        TooLong::check(characters, MAX_VALUE_CHARACTERS)?;
        Ok((shape, characters))
    }

    /// The text after a person has chosen another kind: a text gets or loses the quotes of JSON.
    #[must_use]
    pub fn converted(self, text: &str, to: Self) -> String {
        match (self, to) {
            (Self::Text, Self::Json) if !text.is_empty() && json_text::check(text).is_err() => {
                serde_json::to_string(text).unwrap_or_default()
            }
            (Self::Json, Self::Text) => {
                let unquoted = serde_json::from_str::<String>(text).ok();
                unquoted.filter(|text| is_kept_by_text_areas(text)).unwrap_or_else(|| text.to_owned())
            }
            _ => text.to_owned(),
        }
    }
}

/// Whether a text area shows and returns the text unchanged. HTML drops a line break at its beginning, and a text area has no other
/// control characters.
fn is_kept_by_text_areas(text: &str) -> bool {
    let is_odd = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
    !text.starts_with('\n') && !text.contains(is_odd)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{InvalidValue, ValueKind};
    use crate::{json_text::TooLong, variable::MAX_VALUE_CHARACTERS};

    #[test]
    fn every_value_is_read_as_it_is_shown() {
        for value in [
            json!("17:30"),
            json!(" two\nlines\t"),
            json!("\nfirst line empty"),
            json!("a\rb\u{0}"),
            json!(""),
            json!(-0.5),
            json!(u64::MAX),
            json!(false),
            json!(null),
            json!({"a": [1, "x"]}),
        ] {
            let (kind, text) = ValueKind::of(&value);
            let characters = value.to_string().chars().count();
            assert_eq!(kind.check(&text).map(|(_, characters)| characters), Ok(characters), "{value}");
            assert_eq!(kind.read(&text), Ok(value));
        }
        assert_eq!(ValueKind::of(&json!("\nx")).0, ValueKind::Json, "a text area would drop the line break");
    }

    #[test]
    fn kinds_reject_what_they_are_not() {
        assert_eq!(ValueKind::Number.read("1,5"), Err(InvalidValue::NotANumber));
        assert_eq!(ValueKind::Number.read("NaN"), Err(InvalidValue::NotANumber));
        assert_eq!(ValueKind::Number.read(" 48 "), Ok(json!(48)));
        for kind in ValueKind::ALL {
            for text in
                ["", " ", "1,5", "NaN", "-", "01", "1e999", "48", " 48 ", "\"48\"", "yes", "true", "{\"a\": [1]}", "{"]
            {
                assert_eq!(kind.check(text).err(), kind.read(text).err(), "{kind:?} {text:?}");
            }
        }
        assert_eq!(ValueKind::Boolean.read("yes"), Err(InvalidValue::NotABoolean));
        assert_eq!(ValueKind::Text.read("a\r\nb"), Ok(json!("a\nb")));
        assert!(matches!(ValueKind::Json.read("{"), Err(InvalidValue::NotJson(_))));
        for kind in ValueKind::ALL {
            assert_eq!(ValueKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(ValueKind::parse("date"), None);
    }

    #[test]
    fn the_limit_counts_the_characters_of_the_json() {
        let text = |letters: usize| ValueKind::Text.read(&"é".repeat(letters));
        assert!(text(MAX_VALUE_CHARACTERS - 2).is_ok(), "with its quotes it has as many as allowed");
        assert_eq!(
            text(MAX_VALUE_CHARACTERS - 1),
            Err(TooLong { most: MAX_VALUE_CHARACTERS, characters: MAX_VALUE_CHARACTERS + 1 }.into())
        );
        let spaced = format!("[{}]", " ".repeat(2 * MAX_VALUE_CHARACTERS));
        assert_eq!(ValueKind::Json.read(&spaced), Ok(Value::Array(Vec::new())), "spaces are not stored");
    }

    #[test]
    fn changing_the_kind_keeps_the_value() {
        use ValueKind::{Json, Number, Text};
        assert_eq!(Text.converted("say \"hi\"", Json), r#""say \"hi\"""#);
        assert_eq!(Json.converted(r#""say \"hi\"""#, Text), "say \"hi\"");
        assert_eq!(Text.converted("{\"a\": 1}", Json), "{\"a\": 1}", "JSON that was typed as text");
        assert_eq!(Json.converted("[1, 2", Text), "[1, 2");
        assert_eq!(Number.converted("48", Json), "48");
        assert_eq!(Text.converted("", Json), "", "nothing was typed yet");
    }
}

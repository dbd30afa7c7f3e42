//! Validation errors: the location and the kind of error of a value that is valid JSON of a wrong shape.

use serde_json::{Value, json};
use serde_path_to_error::{Path, Segment};

use crate::error::{ApiError, ValidationErrors};

/// The answer to serde's `message` about the value at `loc` inside the `part` (`body`, `query`) of a request.
pub fn validation_error(part: &str, input: Value, mut loc: Vec<Value>, message: &str) -> ApiError {
    let (kind, text, found) = if let Some(field) = quoted_after(message, "missing field `") {
        let parent = find(&input, &loc);
        loc.push(field.into());
        ("missing", "Field required".to_owned(), parent)
    } else if let Some(field) = quoted_after(message, "unknown field `") {
        if loc.last().and_then(Value::as_str) != Some(field) {
            loc.push(field.into());
        }
        ("extra_forbidden", "Extra inputs are not permitted".to_owned(), find(&input, &loc))
    } else {
        // serde reports a duplicate field at the object. The parsed object has the field once, so it has a value to show.
        loc.extend(quoted_after(message, "duplicate field `").map(Value::from));
        ("value_error", message.to_owned(), find(&input, &loc))
    };
    loc.insert(0, part.into());
    let error = json!({"type": kind, "loc": loc, "msg": text, "input": found});
    ApiError::Invalid(Box::new(ValidationErrors { errors: vec![error], request_body: input }))
}

/// The keys and indexes that lead to a field, outermost first: `loc` in an error.
pub fn loc_of(path: &Path) -> Vec<Value> {
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => Some(json!(index)),
        Segment::Map { key } => Some(json!(key)),
        Segment::Enum { variant } => Some(json!(variant)),
        Segment::Unknown => None,
    };
    path.iter().filter_map(step).collect()
}

fn quoted_after<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    message.strip_prefix(start)?.split('`').next()
}

fn find(input: &Value, loc: &[Value]) -> Value {
    let child = |value: &'_ Value, step: &Value| match step {
        Value::String(key) => value.get(key).cloned(),
        Value::Number(index) => value.get(usize::try_from(index.as_u64()?).ok()?).cloned(),
        _ => None,
    };
    loc.iter().try_fold(input.clone(), |value, step| child(&value, step)).unwrap_or_default()
}

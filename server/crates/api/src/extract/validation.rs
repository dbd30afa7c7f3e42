//! What is told of a value that is JSON and not what was asked for: which field it is, and what is wrong with it.

use serde_json::{Value, json};
use serde_path_to_error::{Path, Segment};

use crate::error::{ApiError, Complaint};

/// A complaint of serde's about the field at `place` of what stands in the `part` of a request.
pub fn misshapen(part: &str, whole: Value, mut place: Vec<Value>, message: &str) -> ApiError {
    let (kind, text, input) = if let Some(field) = quoted_after(message, "missing field `") {
        let parent = find(&whole, &place);
        place.push(field.into());
        ("missing", "Field required".to_owned(), parent)
    } else if let Some(field) = quoted_after(message, "unknown field `") {
        if place.last().and_then(Value::as_str) != Some(field) {
            place.push(field.into());
        }
        ("extra_forbidden", "Extra inputs are not permitted".to_owned(), find(&whole, &place))
    } else {
        // It is told of the object, which has no field twice once it is read.
        place.extend(quoted_after(message, "duplicate field `").map(Value::from));
        ("value_error", message.to_owned(), find(&whole, &place))
    };
    place.insert(0, part.into());
    let problem = json!({"type": kind, "loc": place, "msg": text, "input": input});
    ApiError::Invalid(Box::new(Complaint { problems: vec![problem], request_body: whole }))
}

/// The way to a field, from the outside in.
pub fn steps(path: &Path) -> Vec<Value> {
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

fn find(whole: &Value, place: &[Value]) -> Value {
    let down = |value: &'_ Value, step: &Value| match step {
        Value::String(key) => value.get(key).cloned(),
        Value::Number(index) => value.get(usize::try_from(index.as_u64()?).ok()?).cloned(),
        _ => None,
    };
    place.iter().try_fold(whole.clone(), |value, step| down(&value, step)).unwrap_or_default()
}

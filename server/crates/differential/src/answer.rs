//! An answer in a form that two servers can have in common. Must not know which server gave it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::rows::{self, Order};
use crate::server::{Request, Response};
use crate::symbols::Symbols;

/// What is compared of one response.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answer(pub Value);

impl Answer {
    #[must_use]
    pub fn new(request: &Request, response: &Response, whole: bool, symbols: &Symbols) -> Self {
        let body = request.body.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
        let Response { status, body: answer } = response;
        Self(match answer {
            Value::Null if *status == 204 => json!({"status": status}),
            Value::Array(rows) if *status == 200 => {
                let order = Order::of(&request.path, &body);
                json!({"status": status, "rows": rows::describe(rows, &order, whole, symbols)})
            }
            _ if *status == 422 && answer["exception_detail"].is_array() => {
                json!({"status": status, "at": location(&answer["exception_detail"][0], &body)})
            }
            // The text that comes with a status is compared, because clients print it.
            _ => json!({"status": status, "body": symbols.replace_in(answer)}),
        })
    }

    #[must_use]
    pub fn status(&self) -> u64 {
        self.0["status"].as_u64().unwrap_or_default()
    }

    /// The number of rows or the count of a successful answer.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        let rows = &self.0["rows"];
        let listed = |rows: &Vec<Value>| rows.iter().map(|row| row.as_array().map_or(1, Vec::len) as u64).sum();
        rows.as_array().map(listed).or_else(|| rows["rows"].as_u64()).or_else(|| self.0["body"].as_u64())
    }
}

/// Where in the request the error is. pydantic adds the alternatives of a union to the location, which are no keys of the request.
fn location(error: &Value, body: &Value) -> String {
    let loc = error["loc"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some((part, loc)) = loc.split_first() else { return String::new() };
    if part != "body" {
        return loc.iter().fold(text(part), |path, step| format!("{path}.{}", text(step)));
    }
    let (mut path, mut value) = (vec!["body".to_owned()], body);
    for (index, step) in loc.iter().enumerate() {
        let child = match step {
            Value::Number(number) => number.as_u64().and_then(|number| value.get(usize::try_from(number).ok()?)),
            _ => step.as_str().and_then(|key| value.get(key)),
        };
        match child {
            Some(child) => value = child,
            None if error["type"] == "missing" && index + 1 == loc.len() => {}
            None => break,
        }
        path.push(text(step));
    }
    path.join(".")
}

fn text(step: &Value) -> String {
    step.as_str().map_or_else(|| step.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::Answer;
    use crate::server::{Request, Response};
    use crate::symbols::Symbols;

    fn answer(status: u16, request: &Value, response: Value) -> Value {
        let symbols = Symbols::new("2026-11-25T10:00:00Z".parse().unwrap(), None);
        let request = Request {
            method: "POST".into(),
            path: "/variables/".into(),
            headers: BTreeMap::new(),
            body: Some(request.to_string()),
        };
        Answer::new(&request, &Response { status, body: response }, false, &symbols).0
    }

    fn rejected(request: &Value, kind: &str, loc: &Value) -> Value {
        let error = json!({"type": kind, "loc": loc, "msg": "…"});
        answer(422, request, json!({"exception_message": "…", "exception_detail": [error]}))["at"].clone()
    }

    #[test]
    fn an_error_is_located_in_the_request() {
        let request = json!({"value": 1.5, "tags": ["a", 1]});
        assert_eq!(rejected(&request, "x", &json!(["body", "value", "str"])), "body.value");
        assert_eq!(rejected(&request, "x", &json!(["body", "tags", 1])), "body.tags.1");
        assert_eq!(rejected(&request, "missing", &json!(["body", "name"])), "body.name");
        assert_eq!(rejected(&request, "x", &json!(["path", "id"])), "path.id");
        assert_eq!(rejected(&json!(null), "missing", &json!(["body"])), "body");
    }

    #[test]
    fn a_text_that_clients_print_is_compared() {
        let detail = json!({"detail": "Variable not found."});
        assert_eq!(answer(404, &json!({}), detail.clone()), json!({"status": 404, "body": detail}));
        assert_eq!(answer(204, &json!({}), Value::Null), json!({"status": 204}));
    }

    #[test]
    fn rows_are_counted_in_groups_too() {
        for (answer, count) in [
            (json!({"rows": ["$a", ["$b", "$c"]]}), Some(3)),
            (json!({"rows": {"rows": 200, "ends": []}}), Some(200)),
            (json!({"body": 7}), Some(7)),
            (json!({"at": "body"}), None),
        ] {
            assert_eq!(Answer(answer).count(), count);
        }
    }
}

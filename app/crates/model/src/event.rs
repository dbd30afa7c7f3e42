//! Events about resources, which clients and the server itself record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    id::ids,
    time::Timestamp,
    validation::ValidationError,
    wire::{self, Object},
};

ids! {
    /// An event.
    EventId;
}

/// The labels of a resource; [`RESOURCE_ID`] is its id.
pub type Resource = BTreeMap<String, String>;

/// The label that holds the id of a resource.
pub const RESOURCE_ID: &str = "prefect.resource.id";
/// The label that holds the role of a related resource.
pub const RESOURCE_ROLE: &str = "prefect.resource.role";

/// The most bytes of an event as JSON. The socket that reads the frame checks this.
pub const MAX_BYTES: usize = 1_500_000;
const MAX_NAME_CHARACTERS: usize = 1024;
/// The most bytes of a resource's id: it must fit an index of PostgreSQL, which takes 2,704.
const MAX_ID_BYTES: usize = 1024;
const MAX_RELATED: usize = 100;
const MAX_LABELS: usize = 500;

/// One event. NUL characters in its texts are dropped instead of rejected, because the event has already happened.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    pub occurred: Timestamp,
    #[serde(deserialize_with = "wire::stripped")]
    pub event: String,
    #[serde(deserialize_with = "wire::stripped")]
    pub resource: Resource,
    #[serde(default, deserialize_with = "wire::stripped")]
    pub related: Vec<Resource>,
    #[serde(default, deserialize_with = "wire::or_default")]
    pub payload: Object,
    pub id: EventId,
    #[serde(default)]
    pub follows: Option<EventId>,
}

impl Event {
    /// The id of the event's resource; empty only in an invalid event.
    #[must_use]
    pub fn resource_id(&self) -> &str {
        label(&self.resource, RESOURCE_ID)
    }

    /// The id of the first related resource with `role`.
    #[must_use]
    pub fn related_id(&self, role: &str) -> Option<&str> {
        let related = self.related.iter().find(|resource| label(resource, RESOURCE_ROLE) == role)?;
        Some(label(related, RESOURCE_ID))
    }

    /// Checks the sizes and the required labels.
    pub fn validate(&self) -> Result<(), ValidationError> {
        if self.event.is_empty() || self.event.chars().nth(MAX_NAME_CHARACTERS).is_some() {
            return Err(ValidationError::value(
                "event",
                format!("the name of an event has 1 to {MAX_NAME_CHARACTERS} characters"),
            ));
        }
        check_resource("resource", &self.resource)?;
        if self.related.len() > MAX_RELATED {
            return Err(ValidationError::value(
                "related",
                format!("an event has at most {MAX_RELATED} related resources"),
            ));
        }
        for (index, resource) in self.related.iter().enumerate() {
            let loc = format!("related.{index}");
            check_resource(&loc, resource)?;
            if label(resource, RESOURCE_ROLE).is_empty() {
                return Err(ValidationError::value(
                    &loc,
                    format!("a related resource needs the label {RESOURCE_ROLE}"),
                ));
            }
        }
        Ok(())
    }
}

fn label<'a>(resource: &'a Resource, name: &str) -> &'a str {
    resource.get(name).map_or("", String::as_str)
}

fn check_resource(loc: &str, resource: &Resource) -> Result<(), ValidationError> {
    if resource.len() > MAX_LABELS {
        return Err(ValidationError::value(loc, format!("a resource has at most {MAX_LABELS} labels")));
    }
    match label(resource, RESOURCE_ID).len() {
        0 => Err(ValidationError::value(loc, format!("a resource needs the label {RESOURCE_ID}"))),
        1..=MAX_ID_BYTES => Ok(()),
        _ => Err(ValidationError::value(loc, format!("the label {RESOURCE_ID} has at most {MAX_ID_BYTES} bytes"))),
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    fn event() -> Event {
        serde_json::from_value(serde_json::json!({
            "occurred": "2026-11-24T03:46:20.432010Z", "event": "prefect.task-run.Running",
            "resource": {"prefect.resource.id": "prefect.task-run.1", "prefect.state-message": "a\0b"},
            "related": [{"prefect.resource.id": "prefect.flow-run.2", "prefect.resource.role": "flow-run"}],
            "payload": {}, "id": "01a20ba9-645f-7759-850d-e10c1212b825", "follows": null,
        }))
        .unwrap()
    }

    #[test]
    fn a_valid_event_passes_and_its_nul_is_dropped() {
        let event = event();
        assert_eq!(event.validate(), Ok(()));
        assert_eq!(event.resource["prefect.state-message"], "ab");
        assert_eq!(event.related_id("flow-run"), Some("prefect.flow-run.2"));
        assert_eq!(event.related_id("flow"), None);
    }

    #[test]
    fn each_exceeded_limit_is_reported_at_its_field() {
        type Mutate = fn(&mut Event);
        let cases: [(&str, Mutate); 8] = [
            ("event", |event| event.event = "x".repeat(1025)),
            ("event", |event| event.event.clear()),
            ("resource", |event| event.resource.clear()),
            ("resource", |event| event.resource.extend((0..500).map(|n| (n.to_string(), String::new())))),
            ("resource", |event| drop(event.resource.insert("prefect.resource.id".into(), "🚀".repeat(257)))),
            ("related.0", |event| drop(event.related[0].insert("prefect.resource.id".into(), "x".repeat(1025)))),
            ("related", |event| event.related = vec![event.related[0].clone(); 101]),
            ("related.0", |event| drop(event.related[0].remove("prefect.resource.role"))),
        ];
        for (loc, mutate) in cases {
            let mut event = event();
            mutate(&mut event);
            assert_eq!(event.validate().unwrap_err().loc.join("."), loc);
        }
    }
}

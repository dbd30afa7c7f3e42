//! Events: what happened to what, as clients and the server itself tell it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    id::EventId,
    invalid::Invalid,
    time::Timestamp,
    wire::{self, Object},
};

/// The labels of a resource; `prefect.resource.id` names it.
pub type Resource = BTreeMap<String, String>;

/// The label that names a resource.
pub const RESOURCE_ID: &str = "prefect.resource.id";
/// The label that says what a related resource is to the event.
pub const RESOURCE_ROLE: &str = "prefect.resource.role";

/// The most bytes of an event as JSON; whoever reads the frame checks it.
pub const LARGEST: usize = 1_500_000;
const LONGEST_NAME: usize = 1024;
/// The most bytes of a resource's id: it must fit an index of PostgreSQL, which takes 2,704.
const LONGEST_ID: usize = 1024;
const MOST_RELATED: usize = 100;
const MOST_LABELS: usize = 500;

/// One event. A NUL in its texts is dropped: an event tells of something that has happened already.
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
    /// The id of the resource to which it happened; empty only in an event that is not valid.
    #[must_use]
    pub fn resource_id(&self) -> &str {
        label(&self.resource, RESOURCE_ID)
    }

    /// The first related resource in `role`, by its id.
    #[must_use]
    pub fn related_id(&self, role: &str) -> Option<&str> {
        let related = self.related.iter().find(|resource| label(resource, RESOURCE_ROLE) == role)?;
        Some(label(related, RESOURCE_ID))
    }

    /// Checks the bounds of what an event may hold.
    pub fn validate(&self) -> Result<(), Invalid> {
        if self.event.is_empty() || self.event.chars().nth(LONGEST_NAME).is_some() {
            return Err(Invalid::value("event", format!("the name of an event has 1 to {LONGEST_NAME} characters")));
        }
        check_resource("resource", &self.resource)?;
        if self.related.len() > MOST_RELATED {
            return Err(Invalid::value("related", format!("an event has at most {MOST_RELATED} related resources")));
        }
        for (index, resource) in self.related.iter().enumerate() {
            let loc = format!("related.{index}");
            check_resource(&loc, resource)?;
            if label(resource, RESOURCE_ROLE).is_empty() {
                return Err(Invalid::value(&loc, format!("a related resource needs the label {RESOURCE_ROLE}")));
            }
        }
        Ok(())
    }
}

fn label<'a>(resource: &'a Resource, name: &str) -> &'a str {
    resource.get(name).map_or("", String::as_str)
}

fn check_resource(loc: &str, resource: &Resource) -> Result<(), Invalid> {
    if resource.len() > MOST_LABELS {
        return Err(Invalid::value(loc, format!("a resource has at most {MOST_LABELS} labels")));
    }
    match label(resource, RESOURCE_ID).len() {
        0 => Err(Invalid::value(loc, format!("a resource needs the label {RESOURCE_ID}"))),
        1..=LONGEST_ID => Ok(()),
        _ => Err(Invalid::value(loc, format!("the label {RESOURCE_ID} has at most {LONGEST_ID} bytes"))),
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
    fn a_good_event_passes_and_loses_its_nul() {
        let event = event();
        assert_eq!(event.validate(), Ok(()));
        assert_eq!(event.resource["prefect.state-message"], "ab");
        assert_eq!(event.related_id("flow-run"), Some("prefect.flow-run.2"));
        assert_eq!(event.related_id("flow"), None);
    }

    #[test]
    fn every_bound_is_named() {
        type Spoil = fn(&mut Event);
        let cases: [(&str, Spoil); 8] = [
            ("event", |event| event.event = "x".repeat(1025)),
            ("event", |event| event.event.clear()),
            ("resource", |event| event.resource.clear()),
            ("resource", |event| event.resource.extend((0..500).map(|n| (n.to_string(), String::new())))),
            ("resource", |event| drop(event.resource.insert("prefect.resource.id".into(), "🚀".repeat(257)))),
            ("related.0", |event| drop(event.related[0].insert("prefect.resource.id".into(), "x".repeat(1025)))),
            ("related", |event| event.related = vec![event.related[0].clone(); 101]),
            ("related.0", |event| drop(event.related[0].remove("prefect.resource.role"))),
        ];
        for (loc, spoil) in cases {
            let mut event = event();
            spoil(&mut event);
            assert_eq!(event.validate().unwrap_err().loc.join("."), loc);
        }
    }
}

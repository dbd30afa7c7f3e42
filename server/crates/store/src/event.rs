//! Events.

use model::{
    event::{EventId, Resource},
    time::Timestamp,
    wire::Object,
};

use crate::{column::id_columns, record, statements};

id_columns!(EventId);

record! {
    /// A row of `event`.
    pub struct EventRow {
        pub id: EventId,
        pub occurred: Timestamp,
        pub received: Timestamp,
        pub event: String,
        pub resource_id: String,
        pub resource: Resource,
        pub related: Vec<Resource>,
        pub payload: Object,
        pub follows: Option<EventId>,
    }
}

statements! {
    /// Adds events, except those that are stored already.
    scoped bulk INSERT_EVENTS: EventRow => "event" "ON CONFLICT (workspace_id, id) DO NOTHING";
}

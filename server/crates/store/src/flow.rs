//! Flows and their tags.

use model::{flow::Flow, id::FlowId, label::Labels, time::Timestamp};

use crate::{column::Json, record, statements};

record! {
    /// A row of `flow`.
    pub struct FlowRow {
        pub id: FlowId,
        pub name: String,
        pub tags: Json<Vec<String>>,
        pub labels: Json<Labels>,
        pub created: Timestamp,
        pub updated: Timestamp,
    }
}

impl From<FlowRow> for Flow {
    fn from(row: FlowRow) -> Self {
        Self {
            id: row.id,
            created: row.created,
            updated: row.updated,
            name: row.name,
            tags: row.tags.0,
            labels: row.labels.0,
        }
    }
}

record! {
    /// A tag of a flow.
    pub struct FlowTagRow {
        pub flow_id: FlowId,
        pub tag: String,
    }
}

statements! {
    /// Adds a flow, unless its name is taken.
    scoped bulk INSERT_FLOW: FlowRow => "flow" "ON CONFLICT (workspace_id, name) DO NOTHING";
    /// Adds tags of flows.
    scoped bulk INSERT_FLOW_TAGS: FlowTagRow => "flow_tag" "ON CONFLICT DO NOTHING";
    /// The flow of this name.
    scoped FLOW_BY_NAME: (String,) => FlowRow =
        "SELECT id, name, tags, labels, created, updated FROM flow WHERE workspace_id = $1 AND name = $2";
    /// The flow of this id.
    scoped FLOW_BY_ID: (FlowId,) => FlowRow =
        "SELECT id, name, tags, labels, created, updated FROM flow WHERE workspace_id = $1 AND id = $2";
    /// The id and labels of a flow for which a run is created.
    scoped FLOW_LABELS: (FlowId,) => (FlowId, Json<Labels>) =
        "SELECT id, labels FROM flow WHERE workspace_id = $1 AND id = $2";
}

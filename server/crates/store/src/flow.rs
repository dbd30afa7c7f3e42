//! Flows and their tags.

use model::{flow::Flow, id::FlowId, label::Labels, time::Timestamp};

use crate::{record, statements};

record! {
    for Flow {
        id: FlowId,
        name: String,
        tags: Vec<String>,
        labels: Labels,
        created: Timestamp,
        updated: Timestamp,
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
    scoped bulk INSERT_FLOW: Flow => "flow" "ON CONFLICT (workspace_id, name) DO NOTHING";
    /// Adds tags of flows.
    scoped bulk INSERT_FLOW_TAGS: FlowTagRow => "flow_tag" "ON CONFLICT DO NOTHING";
    /// The flow of this name.
    scoped FLOW_BY_NAME: (String,) => Flow = select "FROM flow WHERE workspace_id = $1 AND name = $2";
    /// The flow of this id.
    scoped FLOW_BY_ID: (FlowId,) => Flow = select "FROM flow WHERE workspace_id = $1 AND id = $2";
    /// The id and labels of a flow for which a run is created.
    scoped FLOW_LABELS: (FlowId,) => (FlowId, Labels) =
        "SELECT id, labels FROM flow WHERE workspace_id = $1 AND id = $2";
}

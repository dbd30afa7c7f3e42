//! What the contract file does not say about the bodies of requests: which values are valid, and which invalid ones are accepted. A kind
//! of object whose types say everything needs nothing here.
//!
//! A key of these tables is the name of a type (`Operator`), a field of any type (`offset`) or a field of one type (`LogCreate.level`). The
//! fields of a body without a type of its own belong to the last part of its path: `increment-with-lease.names`.

mod noun;

use serde_json::json;

use self::noun::{BOTH, Noun};
pub use self::noun::{
    accepts_nul, accepts_number, is_limited, is_rejected_with_400, is_unchecked, kind, made_by, value, value_of_new,
};
use crate::contract_file::UNKNOWN_ID;

static ALL: [Noun; 8] = [
    // Artifacts.
    Noun {
        values: &[("ArtifactCreate.key", |_| json!("new")), ("like_", |_| json!("new"))],
        created_with: &[("ArtifactCreate.key", |fixture| json!(fixture.name))],
        // The runs of an artifact need not exist.
        unchecked: &["ArtifactCreate.flow_run_id", "ArtifactCreate.task_run_id"],
        limited: &["ArtifactCreate.key"],
        ..Noun::PLAIN
    },
    // Automations, and the resources that own them.
    Noun {
        // Any text names a resource.
        values: &[("resource_id", |fixture| json!(format!("prefect.deployment.{}", fixture.name)))],
        ..Noun::PLAIN
    },
    // Block types, schemas and documents.
    Noun {
        values: &[(
            "BlockDocumentCreate.data",
            |fixture| json!({"inner": {"$ref": {"block_document_id": fixture.id("block_document")}}}),
        )],
        // Schemas with the same fields have the same checksum in every workspace.
        created_with: &[("BlockSchemaCreate.fields", |fixture| json!({"title": fixture.name}))],
        rejected_with_400: &["BlockDocumentCreate"],
        // Slugs have few characters, and only an anonymous document has no name.
        limited: &["BlockTypeCreate.slug", "BlockDocumentCreate.name"],
        ..Noun::PLAIN
    },
    // Concurrency limits, and leases on their slots.
    Noun {
        values: &[
            ("increment-with-lease.names", |fixture| json!([fixture.name])),
            ("decrement-with-lease.lease_id", |fixture| json!(fixture.id("other_lease"))),
            ("lease_duration", |_| json!(60.0)),
            ("ConcurrencyLeaseHolder.id", |fixture| json!(fixture.id("flow_run"))),
        ],
        created_with: &[("ConcurrencyLimitV2Create.limit", |_| json!(1000))],
        // Two, so that one remains when a test releases the other.
        made_by: &[
            ("lease", "/v2/concurrency_limits/increment-with-lease", "lease_id"),
            ("other_lease", "/v2/concurrency_limits/increment-with-lease", "lease_id"),
        ],
        // An unknown limit does not limit, and releasing an unknown lease changes nothing.
        unchecked: &["ConcurrencyLeaseHolder", "increment-with-lease.names", "decrement-with-lease.lease_id"],
        limited: &["lease_duration"],
        huge: &[("ConcurrencyLimitV2Create.slot_decay_per_second", &["1e300"])],
        ..Noun::PLAIN
    },
    // Log lines, and events.
    Noun {
        values: &[("LogCreate.worker_id", |_| json!(UNKNOWN_ID))],
        unchecked: &["LogCreate"],
        accepting_nul: &["LogCreate", "Event"],
        ..Noun::PLAIN
    },
    // Flow runs, task runs and their states.
    Noun {
        values: &[
            // There are no deployments, work pools and work queues yet.
            ("FlowRunCreate.deployment_id", |_| json!(null)),
            ("FlowRunCreate.work_pool_name", |_| json!(null)),
            ("FlowRunCreate.work_queue_name", |_| json!(null)),
            ("FlowRunFilterDeploymentId.any_", |_| json!([UNKNOWN_ID])),
            ("infrastructure_document_id", |fixture| json!(fixture.id("block_document"))),
            // Version 2.20.26 does not say that they are texts.
            ("FlowRunPolicy.pause_keys", |_| json!(["new"])),
            // The client chooses the id.
            ("TaskRunCreate.id", |_| json!("01a20bc2-0710-7e1c-9497-408fb5b68b29")),
            ("TaskRunResult.id", |fixture| json!(fixture.id("task_run"))),
            ("FlowRunResult.id", |fixture| json!(fixture.id("flow_run"))),
            ("StateCreate.id", |_| json!(UNKNOWN_ID)),
            ("StateDetails.transition_id", |_| json!(UNKNOWN_ID)),
            ("StateDetails.task_parameters_id", |_| json!(UNKNOWN_ID)),
        ],
        unchecked: &["StateDetails", "TaskRunCreate.task_inputs"],
        accepting_nul: &["StateCreate", "FlowRunPolicy.pause_keys", "TaskRunCreate.task_inputs"],
        // A name of a work pool that does not exist gets 404.
        limited: &["FlowRunCreate.work_pool_name", "FlowRunCreate.work_queue_name"],
        types: &[
            // The server generates them and ignores what is sent.
            ("StateCreate.id", "any"),
            ("StateCreate.timestamp", "any"),
            ("StateDetails.run_input_keyset", "any"),
            ("FlowRunPolicy.retry_delay", "number | null"),
        ],
        // Retry delays have no limit but that of the number type.
        huge: &[("retry_delay", BOTH), ("retry_delay_seconds", BOTH), ("retry_jitter_factor", BOTH)],
        ..Noun::PLAIN
    },
    // Fields of several kinds of objects, and of filters and pages of lists.
    Noun {
        values: &[
            // Each condition alone finds something.
            ("Operator", |_| json!("or_")),
            ("limit", |_| json!(10)),
            ("offset", |_| json!(0)),
        ],
        // A label is any number, text or boolean.
        huge: &[("labels", BOTH)],
        ..Noun::PLAIN
    },
    // Variables.
    Noun {
        // Updates keep the name, by which later requests find the variable.
        values: &[("VariableUpdate.name", |fixture| json!(fixture.name))],
        // A value is JSON, in which a text may have a NUL.
        accepting_nul: &["VariableCreate.value", "VariableUpdate.value"],
        limited: &["VariableCreate.name", "VariableUpdate.name"],
        ..Noun::PLAIN
    },
];

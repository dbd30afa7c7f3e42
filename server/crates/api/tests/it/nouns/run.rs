//! Flow runs, task runs and their states.

use serde_json::json;

use super::{BOTH, Noun};
use crate::contract_file::UNKNOWN_ID;

pub const NOUN: Noun = Noun {
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
};

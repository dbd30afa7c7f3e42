//! The columns of each table that the test fills.

use super::{
    fill::{Dialect, Insert},
    rows::{FEW, Shape},
};
use crate::plain;

/// All rows.
pub const ALL: &str = "1 = 1";

/// The statements that fill a workspace.
pub fn inserts(sql: Dialect) -> Vec<Insert> {
    let mut statements = vec![flows(sql)];
    statements.extend(tags(sql, "flow_tag", "flow_id"));
    statements.push(flow_runs(sql));
    statements.extend(tags(sql, "flow_run_tag", "flow_run_id"));
    statements.push(states(sql, "flow_run_state", "flow_run_id"));
    statements.push(task_runs(sql));
    statements.extend(tags(sql, "task_run_tag", "task_run_id"));
    statements.push(states(sql, "task_run_state", "task_run_id"));
    statements.extend([logs(sql), artifacts(sql)]);
    statements.extend(plain::inserts(sql));
    if matches!(sql.rows.shape, Shape::Paired | Shape::Grouped) {
        statements.push(artifact_collections(sql));
    }
    statements
}

fn flows(sql: Dialect) -> Insert {
    sql.insert(
        "flow",
        ALL,
        &[
            ("id", &sql.id("n")),
            ("name", &sql.name("flow")),
            ("tags", &tag_list(sql)),
            ("labels", "'{}'"),
            ("created", &sql.time()),
            ("updated", &sql.shuffled_time()),
        ],
    )
}

/// The type and the name of the state: few have failed, few have a custom name.
fn state(sql: Dialect) -> (String, String) {
    let step = sql.rows.step();
    match sql.rows.shape {
        Shape::Sparse => ("'RUNNING'".to_owned(), "'Busy'".to_owned()),
        _ => (
            sql.group("'FAILED'", "'COMPLETED'"),
            format!("CASE n % {step} WHEN 2 THEN 'Failed' WHEN 3 THEN 'Fine' ELSE 'Completed' END"),
        ),
    }
}

/// The states of all runs have rows of their own where runs are compared by their states, otherwise one row for all.
fn state_id(sql: Dialect) -> String {
    if sql.rows.shape == Shape::Paired { sql.id("n") } else { sql.id("1") }
}

fn states(sql: Dialect, table: &str, owner: &str) -> Insert {
    let (state_type, name) = state(sql);
    sql.insert(
        table,
        if sql.rows.shape == Shape::Paired { ALL } else { "n = 1" },
        &[
            ("id", &sql.id("n")),
            (owner, &sql.id("n")),
            ("state_type", &state_type),
            ("name", &name),
            ("timestamp", &sql.time()),
            ("state_details", "'{}'"),
        ],
    )
}

fn flow_runs(sql: Dialect) -> Insert {
    let (state_type, state_name) = state(sql);
    let version =
        if sql.rows.shape == Shape::Grouped { sql.ends() } else { sql.nullable(&sql.group("'few'", "'common'")) };
    // The key is unique within a flow.
    let key = if sql.rows.shape == Shape::Paired { sql.group("'few'", "'common'") } else { "NULL".to_owned() };
    sql.insert(
        "flow_run",
        ALL,
        &[
            ("id", &sql.id("n")),
            ("name", &sql.repeated_name("run")),
            ("flow_id", &sql.reference()),
            ("flow_version", &version),
            ("deployment_id", &sql.nullable(&sql.group(&sql.id("1"), &sql.id("2")))),
            ("work_queue_name", &sql.nullable(&sql.group("'few'", "'common'"))),
            ("idempotency_key", &key),
            ("parent_task_run_id", &sql.in_subflow_runs(&sql.id("n"))),
            ("parent_flow_run_id", &sql.in_subflow_runs(&sql.nullable(&sql.reference()))),
            ("parameters", "'{}'"),
            ("context", "'{}'"),
            ("empirical_policy", "'{}'"),
            ("tags", &tag_list(sql)),
            ("labels", "'{}'"),
            ("created_by", &sql.nullable("'{}'")),
            ("created_by_id", &sql.nullable(&sql.group(&sql.id("1"), &sql.id("2")))),
            ("created_by_type", &sql.nullable(&sql.group("'few'", "'common'"))),
            ("auto_scheduled", "FALSE"),
            ("state_id", &state_id(sql)),
            ("state_type", &state_type),
            ("state_name", &state_name),
            ("state_timestamp", &sql.time()),
            ("run_count", "1"),
            ("expected_start_time", &sql.time()),
            ("next_scheduled_start_time", &sql.nullable(&sql.shuffled_time())),
            ("start_time", &sql.nullable(&sql.time())),
            ("end_time", &sql.nullable(&sql.shuffled_time())),
            ("total_run_time", "0"),
            ("created", &sql.time()),
            ("updated", &sql.shuffled_time()),
        ],
    )
}

fn task_runs(sql: Dialect) -> Insert {
    let (state_type, state_name) = state(sql);
    sql.insert(
        "task_run",
        ALL,
        &[
            ("id", &sql.id("n")),
            ("name", &sql.repeated_name("task")),
            ("flow_run_id", &sql.nullable(&sql.reference())),
            ("task_key", "'task'"),
            ("dynamic_key", "CAST(n AS TEXT)"),
            ("empirical_policy", "'{}'"),
            ("task_inputs", "'{}'"),
            ("tags", &tag_list(sql)),
            ("labels", "'{}'"),
            ("state_id", &state_id(sql)),
            ("state_type", &state_type),
            ("state_name", &state_name),
            ("state_timestamp", &sql.time()),
            ("run_count", "1"),
            ("flow_run_run_count", "1"),
            ("expected_start_time", &sql.nullable(&sql.time())),
            ("next_scheduled_start_time", &sql.nullable(&sql.shuffled_time())),
            ("start_time", &sql.nullable(&sql.time())),
            ("end_time", &sql.nullable(&sql.shuffled_time())),
            ("total_run_time", "0"),
            ("created", &sql.time()),
            ("has_subflow_run", &sql.is_subflow_run()),
            ("updated", &sql.shuffled_time()),
        ],
    )
}

fn logs(sql: Dialect) -> Insert {
    let level = format!("CASE n % {} WHEN 2 THEN 40 WHEN 3 THEN 10 ELSE 20 END", sql.rows.step());
    sql.insert(
        "log",
        ALL,
        &[
            ("id", &sql.id("n")),
            ("flow_run_id", &sql.reference()),
            ("task_run_id", &sql.nullable(&sql.reference())),
            ("name", "'prefect.task_runs'"),
            ("level", &level),
            ("message", &sql.name("line")),
            ("timestamp", &sql.time()),
            ("created", &sql.time()),
        ],
    )
}

fn artifacts(sql: Dialect) -> Insert {
    let key = match sql.rows.shape {
        Shape::Paired => sql.name("key"),
        _ => sql.nullable("'key-same'"),
    };
    sql.insert(
        "artifact",
        ALL,
        &[
            ("id", &sql.id("n")),
            ("key", &key),
            ("artifact_type", &sql.group("'table'", "'result'")),
            ("description", &sql.nullable(&sql.name("about"))),
            ("data", "'1'"),
            ("flow_run_id", &sql.nullable(&sql.reference())),
            ("task_run_id", &sql.nullable(&sql.reference())),
            ("created", &sql.time()),
            ("updated", &sql.shuffled_time()),
        ],
    )
}

fn artifact_collections(sql: Dialect) -> Insert {
    sql.insert(
        "artifact_collection",
        ALL,
        &[
            ("id", &sql.id("n")),
            ("key", &sql.name("key")),
            ("latest_id", &sql.id("n")),
            ("artifact_type", &sql.group("'table'", "'result'")),
            ("kind", &sql.group("'table'", "'markdown'")),
            ("flow_run_id", &sql.nullable(&sql.reference())),
            ("task_run_id", &sql.nullable(&sql.reference())),
            ("created", &sql.time()),
            ("updated", &sql.shuffled_time()),
        ],
    )
}

/// Every row that has tags has one of these if it fulfils the condition.
fn tag_names(sql: Dialect) -> [(&'static str, String); 3] {
    let common = if sql.rows.shape == Shape::Sparse { "1 = 0" } else { ALL };
    [
        ("common", common.to_owned()),
        ("few", format!("n % {} = 2", sql.rows.step())),
        ("last", format!("n > {}", if sql.rows.shape == Shape::Paired { sql.rows.count - FEW } else { i64::MAX })),
    ]
}

/// The rows of a table of tags.
pub fn tags(sql: Dialect, table: &str, owner: &str) -> Vec<Insert> {
    let insert = |(tag, condition): (&str, String)| {
        let condition = format!("{} AND {condition}", sql.present(sql.rows.shape));
        sql.insert(table, &condition, &[(owner, &sql.id("n")), ("tag", &format!("'{tag}'"))])
    };
    tag_names(sql).into_iter().map(insert).collect()
}

/// The same tags as a JSON array.
pub fn tag_list(sql: Dialect) -> String {
    let each = tag_names(sql).map(|(tag, condition)| format!("CASE WHEN {condition} THEN ',\"{tag}\"' ELSE '' END"));
    format!(
        "CASE WHEN {} THEN '[' || substr({}, 2) || ']' ELSE '[]' END",
        sql.present(sql.rows.shape),
        each.join(" || ")
    )
}

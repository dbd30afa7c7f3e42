//! Whether a scoped statement restricts each table of a workspace, in each part of its text, to the workspace in `$1`.

use testkit::Backend;

use crate::schema;

/// A table that is not restricted, if there is one.
pub fn unrestricted_table(text: &str) -> Option<String> {
    unrestricted_in(&words(text), &[])
}

/// The words of a text; names keep their qualifier, and each sign is a word.
fn words(text: &str) -> Vec<&str> {
    let is_sign = |c: char| !c.is_alphanumeric() && !"_.$".contains(c);
    let mut words = Vec::new();
    for piece in text.split_inclusive(is_sign) {
        let (word, sign) = piece.find(is_sign).map_or((piece, ""), |at| piece.split_at(at));
        words.extend([word, sign.trim()].into_iter().filter(|word| !word.is_empty()));
    }
    words
}

/// The same in one part and its subselects. `outer` has the restricted columns of the enclosing parts.
fn unrestricted_in(text: &[&str], outer: &[String]) -> Option<String> {
    let (own, inner) = split_subselects(text);
    let (tables, inserts) = workspace_tables(&own);
    let mut restricted: Vec<String> = outer.iter().filter(|column| column.contains('.')).cloned().collect();
    // As often as a chain of joins can be long.
    for _ in 0..=tables.len() {
        for pair in own.windows(3).filter(|words| words[1] == "=") {
            for (left, right) in [(pair[0], pair[2]), (pair[2], pair[0])] {
                if right == "$1" || restricted.iter().any(|column| column == right) {
                    restricted.push(left.to_owned());
                }
            }
        }
    }
    let is_restricted = |(table, qualifier): &(&str, &str)| {
        let column = if *table == "workspace" { "id" } else { "workspace_id" };
        let names = [column.to_owned(), format!("{qualifier}.{column}")];
        restricted.iter().any(|name| names.contains(name))
    };
    let missing = tables.iter().find(|table| !is_restricted(table)).map(|(table, _)| (*table).to_owned());
    let missing =
        missing.or_else(|| inserts.into_iter().find(|table| !inserts_workspace(&own, table)).map(String::from));
    missing.or_else(|| inner.iter().find_map(|part| unrestricted_in(part, &restricted)))
}

/// The words outside of subselects, and the words of each subselect.
fn split_subselects<'t>(text: &[&'t str]) -> (Vec<&'t str>, Vec<Vec<&'t str>>) {
    let (mut own, mut inner, mut at) = (Vec::new(), Vec::new(), 0);
    while at < text.len() {
        if text[at] == "(" && text.get(at + 1) == Some(&"SELECT") {
            let mut depth = 0;
            let end = text[at..].iter().position(|word| {
                depth += i32::from(*word == "(") - i32::from(*word == ")");
                depth == 0
            });
            let end = at + end.expect("parentheses are closed");
            inner.push(text[at + 1..end].to_vec());
            own.push("()");
            at = end;
        } else {
            own.push(text[at]);
        }
        at += 1;
    }
    (own, inner)
}

/// The tables of workspaces that a part reads or changes, with their aliases, and those that it inserts into.
fn workspace_tables<'t>(part: &[&'t str]) -> (Vec<(&'t str, &'t str)>, Vec<&'t str>) {
    let known: Vec<_> = schema::tables(Backend::Sqlite)
        .iter()
        .filter(|table| table.is_of_workspace())
        .map(|table| table.name)
        .collect();
    let (mut tables, mut inserts, mut in_from) = (Vec::new(), Vec::new(), false);
    for (at, pair) in part.windows(2).enumerate() {
        let table = pair[1];
        in_from = match pair[0] {
            "FROM" => true,
            "SELECT" | "SET" | "WHERE" | "VALUES" => false,
            _ => in_from,
        };
        match pair[0] {
            _ if table != "workspace" && !known.contains(&table) => {}
            "INTO" => inserts.push(table),
            "," if !in_from => {}
            "FROM" | "JOIN" | "UPDATE" | "USING" | "," => {
                let alias = part.get(at + 2).filter(|word| word.chars().all(|c| c.is_lowercase() || c == '_'));
                tables.push((table, *alias.unwrap_or(&table)));
            }
            _ => {}
        }
    }
    (tables, inserts)
}

/// Whether the first column that a part inserts is the workspace, and its value is `$1`.
fn inserts_workspace(part: &[&str], table: &str) -> bool {
    let columns = part.windows(4).any(|words| matches!(words, ["INTO", of, "(", "workspace_id"] if *of == table));
    let starts: Vec<_> =
        part.windows(3).filter(|words| matches!(words[0], "VALUES" | "SELECT" | ",") && words[1] == "(").collect();
    let selects = part.windows(2).any(|words| words == ["SELECT", "$1"]);
    columns && (selects || !starts.is_empty() && starts.iter().all(|words| words[2] == "$1"))
}

#[test]
fn each_part_of_a_statement_must_compare_the_workspace() {
    for text in [
        "SELECT id FROM flow WHERE workspace_id = $1 AND id = $2",
        "SELECT r.id FROM flow_run r JOIN flow f ON f.workspace_id = r.workspace_id AND f.id = r.flow_id WHERE r.workspace_id = $1",
        "SELECT w.id FROM workspace w WHERE w.id = $1",
        "SELECT r.id, (SELECT COUNT(*) FROM task_run t WHERE t.workspace_id = r.workspace_id) FROM flow_run r WHERE r.workspace_id = $1",
        "INSERT INTO flow (workspace_id, id) VALUES ($1, $2), ($1, $3)",
        "INSERT INTO flow (workspace_id, id) SELECT $1, id FROM flow f WHERE f.workspace_id = $1",
    ] {
        assert_eq!(unrestricted_table(text), None, "{text}");
    }
    for (text, table) in [
        ("SELECT id FROM flow WHERE flow_id = $1", "flow"),
        ("SELECT workspace_id FROM flow WHERE id = $1", "flow"),
        ("SELECT id FROM workspace WHERE account_id = $1", "workspace"),
        ("SELECT id FROM flow WHERE workspace_id = $10", "flow"),
        ("SELECT r.id FROM flow_run r JOIN flow f ON f.id = r.flow_id WHERE r.workspace_id = $1", "flow"),
        (
            "SELECT id FROM flow WHERE workspace_id = $1 AND id IN (SELECT flow_id FROM flow_run WHERE flow_id = $1)",
            "flow_run",
        ),
        ("SELECT r.id FROM flow_run r, flow f WHERE f.workspace_id = r.workspace_id", "flow_run"),
        ("INSERT INTO flow (workspace_id, id) VALUES ($2, $1)", "flow"),
        ("INSERT INTO flow (id, workspace_id) VALUES ($1, $2)", "flow"),
    ] {
        assert_eq!(unrestricted_table(text).as_deref(), Some(table), "{text}");
    }
}

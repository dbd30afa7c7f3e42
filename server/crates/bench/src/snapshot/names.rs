//! Replaces names that a client or server generates with a placeholder. Must not change a name that a script sets.

use super::rows::{FlowRunRow, Rows, TaskRunRow};

const GENERATED: &str = "<generated>";

/// The generated flow run names of one workspace.
pub struct Names {
    flow_runs: Vec<String>,
}

impl Names {
    pub fn of(rows: &Rows) -> Self {
        let names = rows.flow_runs.iter().map(|(row, _)| row.run.name.clone());
        Self { flow_runs: names.filter(|name| is_two_words(name)).collect() }
    }

    pub fn flow_run(&self, row: &FlowRunRow) -> String {
        if is_two_words(&row.run.name) { GENERATED.to_owned() } else { row.run.name.clone() }
    }

    pub fn task_run(&self, row: &TaskRunRow) -> String {
        task_run(&row.run.name, &row.task_key, &row.dynamic_key)
    }

    /// The message without generated names of flow runs and without the frames of a Python traceback, which contain paths of the
    /// machine.
    pub fn message(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for name in &self.flow_runs {
            text = text.replace(&format!("'{name}'"), &format!("'{GENERATED}'"));
        }
        const FRAMES: &str = "Traceback (most recent call last):\n";
        if let (Some(frames), Some(last)) = (text.find(FRAMES), text.trim_end().rfind('\n')) {
            text.replace_range(frames + FRAMES.len()..=last, "…\n");
        }
        text
    }
}

/// The task key without the hash of the function's code.
pub fn task_key(key: &str) -> String {
    match function_of(key) {
        Some(function) => format!("{function}-{GENERATED}"),
        None => key.to_owned(),
    }
}

pub fn dynamic_key(key: &str) -> &str {
    if is_uuid(key) { GENERATED } else { key }
}

fn task_run(name: &str, key: &str, dynamic_key: &str) -> String {
    let tail = dynamic_key.get(..3).filter(|_| is_uuid(dynamic_key));
    if let (Some(tail), Some((task, suffix))) = (tail, name.rsplit_once('-'))
        && suffix == tail
    {
        return format!("{task}-{GENERATED}");
    }
    // With client 2.20 the server names the task run that represents a subflow.
    let function = function_of(key).unwrap_or(key);
    if is_two_words(name) && !name.starts_with(function) { GENERATED.to_owned() } else { name.to_owned() }
}

/// The function's name in a key of the form `name-8hex`.
fn function_of(key: &str) -> Option<&str> {
    let (function, hash) = key.rsplit_once('-')?;
    (hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(function)
}

/// Whether the name has the form `adjective-animal`, with which servers and old clients name runs.
fn is_two_words(name: &str) -> bool {
    let is_word = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    name.split_once('-').is_some_and(|(first, second)| is_word(first) && is_word(second))
}

fn is_uuid(text: &str) -> bool {
    let groups = [8, 4, 4, 4, 12];
    text.split('-').map(str::len).eq(groups) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::{Names, dynamic_key, task_key, task_run};

    const UUID: &str = "9afb2083-2f71-4a47-b885-97e26268723e";

    #[test]
    fn only_generated_names_are_replaced() {
        let cases = [
            ("failing-9af", "failing-ed0569f9", UUID, "failing-<generated>"),
            ("failing-9ae", "failing-ed0569f9", UUID, "failing-9ae"),
            ("double-25", "double-7c082894", "25", "double-25"),
            ("double-718afc09-0", "__main__.double", "0", "double-718afc09-0"),
            ("military-griffin", "child-a012c51e", "0", "<generated>"),
            ("Military griffin", "child-a012c51e", "0", "Military griffin"),
        ];
        for (name, key, dynamic, expected) in cases {
            assert_eq!(task_run(name, key, dynamic), expected, "{name}");
        }
    }

    #[test]
    fn hashes_in_keys_are_replaced() {
        assert_eq!(task_key("double-7c082894"), "double-<generated>");
        assert_eq!(task_key("__main__.double"), "__main__.double");
        assert_eq!(dynamic_key(UUID), "<generated>");
        assert_eq!(dynamic_key("25"), "25");
    }

    #[test]
    fn messages_lose_only_run_names_and_traceback_frames() {
        let names = Names { flow_runs: vec!["quiet-heron".to_owned()] };
        assert_eq!(names.message("Beginning flow run 'quiet-heron'"), "Beginning flow run '<generated>'");
        assert_eq!(names.message("a quiet-heron\nflies"), "a quiet-heron\nflies");
        let traceback =
            "It broke:\nTraceback (most recent call last):\n  File \"x.py\", line 1\n    a()\nValueError: no";
        assert_eq!(names.message(traceback), "It broke:\nTraceback (most recent call last):\n…\nValueError: no");
    }
}

//! Names that are made up while a client runs, and what stands for them. Must not touch a name that somebody chose.

use super::rows::{FlowRunRow, Rows, TaskRunRow};

const MADE_UP: &str = "<generated>";

/// The made-up names of one reading.
pub struct Names {
    flow_runs: Vec<String>,
}

impl Names {
    pub fn of(rows: &Rows) -> Self {
        let names = rows.flow_runs.iter().map(|(row, _)| row.run.name.clone());
        Self { flow_runs: names.filter(|name| is_two_words(name)).collect() }
    }

    pub fn flow_run(&self, row: &FlowRunRow) -> String {
        if is_two_words(&row.run.name) { MADE_UP.to_owned() } else { row.run.name.clone() }
    }

    pub fn task_run(&self, row: &TaskRunRow) -> String {
        task_run(&row.run.name, &row.task_key, &row.dynamic_key)
    }

    /// A message without what one machine or one run put into it: names of flow runs, and the frames of a Python
    /// traceback, which are the client's own files.
    pub fn message(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for name in &self.flow_runs {
            text = text.replace(&format!("'{name}'"), &format!("'{MADE_UP}'"));
        }
        const FRAMES: &str = "Traceback (most recent call last):\n";
        if let (Some(frames), Some(last)) = (text.find(FRAMES), text.trim_end().rfind('\n')) {
            text.replace_range(frames + FRAMES.len()..=last, "…\n");
        }
        text
    }
}

/// The key without the hash of the function's code.
pub fn task_key(key: &str) -> String {
    match hashed(key) {
        Some(function) => format!("{function}-{MADE_UP}"),
        None => key.to_owned(),
    }
}

pub fn dynamic_key(key: &str) -> &str {
    if is_uuid(key) { MADE_UP } else { key }
}

fn task_run(name: &str, key: &str, dynamic_key: &str) -> String {
    let tail = dynamic_key.get(..3).filter(|_| is_uuid(dynamic_key));
    if let (Some(tail), Some((task, suffix))) = (tail, name.rsplit_once('-'))
        && suffix == tail
    {
        return format!("{task}-{MADE_UP}");
    }
    // 2.20 lets the server name the task run that stands for a subflow.
    let function = hashed(key).unwrap_or(key);
    if is_two_words(name) && !name.starts_with(function) { MADE_UP.to_owned() } else { name.to_owned() }
}

/// The function's name in `name-8hex`.
fn hashed(key: &str) -> Option<&str> {
    let (function, hash) = key.rsplit_once('-')?;
    (hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(function)
}

/// `adjective-animal`, as servers and old clients name runs.
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
    fn only_made_up_names_are_replaced() {
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
    fn keys_lose_their_hashes() {
        assert_eq!(task_key("double-7c082894"), "double-<generated>");
        assert_eq!(task_key("__main__.double"), "__main__.double");
        assert_eq!(dynamic_key(UUID), "<generated>");
        assert_eq!(dynamic_key("25"), "25");
    }

    #[test]
    fn messages_lose_names_and_frames_and_nothing_else() {
        let names = Names { flow_runs: vec!["quiet-heron".to_owned()] };
        assert_eq!(names.message("Beginning flow run 'quiet-heron'"), "Beginning flow run '<generated>'");
        assert_eq!(names.message("a quiet-heron\nflies"), "a quiet-heron\nflies");
        let traceback =
            "It broke:\nTraceback (most recent call last):\n  File \"x.py\", line 1\n    a()\nValueError: no";
        assert_eq!(names.message(traceback), "It broke:\nTraceback (most recent call last):\n…\nValueError: no");
    }
}

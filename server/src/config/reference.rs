//! Generates `SETTINGS.md` from the table of settings.

use std::{fmt::Write as _, fs};

use super::settings::{Flag, TABLE};

const INTRO: &str = "\
# Settings

Each setting is a key of `provost.toml`, a variable, and in some cases a flag. A flag overrides a variable, which overrides the file.
This file is generated from `src/config/settings.rs` by the test `settings_reference_is_up_to_date`.

| key | variable | flag | value | default | description |
|---|---|---|---|---|---|
";

fn reference() -> String {
    let mut text = INTRO.to_owned();
    for row in TABLE {
        let flag = if row.flag == Flag::None { String::new() } else { format!("`--{}`", row.flag_name()) };
        let (key, variable, expected) = (row.key, row.variable(), (row.expected)());
        writeln!(text, "| `{key}` | `{variable}` | {flag} | {expected} | {} | {} |", row.default, row.help)
            .expect("a String accepts every text");
    }
    text
}

#[test]
fn settings_reference_is_up_to_date() {
    let (path, expected) = (concat!(env!("CARGO_MANIFEST_DIR"), "/SETTINGS.md"), reference());
    if fs::read_to_string(path).is_ok_and(|text| text == expected) {
        return;
    }
    fs::write(path, expected).unwrap();
    panic!("SETTINGS.md was out of date and is generated again now: commit it");
}

//! Generates `SETTINGS.md` from the table of settings.

use std::{fmt::Write as _, fs};

use super::{
    provider_table,
    settings::{Flag, TABLE},
};

const INTRO: &str = "\
# Settings

Each setting is a key of `provost.toml`, a variable, and in some cases a flag. A flag overrides a variable, which overrides the file.
This file is generated from `src/config/settings.rs` and `provider_table.rs` by the test `settings_reference_is_up_to_date`.

| key | variable | flag | value | default | description |
|---|---|---|---|---|---|
";

const PROVIDERS: &str = "
## Identity providers

Each provider is a table `[providers.NAME]` of `provost.toml`, or variables, or both. `NAME` is 1 to 31 of a to z, 0 to 9 and `-`; it is
part of the callback URL. In a variable it is in capital letters with `_` for `-`: `PROVOST_PROVIDERS_MY_COMPANY_KIND` is `kind` of
`[providers.my-company]`. A provider exists if any of its keys is set, and then needs all that are required.

| key | variable | of kind | value | default | description |
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
    text + PROVIDERS + &providers()
}

fn providers() -> String {
    let row = |row: &provider_table::ProviderRow| {
        let kinds: Vec<_> = row.kinds.iter().map(|kind| kind.as_str()).collect();
        let (key, variable, expected) = (row.key, provider_table::variable("NAME", row.key), (row.expected)());
        let kinds = if kinds.len() == 3 { "every".to_owned() } else { kinds.join(", ") };
        format!("| `{key}` | `{variable}` | {kinds} | {expected} | {} | {} |\n", row.default, row.help)
    };
    provider_table::TABLE.iter().map(row).collect()
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

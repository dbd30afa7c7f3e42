//! The field for a variable's value: its kind, and the value, which is checked while it is typed.

use leptos::prelude::*;
use model::{
    screen::{InvalidValue, ValueKind},
    validation::sentence,
    variable::MAX_VALUE_CHARACTERS,
};
use ui::prelude::*;

use super::fields::Fields;

const KINDS: [(ValueKind, &str); 4] = [
    (ValueKind::Text, "Text"),
    (ValueKind::Number, "Number"),
    (ValueKind::Boolean, "Boolean"),
    (ValueKind::Json, "JSON"),
];

/// The result of checking a value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Check {
    error: Option<String>,
    /// The line of the error.
    line: Option<usize>,
    note: String,
    characters: usize,
}

fn check(kind: ValueKind, text: &str) -> Check {
    if text.is_empty() || (kind != ValueKind::Text && text.trim().is_empty()) {
        // Not an error yet: the person has only begun.
        let note = match kind {
            ValueKind::Number => "Enter a number, such as 48, -0.5 or 1e6",
            ValueKind::Json => "Enter JSON, such as [1, 2] or {\"key\": \"value\"}",
            ValueKind::Text | ValueKind::Boolean => "",
        };
        return Check { note: note.to_owned(), ..Check::default() };
    }
    match kind.check(text) {
        Ok((shape, characters)) => {
            let note = if kind == ValueKind::Json { format!("Valid JSON, {shape}") } else { String::new() };
            Check { note, characters, ..Check::default() }
        }
        Err(why) => {
            let (line, characters) = match why {
                InvalidValue::NotJson(error) => (Some(error.line), text.chars().count()),
                InvalidValue::TooLong(error) => (None, error.characters),
                InvalidValue::NotANumber | InvalidValue::NotABoolean => (None, text.chars().count()),
            };
            Check { error: Some(sentence(&why.to_string())), line, characters, note: String::new() }
        }
    }
}

/// Whether the value can be stored. A boolean is chosen, so it always can.
pub fn is_valid(fields: Fields) -> bool {
    let kind = fields.kind.get();
    kind == ValueKind::Boolean || fields.text.with(|text| kind.check(text).is_ok())
}

/// The field.
#[component]
pub fn ValueField(fields: Fields) -> impl IntoView {
    let Fields { kind, text, .. } = fields;
    let checked = Memo::new(move |_| text.with(|text| check(kind.get(), text)));
    let choose = move |chosen: ValueKind| {
        text.update(|text| *text = kind.get_untracked().converted(text, chosen));
        kind.set(chosen);
    };
    let kinds = KINDS.map(|(value, label)| {
        let initial = kind.get_untracked() == value;
        view! {
            <label>
                <input type="radio" class="sr" name="kind" value=value.as_str() checked=initial on:change=move |_| choose(value) />
                {label}
            </label>
        }
    });
    let used = move || {
        format!(
            "{} of {}",
            grouped(checked.with(|check| check.characters) as u64),
            grouped(MAX_VALUE_CHARACTERS as u64)
        )
    };
    // Which of the two controls is visible is decided by the style sheet, so that it also works without scripts.
    view! {
        <div class="field valuef">
            <div class="flex">
                <span class="lab grow">"Value"</span>
                <div class="seg small" role="radiogroup" aria-label="Value type">
                    {kinds.into_iter().collect_view()}
                </div>
            </div>
            <CodeArea
                label="Value"
                name="value"
                bind=text
                json=Signal::derive(move || kind.get() == ValueKind::Json)
                error=Signal::derive(move || checked.with(|check| check.error.clone()))
                error_line=Signal::derive(move || checked.with(|check| check.line))
                note=Signal::derive(move || checked.with(|check| check.note.clone()))
                used=Signal::derive(used)
            />
            <BooleanSelect text />
        </div>
    }
    .into_any()
}

#[component]
fn BooleanSelect(text: RwSignal<String>) -> impl IntoView {
    let is_true = move || text.with(|text| text.trim() == "true");
    let initial = is_true();
    view! {
        <span class="boxed boolf">
            <select
                class="select"
                name="flag"
                aria-label="Value"
                prop:value=move || is_true().to_string()
                on:change=move |event| text.set(event_target_value(&event))
            >
                <option value="true" selected=initial>
                    "true"
                </option>
                <option value="false" selected=!initial>
                    "false"
                </option>
            </select>
            <Glyph icon=Icon::Down />
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use model::screen::ValueKind;

    use super::check;

    #[test]
    fn json_is_described_or_its_error_named() {
        let valid = check(ValueKind::Json, "{\"a\": 1, \"b\": [2]}");
        assert_eq!((valid.note.as_str(), valid.characters), ("Valid JSON, an object with 2 keys", 15));
        let invalid = check(ValueKind::Json, "{\n\"a\": 1,\n}");
        assert_eq!(invalid.error.as_deref(), Some("Line 3: a comma before } or ] isn’t allowed."));
        assert_eq!(invalid.line, Some(3));
    }

    #[test]
    fn an_empty_field_shows_how_to_write_the_value() {
        for kind in [ValueKind::Number, ValueKind::Json] {
            let empty = check(kind, " ");
            assert!(empty.error.is_none() && !empty.note.is_empty(), "{kind:?}");
        }
        assert!(check(ValueKind::Number, "4 8").error.is_some());
        assert_eq!(check(ValueKind::Text, "4 8").characters, 5, "with the quotes of JSON");
    }
}

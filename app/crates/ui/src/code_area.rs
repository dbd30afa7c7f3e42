//! A text area for values and JSON. For JSON, a coloured copy with line numbers lies under the text, which is itself transparent.

use leptos::{html, prelude::*};

use crate::{
    code::colour_line,
    field::{id_of, sync_control},
    icon::{Glyph, Icon},
};

/// Longer texts stay without colours, because every key press colours the text anew.
const MAX_COLOURED_BYTES: usize = 40_000;

/// Several lines of code with the result of the check below. It shows colours and line numbers while `json` is true.
#[component]
pub fn CodeArea(
    #[prop(into)] label: String,
    /// The name in the form data.
    #[prop(into)]
    name: String,
    /// The signal that holds the text.
    bind: RwSignal<String>,
    #[prop(into)] json: Signal<bool>,
    /// Why the text is not valid.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The line of the error, from 1 on.
    #[prop(into)]
    error_line: Signal<Option<usize>>,
    /// What the text is, while there is no error.
    #[prop(into)]
    note: Signal<String>,
    /// How much of the limit is used.
    #[prop(into)]
    used: Signal<String>,
) -> impl IntoView {
    let id = id_of(&name);
    let note_id = format!("{id}-note");
    let node = NodeRef::<html::Textarea>::new();
    sync_control(move || node.get(), bind);
    // Before hydration the copy would not follow the typed text.
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    let coloured =
        Memo::new(move |_| hydrated.get() && json.get() && bind.with(|text| text.len() <= MAX_COLOURED_BYTES));
    let is_invalid = move || error.with(Option::is_some);
    view! {
        <div class="codebox" class:lit=move || coloured.get() class:is-err=is_invalid>
            <div class="code" aria-hidden="true">
                {move || coloured.get().then(|| bind.with(|text| lines(text, error_line.get())))}
            </div>
            <textarea
                node_ref=node
                id=id
                name=name
                class="input"
                aria-label=label
                rows="3"
                spellcheck="false"
                autocapitalize="off"
                autocomplete="off"
                aria-invalid=move || is_invalid().then_some("true")
                aria-describedby=note_id.clone()
                on:input=move |event| bind.set(event_target_value(&event))
            >
                {bind.get_untracked()}
            </textarea>
        </div>
        <div class="flex codenote">
            <span class="grow" id=note_id role="status">
                {move || note_view(error.get(), note.get())}
            </span>
            <span class="hint">{move || used.get()}</span>
        </div>
    }
    .into_any()
}

/// The text line by line. An empty last line is a line, too.
fn lines(text: &str, error_line: Option<usize>) -> AnyView {
    let line = |(index, line): (usize, &str)| {
        view! { <div class:bad=error_line == Some(index + 1)>{colour_line(line)}</div> }
    };
    text.split('\n').enumerate().map(line).collect_view().into_any()
}

fn note_view(error: Option<String>, note: String) -> AnyView {
    match error {
        Some(error) => view! {
            <span class="err">
                <Glyph icon=Icon::Warn />
                {error}
            </span>
        }
        .into_any(),
        None => view! { <span class="hint">{note}</span> }.into_any(),
    }
}

//! Form fields: label above, hint or error below. They keep a text that was typed before hydration.

use leptos::{html, prelude::*};

use crate::{
    icon::{Glyph, Icon},
    number::grouped,
};

/// The type of a text field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum InputKind {
    #[default]
    Text,
    Email,
    Password,
    /// A date and a time of day.
    DateTimeLocal,
}

impl InputKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Password => "password",
            Self::DateTimeLocal => "datetime-local",
        }
    }
}

/// The id of a field, derived from its name: `input[email]` becomes `input-email`.
pub(crate) fn id_of(name: &str) -> String {
    let mut id: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    id.truncate(id.trim_end_matches('-').len());
    id
}

/// The label, the control (children), and the hint or the error.
#[component]
fn FieldFrame(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    optional: bool,
    #[prop(into)] hint: Signal<Option<String>>,
    #[prop(into)] error: Signal<Option<String>>,
    /// Whether the hint counts, and is therefore at the right.
    #[prop(optional)]
    counts: bool,
    children: Children,
) -> impl IntoView {
    let hint_class = if counts { "hint num" } else { "hint" };
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let below = move || match (error.get(), hint.get()) {
        (Some(error), _) => view! {
            <span class="err" id=error_id.clone() role="alert">
                <Glyph icon=Icon::Warn />
                {error}
            </span>
        }
        .into_any(),
        (None, Some(hint)) => view! { <span class=hint_class id=hint_id.clone()>{hint}</span> }.into_any(),
        (None, None) => ().into_any(),
    };
    view! {
        <div class="field">
            <label for=id>{label} {optional.then(|| view! { <i>"Optional"</i> })}</label>
            {children()}
            {below}
        </div>
    }
}

/// The id of the hint or the error below a field, if there is one.
fn described_by(
    id: &str,
    hint: Signal<Option<String>>,
    error: Signal<Option<String>>,
) -> impl Fn() -> Option<String> + Clone + Send + use<> {
    let id = id.to_owned();
    move || match (error.with(Option::is_some), hint.with(Option::is_some)) {
        (true, _) => Some(format!("{id}-error")),
        (false, true) => Some(format!("{id}-hint")),
        (false, false) => None,
    }
}

fn invalid(error: Signal<Option<String>>) -> impl Fn() -> Option<&'static str> + Clone + Send + use<> {
    move || error.with(Option::is_some).then_some("true")
}

/// The common interface of `<input>` and `<textarea>`.
pub(crate) trait TextControl {
    fn text(&self) -> String;
    fn set_text(&self, text: &str);
}

impl TextControl for web_sys::HtmlInputElement {
    fn text(&self) -> String {
        self.value()
    }
    fn set_text(&self, text: &str) {
        self.set_value(text);
    }
}

impl TextControl for web_sys::HtmlTextAreaElement {
    fn text(&self) -> String {
        self.value()
    }
    fn set_text(&self, text: &str) {
        self.set_value(text);
    }
}

/// Synchronizes signal and control. On mount the control's text wins, because the person may have typed before hydration.
pub(crate) fn sync_control<T: TextControl>(control: impl Fn() -> Option<T> + 'static, value: RwSignal<String>) {
    Effect::new(move |mounted: Option<bool>| {
        let text = value.get();
        let Some(control) = control() else { return false };
        let typed = control.text();
        if typed != text {
            if mounted == Some(true) {
                control.set_text(&text);
            } else {
                value.set(typed);
            }
        }
        true
    });
}

/// A line of text.
#[component]
pub fn TextField(
    #[prop(into)] label: String,
    /// The name in the form data.
    #[prop(into)]
    name: String,
    #[prop(optional, into)] kind: Signal<InputKind>,
    /// The signal that holds the text. Without it the field has a signal of its own that starts with `value`.
    #[prop(optional)]
    bind: Option<RwSignal<String>>,
    #[prop(optional, into)] value: String,
    #[prop(optional)] optional: bool,
    /// Whether the server or the page derives an empty value from another field: then the field is not labelled as optional.
    #[prop(optional)]
    derived: bool,
    #[prop(optional)] large: bool,
    #[prop(optional, into)] hint: Signal<Option<String>>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    /// The `autocomplete` attribute, such as "username".
    #[prop(optional, into)]
    autocomplete: String,
    #[prop(optional, into)] placeholder: String,
    #[prop(optional)] max: Option<u32>,
    #[prop(optional)] autofocus: bool,
    /// At the right of the control: a button.
    #[prop(optional, into)]
    beside: Option<ViewFnOnce>,
) -> impl IntoView {
    let id = id_of(&name);
    let bound = bind.unwrap_or_else(|| RwSignal::new(value));
    let node = NodeRef::<html::Input>::new();
    sync_control(move || node.get(), bound);
    let input = view! {
        <input
            node_ref=node
            class=if large { "input lg" } else { "input" }
            id=id.clone()
            name=name
            type=move || kind.get().as_str()
            value=bound.get_untracked()
            required=!(optional || derived)
            maxlength=max
            autofocus=autofocus
            autocomplete=(!autocomplete.is_empty()).then_some(autocomplete)
            placeholder=(!placeholder.is_empty()).then_some(placeholder)
            aria-invalid=invalid(error)
            aria-describedby=described_by(&id, hint, error)
            on:input=move |event| bound.set(event_target_value(&event))
        />
    };
    let control = match beside {
        Some(beside) => view! { <span class="flex">{input} {beside.run()}</span> }.into_any(),
        None => input.into_any(),
    };
    view! {
        <FieldFrame id label optional hint error>
            {control}
        </FieldFrame>
    }
}

/// Several lines of text. With `max`, a hint shows how many characters are used.
#[component]
pub fn TextArea(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(optional)] bind: Option<RwSignal<String>>,
    #[prop(optional, into)] value: String,
    #[prop(optional)] optional: bool,
    #[prop(default = 3)] rows: u32,
    #[prop(optional)] max: Option<u32>,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let id = id_of(&name);
    let bound = bind.unwrap_or_else(|| RwSignal::new(value));
    let node = NodeRef::<html::Textarea>::new();
    sync_control(move || node.get(), bound);
    let used = Signal::derive(move || {
        let count = bound.with(|text| text.chars().count()) as u64;
        max.map(|max| format!("{} of {}", grouped(count), grouped(max.into())))
    });
    view! {
        <FieldFrame id=id.clone() label optional hint=used error counts=true>
            <textarea
                node_ref=node
                class="input"
                id=id.clone()
                name=name
                rows=rows
                required=!optional
                maxlength=max
                aria-invalid=invalid(error)
                aria-describedby=described_by(&id, used, error)
                on:input=move |event| bound.set(event_target_value(&event))
            >
                {bound.get_untracked()}
            </textarea>
        </FieldFrame>
    }
}

/// An option of a select: the value that is sent and the label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    /// Creates a choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

fn options(choices: Vec<Choice>, chosen: &str) -> impl IntoView + use<> {
    choices
        .into_iter()
        .map(|Choice { value, label }| {
            let selected = value == chosen;
            view! {
                <option value=value selected=selected>
                    {label}
                </option>
            }
        })
        .collect_view()
}

/// A select with its label above.
#[component]
pub fn SelectField(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    choices: Vec<Choice>,
    /// The initial value.
    #[prop(optional, into)]
    value: String,
    #[prop(optional, into)] hint: Signal<Option<String>>,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let id = id_of(&name);
    view! {
        <FieldFrame id=id.clone() label optional=false hint error>
            <span class="boxed">
                <select class="select" id=id.clone() name=name aria-invalid=invalid(error) aria-describedby=described_by(&id, hint, error)>
                    {options(choices, &value)}
                </select>
                <Glyph icon=Icon::Down />
            </span>
        </FieldFrame>
    }
}

/// A select in a toolbar, whose `label` is for assistive technology only. `on_change` gets the chosen value. If the component is
/// rendered again with another `value`, the control shows that one.
#[component]
pub fn SelectTool(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    choices: Vec<Choice>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] on_change: Option<Callback<String>>,
) -> impl IntoView {
    let selected = (!value.is_empty()).then(|| value.clone());
    let handle_change = move |event| {
        if let Some(on_change) = on_change {
            on_change.run(event_target_value(&event));
        }
    };
    view! {
        <span class="boxed short w-select">
            <select class="select" name=name aria-label=label prop:value=selected on:change=handle_change>
                {options(choices, &value)}
            </select>
            <Glyph icon=Icon::Down />
        </span>
    }
}

/// A search field in a toolbar.
#[component]
pub fn SearchField(
    /// The label, also used as the placeholder: "Find a workspace".
    #[prop(into)]
    label: String,
    #[prop(into)] name: String,
    /// The signal that holds the text.
    bind: RwSignal<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    sync_control(move || node.get(), bind);
    view! {
        <span class="boxed short search w-search">
            <Glyph icon=Icon::Search />
            <input
                node_ref=node
                class="input"
                type="search"
                name=name
                aria-label=label.clone()
                placeholder=label
                value=bind.get_untracked()
                on:input=move |event| bind.set(event_target_value(&event))
            />
        </span>
    }
}

/// A read-only value in the look of a field.
#[component]
pub fn FixedField(
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field">
            <span class="lab">{label}</span>
            <div class="fixed">{children()}</div>
            {(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::id_of;

    #[test]
    fn brackets_in_a_name_become_dashes_in_its_id() {
        assert_eq!(id_of("email"), "email");
        assert_eq!(id_of("input[email]"), "input-email");
        assert_eq!(id_of("form[new][name]"), "form-new--name");
    }
}

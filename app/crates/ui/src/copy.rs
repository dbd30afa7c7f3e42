//! Texts with a copy button: a single value, terminal lines, numbered command steps.
//!
//! Prompts are drawn by the style sheet and comments are left out of the copied text, so neither gets into a shell.

use std::time::Duration;

use leptos::{html, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

use crate::{
    clipboard,
    icon::{Glyph, Icon},
};

/// The look of a copy button.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CopyLook {
    /// At the right end of a copy field.
    #[default]
    Field,
    /// In the head of a terminal, or in a toolbar.
    Button,
    /// Without a border, in a toolbar.
    Ghost,
    /// Only an icon, next to a short value.
    Icon,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CopyStatus {
    Ready,
    Copied,
    Failed,
}

impl CopyStatus {
    fn word(self) -> &'static str {
        match self {
            Self::Ready => "Copy",
            Self::Copied => "Copied",
            Self::Failed => "Can’t copy",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Ready => Icon::Copy,
            Self::Copied => Icon::Check,
            Self::Failed => Icon::Warn,
        }
    }
}

/// How long a button shows the result.
const SHOWN_FOR: Duration = Duration::from_secs(2);

/// Runs after a copy button below its provider has copied its text.
#[derive(Clone, Copy)]
pub struct OnCopy(pub Callback<()>);

/// Copies `text` and shows the result for two seconds. `what` completes the label: "Copy run ID".
#[component]
pub fn CopyButton(
    #[prop(into)] text: Signal<String>,
    #[prop(into)] what: String,
    #[prop(optional)] look: CopyLook,
    /// The visible text instead of "Copy": "Copy 12 lines".
    #[prop(optional, into)]
    label: Option<Signal<String>>,
) -> impl IntoView {
    let status = RwSignal::new(CopyStatus::Ready);
    let on_copy = use_context::<OnCopy>();
    let copy = move |_| {
        spawn_local(async move {
            let copied = clipboard::copy(&text.get_untracked()).await;
            if let Some(OnCopy(on_copy)) = on_copy.filter(|_| copied) {
                // The callback may be disposed already.
                on_copy.try_run(());
            }
            // `try_set`, because the person may have left the page while the browser asked for permission.
            if status.try_set(if copied { CopyStatus::Copied } else { CopyStatus::Failed }).is_none() {
                set_timeout(
                    move || {
                        status.try_set(CopyStatus::Ready);
                    },
                    SHOWN_FOR,
                );
            }
        });
    };
    let class = match look {
        CopyLook::Field => "",
        CopyLook::Button => "btn",
        CopyLook::Ghost => "btn ghost",
        CopyLook::Icon => "ib sm",
    };
    let word = move || match (status.get(), label) {
        (CopyStatus::Ready, Some(label)) => label.get(),
        (status, _) => status.word().to_owned(),
    };
    let word = (look != CopyLook::Icon).then(|| view! { <span>{word}</span> });
    // A visible text that says what is copied is also the name.
    let title = (look == CopyLook::Icon).then(|| format!("Copy {what}"));
    let name = move || label.is_none().then(|| format!("{} {what}", status.get().word()));
    // In an element of its own, because few screen readers announce changes inside a button.
    let announcement = move || match status.get() {
        CopyStatus::Ready => "",
        status => status.word(),
    };
    view! {
        <button type="button" class=class aria-label=name title=title on:click=copy>
            {move || view! { <Glyph icon=status.get().icon() /> }}
            {word}
        </button>
        <span class="sr" aria-live="polite">
            {announcement}
        </span>
    }
}

/// One value with its copy button. Long values wrap and are never truncated.
#[component]
pub fn CopyField(
    #[prop(into)] value: String,
    /// Completes the button's label: "API key".
    #[prop(into)]
    what: String,
    /// Whether the value is shown only once, which makes it larger.
    #[prop(optional)]
    once: bool,
) -> impl IntoView {
    view! {
        <div class="copyf" class:once=once>
            <span class="what">{value.clone()}</span>
            <CopyButton text=value what />
        </div>
    }
}

/// A line of a terminal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// A command, shown with a prompt.
    Command(String),
    /// A command with a secret: `shown` contains the secret shortened, and `text` is copied.
    Secret { shown: String, text: String },
    /// A line of a file.
    Code(String),
    /// A comment, which isn't copied.
    Comment(String),
}

impl Line {
    /// Splits a file into lines.
    #[must_use]
    pub fn code(text: &str) -> Vec<Self> {
        text.lines().map(|line| Self::Code(line.to_owned())).collect()
    }

    fn into_shown(self) -> String {
        match self {
            Self::Command(text) | Self::Secret { shown: text, .. } | Self::Code(text) | Self::Comment(text) => text,
        }
    }
}

/// The text that the button copies.
#[must_use]
pub fn copied_text(lines: &[Line]) -> String {
    let texts = lines.iter().filter_map(|line| match line {
        Line::Command(text) | Line::Secret { text, .. } | Line::Code(text) => Some(text.as_str()),
        Line::Comment(_) => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// A line with places at which phones may break it: else they break a long URL somewhere within a word.
fn breakable(line: &str) -> AnyView {
    pieces(line).into_iter().map(|piece| view! { {piece.to_owned()} <wbr /> }).collect_view().into_any()
}

/// Splits a line after the names of settings and between the parts of paths.
fn pieces(line: &str) -> Vec<&str> {
    let is_end = |(index, letter): &(usize, char)| match letter {
        '=' => true,
        '/' => !line[..*index].ends_with('/') && !line[index + 1..].starts_with('/'),
        _ => false,
    };
    let ends = line.char_indices().filter(is_end).map(|(index, _)| index + 1).chain([line.len()]);
    let mut start = 0;
    ends.map(|end| &line[std::mem::replace(&mut start, end)..end]).collect()
}

/// A dark block of lines with a title and one copy button.
#[component]
pub fn Terminal(#[prop(into)] title: String, lines: Vec<Line>) -> impl IntoView {
    let text = copied_text(&lines);
    let last = lines.len().saturating_sub(1);
    let rendered = lines
        .into_iter()
        .enumerate()
        .map(|(index, line)| {
            let class = match line {
                Line::Command(_) | Line::Secret { .. } => "cmd",
                Line::Code(_) => "",
                Line::Comment(_) => "dim",
            };
            view! {
                <code class=class>{breakable(&line.into_shown())}</code>
                {(index < last).then_some("\n")}
            }
        })
        .collect_view();
    view! {
        <div class="term">
            <div class="bar2">
                <Glyph icon=Icon::Prompt />
                <span class="grow">{title.clone()}</span>
                <CopyButton text what=format!("“{title}”") look=CopyLook::Button />
            </div>
            <pre>{rendered}</pre>
        </div>
    }
}

/// A numbered list; its children are [`CommandStep`]s.
#[component]
pub fn CommandSteps(children: Children) -> impl IntoView {
    view! { <ol class="bd stack loose">{children()}</ol> }
}

/// A numbered step: a title and one dark block of commands. A step that is done folds to one line with its result, and can be unfolded.
#[component]
pub fn CommandStep(
    number: u32,
    #[prop(into)] title: String,
    #[prop(into)] commands: Signal<Vec<Line>>,
    /// Above the commands.
    #[prop(optional, into)]
    before: ViewFn,
    /// Below the commands.
    #[prop(optional, into)]
    more: ViewFn,
    /// Next to the title until the step is done.
    #[prop(optional, into)]
    hint: ViewFn,
    /// The result of the step; `None` until it is done.
    #[prop(optional, into)]
    done: Signal<Option<String>>,
) -> impl IntoView {
    let is_done = Memo::new(move |_| done.with(Option::is_some));
    let step = NodeRef::<html::Li>::new();
    let what = format!("the commands for step {number}");
    let block = move || {
        view! {
            {before.run()}
            <CommandBlock commands what=what.clone() />
            {more.run()}
        }
    };
    let body = move || {
        if is_done.get() {
            keep_focus(step);
            view! {
                <details>
                    <summary class="cl-hd">
                        <h2>{title.clone()}</h2>
                        <span class="small t3">{move || done.get()}</span>
                        <Glyph icon=Icon::Down />
                    </summary>
                    {block()}
                </details>
            }
            .into_any()
        } else {
            view! {
                <div class="cl-hd">
                    <h2>{title.clone()}</h2>
                    <span class="small t3">{hint.run()}</span>
                </div>
                {block()}
            }
            .into_any()
        }
    };
    view! {
        <li class="cl" class:done=move || is_done.get() node_ref=step>
            {move || step_number(number, is_done.get())}
            <div>{body}</div>
        </li>
    }
}

/// Moves the focus to the line of a step that folds while the focus is in it, because the buttons that had it are removed.
fn keep_focus(step: NodeRef<html::Li>) {
    let Some(step) = step.get_untracked().filter(|step| step.matches(":focus-within").unwrap_or_default()) else {
        return;
    };
    request_animation_frame(move || {
        let line = step.query_selector("summary").ok().flatten();
        if let Some(line) = line.and_then(|line| line.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Without the focus the page still works.
            let _ = line.focus();
        }
    });
}

/// The number of a step, or a check mark if it is done.
fn step_number(number: u32, done: bool) -> AnyView {
    if done {
        view! { <span class="stepn done"><Glyph icon=Icon::Check /><span class="sr">"Done"</span></span> }.into_any()
    } else {
        view! { <span class="stepn">{number}</span> }.into_any()
    }
}

/// Commands in one dark block with a copy button for all of them.
#[component]
fn CommandBlock(commands: Signal<Vec<Line>>, what: String) -> impl IntoView {
    let lines = move || {
        let commands = commands.get().into_iter().map(Line::into_shown);
        commands.map(|command| view! { <code class="cmd">{breakable(&command)} "\n"</code> }).collect_view()
    };
    let text = Signal::derive(move || commands.with(|commands| copied_text(commands)));
    view! {
        <div class="copyf dark">
            <div class="what">{lines}</div>
            <CopyButton text what />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, copied_text, pieces};

    #[test]
    fn comments_and_prompts_are_not_copied() {
        let lines = [
            Line::Comment("# once".to_owned()),
            Line::Command("pip install prefect".to_owned()),
            Line::Command("prefect version".to_owned()),
        ];
        assert_eq!(copied_text(&lines), "pip install prefect\nprefect version");
    }

    #[test]
    fn a_secret_is_copied_whole_and_shown_shortened() {
        let line =
            Line::Secret { shown: "login --key pnu_…MH".to_owned(), text: "login --key pnu_LCA5ppQMH".to_owned() };
        assert_eq!(copied_text(std::slice::from_ref(&line)), "login --key pnu_LCA5ppQMH");
        assert_eq!(line.into_shown(), "login --key pnu_…MH");
    }

    #[test]
    fn a_line_breaks_after_a_name_and_within_a_path() {
        let line = "config set URL=\"http://127.0.0.1:4200/api/x\"";
        assert_eq!(pieces(line), ["config set URL=", "\"http://127.0.0.1:4200/", "api/", "x\""]);
        assert_eq!(pieces("").concat(), "");
        for line in ["é/é=é", "//", "a=", "/a/"] {
            assert_eq!(pieces(line).concat(), line);
        }
    }

    #[test]
    fn a_file_is_copied_unchanged() {
        let file = "def flow():\n    pass\n\nflow()";
        assert_eq!(copied_text(&Line::code(file)), file);
    }
}

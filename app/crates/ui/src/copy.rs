//! What a person takes along: a value, a terminal full of lines, numbered command steps.
//!
//! The whole value is copied; prompts are drawn by the style sheet and comments are left out, so neither gets into a shell.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use crate::{
    clipboard,
    icon::{Glyph, Icon},
};

/// Where a copy button stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CopyLook {
    /// At the right end of a copy field.
    #[default]
    Field,
    /// In the head of a terminal, or a line of tools.
    Button,
    /// Without words, as in a line of tools.
    Ghost,
    /// An icon alone, beside a short value.
    Icon,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Ready,
    Copied,
    Failed,
}

impl Outcome {
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

/// How long a button says what came of it.
const SAID_FOR: Duration = Duration::from_secs(2);

/// Copies `text` and says so for two seconds. `what` completes the label: "Copy run ID".
#[component]
pub fn CopyButton(
    #[prop(into)] text: Signal<String>,
    #[prop(into)] what: String,
    #[prop(optional)] look: CopyLook,
) -> impl IntoView {
    let outcome = RwSignal::new(Outcome::Ready);
    let copy = move |_| {
        spawn_local(async move {
            let copied = clipboard::put(&text.get_untracked()).await;
            // The page may have been left while the browser asked.
            if outcome.try_set(if copied { Outcome::Copied } else { Outcome::Failed }).is_none() {
                set_timeout(
                    move || {
                        outcome.try_set(Outcome::Ready);
                    },
                    SAID_FOR,
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
    let word = (look != CopyLook::Icon).then(|| view! { <span>{move || outcome.get().word()}</span> });
    // Said apart from the button: what changes within one is announced by few screen readers.
    let said = move || match outcome.get() {
        Outcome::Ready => "",
        told => told.word(),
    };
    view! {
        <button type="button" class=class aria-label=format!("Copy {what}") title=(look == CopyLook::Icon).then(|| format!("Copy {what}")) on:click=copy>
            {move || view! { <Glyph icon=outcome.get().icon() /> }}
            {word}
        </button>
        <span class="sr" aria-live="polite">
            {said}
        </span>
    }
}

/// One value with its copy button. Long values wrap and are never cut.
#[component]
pub fn CopyField(
    #[prop(into)] value: String,
    /// What it is, for the button's label: "API key".
    #[prop(into)]
    what: String,
    /// Shown this once: larger.
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
    /// A command: a prompt is drawn before it.
    Command(String),
    /// A line of a file.
    Code(String),
    /// A remark, which isn't copied.
    Comment(String),
}

impl Line {
    /// A text, each line of it a line of a file.
    #[must_use]
    pub fn code(text: &str) -> Vec<Self> {
        text.lines().map(|line| Self::Code(line.to_owned())).collect()
    }
}

/// What the button copies of these lines.
#[must_use]
pub fn copied(lines: &[Line]) -> String {
    let kept = lines.iter().filter_map(|line| match line {
        Line::Command(text) | Line::Code(text) => Some(text.as_str()),
        Line::Comment(_) => None,
    });
    kept.collect::<Vec<_>>().join("\n")
}

/// A dark block of lines with a title and one copy button for all of them.
#[component]
pub fn Terminal(#[prop(into)] title: String, lines: Vec<Line>) -> impl IntoView {
    let text = copied(&lines);
    let last = lines.len().saturating_sub(1);
    let drawn = lines
        .into_iter()
        .enumerate()
        .map(|(place, line)| {
            let (class, text) = match line {
                Line::Command(text) => ("cmd", text),
                Line::Code(text) => ("", text),
                Line::Comment(text) => ("dim", text),
            };
            view! {
                <code class=class>{text}</code>
                {(place < last).then_some("\n")}
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
            <pre>{drawn}</pre>
        </div>
    }
}

/// The steps of a first run; put [`CommandStep`]s into it.
#[component]
pub fn CommandSteps(children: Children) -> impl IntoView {
    view! { <ol class="bd stack loose">{children()}</ol> }
}

/// A numbered step: a verb, and one dark block of commands. Once something was noticed it folds to one line that says what, and opens
/// again.
#[component]
pub fn CommandStep(
    number: u32,
    #[prop(into)] title: String,
    commands: Vec<String>,
    /// Below the commands.
    #[prop(optional, into)]
    more: ViewFn,
    /// Beside the title until the step is done.
    #[prop(optional, into)]
    note: ViewFn,
    /// What was noticed; that makes the step done.
    #[prop(optional, into)]
    noticed: Signal<Option<String>>,
) -> impl IntoView {
    let done = Memo::new(move |_| noticed.with(Option::is_some));
    let what = format!("the commands of step {number}");
    let block = move || {
        view! {
            <CommandBlock commands=commands.clone() what=what.clone() />
            {more.run()}
        }
    };
    let body = move || {
        if done.get() {
            view! {
                <details>
                    <summary class="cl-hd">
                        <h2>{title.clone()}</h2>
                        <span class="small t3">{move || noticed.get()}</span>
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
                    <span class="small t3">{note.run()}</span>
                </div>
                {block()}
            }
            .into_any()
        }
    };
    view! {
        <li class="cl" class:done=move || done.get()>
            {move || disc(number, done.get())}
            <div>{body}</div>
        </li>
    }
}

/// The number of a step, or that it is done.
fn disc(number: u32, done: bool) -> AnyView {
    if done {
        view! { <span class="stepn done"><Glyph icon=Icon::Check /><span class="sr">"Done"</span></span> }.into_any()
    } else {
        view! { <span class="stepn">{number}</span> }.into_any()
    }
}

/// Commands as one dark block, copied as a whole.
#[component]
fn CommandBlock(commands: Vec<String>, what: String) -> impl IntoView {
    let lines =
        commands.iter().map(|command| view! { <code class="cmd">{format!("{command}\n")}</code> }).collect_view();
    view! {
        <div class="copyf dark">
            <div class="what">{lines}</div>
            <CopyButton text=commands.join("\n") what />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, copied};

    #[test]
    fn comments_and_prompts_are_not_copied() {
        let lines = [
            Line::Comment("# once".to_owned()),
            Line::Command("pip install prefect".to_owned()),
            Line::Command("prefect version".to_owned()),
        ];
        assert_eq!(copied(&lines), "pip install prefect\nprefect version");
    }

    #[test]
    fn a_file_is_copied_as_it_is() {
        let file = "def flow():\n    pass\n\nflow()";
        assert_eq!(copied(&Line::code(file)), file);
    }
}

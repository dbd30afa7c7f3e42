//! The log lines of the run: filtered by level, in pages; the last page shows new lines as they arrive.

use leptos::prelude::*;
use leptos_router::{components::Form, hooks::use_navigate};
use model::{
    log::LogLevel,
    screen::{LINES_PER_PAGE, LinePage, MAX_COUNT, RunLine, RunView},
    state::StateType,
};
use ui::prelude::*;

use super::{
    linked_row::scroll_to_linked_row,
    live_run::{LiveRun, has_ended, is_upcoming},
    view::{RunTab, view_query},
};
use crate::links::{WorkspacePaths as _, WorkspaceRef};

/// What an empty page says while lines may still come.
const EXPECTED: &str = "Logs appear here as they’re written.";

/// The tab.
#[component]
pub fn Logs(run: LiveRun, workspace: WorkspaceRef, view: RunView) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let lines = log_lines(run);
    let is_empty = Memo::new(move |_| lines.with(Vec::is_empty));
    let page = workspace.flow_run_path(run.head.with_untracked(|head| head.id));
    scroll_to_linked_row(view);
    view! {
        <Tools lines view page=page.clone() />
        {move || {
            if is_empty.get() {
                return view! { <NoLines run view page=page.clone() /> }.into_any();
            }
            let page = page.clone();
            view! {
                <LogLines lines clock last=move || following_row(run) />
                {move || pages(run, view, &page)}
            }
            .into_any()
        }}
    }
    .into_any()
}

/// The lines; with their writer if some are from task runs.
fn log_lines(run: LiveRun) -> Memo<Vec<LogLine>> {
    Memo::new(move |_| {
        let flow = run.head.with(|head| head.flow.clone());
        run.lines.with(|lines| {
            let several = lines.iter().any(|line| line.task_run.is_some());
            let writer = |line: &RunLine| several.then(|| line.task_run.clone().unwrap_or_else(|| flow.clone()));
            let log_line = |line: &RunLine| LogLine {
                id: line.id,
                level: line.level,
                at: line.at,
                message: line.message.clone(),
                who: writer(line),
            };
            lines.iter().map(log_line).collect()
        })
    })
}

#[component]
fn Tools(lines: Memo<Vec<LogLine>>, view: RunView, page: String) -> impl IntoView {
    let navigate = use_navigate();
    let text = Signal::derive(move || lines.with(|lines| logs_as_text(lines)));
    let count = Memo::new(move |_| lines.with(Vec::len) as u64);
    let copy_label = Signal::derive(move || format!("Copy {}", counted(count.get(), "line", "lines")));
    let copy = move || {
        (count.get() > 0)
            .then(|| view! { <CopyButton text what="the log lines" look=CopyLook::Ghost label=copy_label /> })
    };
    let level = if view.level <= 0 { LogLevel::Debug } else { LogLevel::of(view.level) };
    let choices: Vec<_> = LogLevel::ALL
        .into_iter()
        .map(|level| match level {
            LogLevel::Debug => Choice::new("0", "All levels"),
            level => Choice::new(level.number().to_string(), filter_label(level)),
        })
        .collect();
    let chosen = if level == LogLevel::Debug { "0".to_owned() } else { level.number().to_string() };
    let action = page.clone();
    let choose = Callback::new(move |level: String| {
        let view = RunView { level: level.parse().unwrap_or_default(), lines: LinePage::default(), ..view };
        navigate(
            &format!("{page}{}", view_query(RunTab::Logs, view)),
            leptos_router::NavigateOptions { scroll: false, ..Default::default() },
        );
    });
    view! {
        <div class="flex tools">
            <Form method="GET" action=action>
                <SelectTool label="Log level" name="level" choices value=chosen on_change=choose />
                // Without scripts the form needs a button.
                <noscript inner_html="<button type=\"submit\" class=\"btn\">Show</button>"></noscript>
            </Form>
            <span class="grow"></span>
            {copy}
        </div>
    }
    .into_any()
}

/// A row below the last line, while more may arrive.
fn following_row(run: LiveRun) -> Option<AnyView> {
    if run.head.with(has_ended) || !run.at_end {
        return None;
    }
    let no_writer = run.lines.with(|lines| lines.iter().all(|line| line.task_run.is_none()));
    Some(
        view! {
            <div class="ln" class:solo=no_writer>
                <span></span>
                <span></span>
                <span class="msg t3 flex">
                    <StateGlyph state_type=StateType::Running name="Running" />
                    <LiveOnly>"Live. New lines appear here."</LiveOnly>
                </span>
            </div>
        }
        .into_any(),
    )
}

fn pages(run: LiveRun, view: RunView, page: &str) -> Option<AnyView> {
    let (offset, total) = (run.lines_before.get(), run.lines_total.get());
    let (rows, first, last) = run
        .lines
        .with(|lines| (lines.len(), lines.first().map(RunLine::sort_key), lines.last().map(RunLine::sort_key)));
    let (earlier, later) = (offset != Some(0), run.lines_more);
    if !earlier && !later && rows <= LINES_PER_PAGE {
        return None;
    }
    let link = |lines| format!("{page}{}", view_query(RunTab::Logs, RunView { lines, ..view }));
    let end_link = |exists: bool, lines, label| {
        exists.then(|| {
            view! {
                <a class="link small" href=link(lines) data-noscroll="">
                    {label}
                </a>
                " "
            }
        })
    };
    let previous = first.filter(|_| earlier).map(|line| link(LinePage::Before(line)));
    let next = last.filter(|_| later).map(|line| link(LinePage::After(line)));
    Some(
        view! {
            {end_link(earlier, LinePage::Oldest, "Jump to oldest")}
            {end_link(later, LinePage::Newest, "Jump to newest")}
            <Pagination offset rows=rows as u64 total most=MAX_COUNT.unsigned_abs() previous next within=true />
        }
        .into_any(),
    )
}

#[component]
fn NoLines(run: LiveRun, view: RunView, page: String) -> impl IntoView {
    if view.level > 0 || view.lines != LinePage::default() {
        let text = if view.level > 0 { "No lines at this level. " } else { "That’s past the last page. " };
        let expected = move || (!run.head.with(has_ended)).then(|| view! { <LiveOnly>{EXPECTED}</LiveOnly> });
        return view! {
            <EmptyFilter title="No log lines here" clear=page>
                {text}
                {expected}
            </EmptyFilter>
        }
        .into_any();
    }
    let texts = move || {
        run.head.with(|head| match &head.state {
            state if is_upcoming(state.as_ref()) => ("No log lines yet", "The run has not started. ", Some(EXPECTED)),
            Some(state) if state.state_type.is_terminal() => ("No log lines", "This run wrote no logs.", None),
            _ => ("No log lines yet", "", Some(EXPECTED)),
        })
    };
    (move || {
        let (title, text, expected) = texts();
        view! {
            <Empty title icon=Icon::Prompt>
                {text}
                {expected.map(|text| view! { <LiveOnly>{text}</LiveOnly> })}
            </Empty>
        }
        .into_any()
    })
    .into_any()
}

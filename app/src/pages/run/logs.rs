//! The log lines of the run: filtered by level, in pages; the last page shows new lines as they arrive.

use leptos::prelude::*;
use leptos_router::{
    components::Form,
    hooks::{use_location, use_navigate, use_query_map},
};
use model::{
    log::LogLevel,
    screen::{LINES_PER_PAGE, LinePage, MAX_COUNT, RunLine, RunView},
    state::StateType,
};
use ui::prelude::*;

use super::{
    live_run::{LiveRun, is_upcoming},
    view::{RunTab, parse_view, view_query},
};
use crate::links::{WorkspacePaths as _, WorkspaceRef};

/// The tab.
#[component]
pub fn Logs(run: LiveRun, workspace: WorkspaceRef, view: RunView) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let lines = log_lines(run);
    let is_empty = Memo::new(move |_| lines.with(Vec::is_empty));
    let page = workspace.flow_run_path(run.head.with_untracked(|head| head.id));
    scroll_to_linked_line(view);
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

/// Scrolls to the line in the URL's fragment once that line is rendered. Browsers do so on a page load and mark the line as `:target`;
/// after navigation by script it takes a `location.replace`.
fn scroll_to_linked_line(view: RunView) {
    let (hash, query) = (use_location().hash, use_query_map());
    Effect::new(move |_| {
        let hash = hash.get();
        let line = hash.strip_prefix('#').and_then(|id| document().get_element_by_id(id));
        if query.with(parse_view) == view
            && line.is_some_and(|line| line.matches(":target").is_ok_and(|is_target| !is_target))
        {
            // It fails only for URLs of other origins.
            let _ = location().replace(&hash);
        }
    });
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
                <SelectTool label="Level of the lines" name="level" choices value=chosen on_change=choose />
                // Without scripts the form needs a button.
                <noscript inner_html="<button type=\"submit\" class=\"btn\">Show</button>"></noscript>
            </Form>
            <span class="grow"></span>
            <CopyButton text what="the log lines" look=CopyLook::Ghost />
        </div>
    }
    .into_any()
}

/// A row below the last line, while more may arrive.
fn following_row(run: LiveRun) -> Option<AnyView> {
    let is_terminal = run.head.with(|head| head.state.as_ref().is_some_and(|state| state.state_type.is_terminal()));
    if is_terminal || !run.at_end {
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
                    <LiveOnly>"Following. New lines appear here."</LiveOnly>
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
            {end_link(earlier, LinePage::Oldest, "Oldest lines")}
            {end_link(later, LinePage::Newest, "Newest lines")}
            <Pagination offset rows=rows as u64 total most=MAX_COUNT.unsigned_abs() previous next within=true />
        }
        .into_any(),
    )
}

#[component]
fn NoLines(run: LiveRun, view: RunView, page: String) -> impl IntoView {
    if view.level > 0 || view.lines != LinePage::default() {
        return view! {
            <EmptyFilter title="No log lines here" clear=page>
                "There are none of this level, or none on this page. "
                <LiveOnly>"Lines that match appear the moment they are written."</LiveOnly>
            </EmptyFilter>
        }
        .into_any();
    }
    let texts = move || {
        run.head.with(|head| match &head.state {
            state if is_upcoming(state.as_ref()) => {
                ("No log lines yet", "The run has not begun. ", Some("Lines appear the moment it writes one."))
            }
            Some(state) if state.state_type.is_terminal() => ("No log lines", "The run wrote none.", None),
            _ => ("No log lines yet", "", Some("Lines appear the moment the run writes one.")),
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

//! The log lines of the run: by level, in parts, and at their end the new ones as they come.

use leptos::prelude::*;
use leptos_router::{
    components::Form,
    hooks::{use_location, use_navigate, use_query_map},
};
use model::{
    screen::{LINES_A_PAGE, LinePage, MOST_COUNTED, RunLine, RunView},
    state::StateType,
};
use ui::prelude::*;

use super::{
    detail::is_to_come,
    news::Shown,
    view::{TabOf, query, read_view},
};
use crate::links::Place;

/// The tab.
#[component]
pub fn Logs(shown: Shown, place: Place, view: RunView) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let lines = drawn(shown);
    let is_empty = Memo::new(move |_| lines.with(Vec::is_empty));
    let page = place.flow_run(shown.head.with_untracked(|head| head.id));
    find_named(view);
    view! {
        <Tools lines view page=page.clone() />
        {move || {
            if is_empty.get() {
                return view! { <NoLines shown view page=page.clone() /> }.into_any();
            }
            let page = page.clone();
            view! {
                <LogLines lines clock last=move || following(shown) />
                {move || pages(shown, view, &page)}
            }
            .into_any()
        }}
    }
    .into_any()
}

/// Goes to the line that the address names, once the lines of that address are drawn. A browser does so by itself, and marks the line,
/// for addresses that it came to; those that scripts wrote it has to be led to.
fn find_named(view: RunView) {
    let (hash, asked) = (use_location().hash, use_query_map());
    Effect::new(move |_| {
        let hash = hash.get();
        let line = hash.strip_prefix('#').and_then(|id| document().get_element_by_id(id));
        if asked.with(read_view) == view
            && line.is_some_and(|line| line.matches(":target").is_ok_and(|is_target| !is_target))
        {
            // It fails for addresses of other origins alone.
            let _ = location().replace(&hash);
        }
    });
}

/// The lines with who wrote them, where that is not always the same.
fn drawn(shown: Shown) -> Memo<Vec<LogLine>> {
    Memo::new(move |_| {
        let flow = shown.head.with(|head| head.flow.clone());
        shown.lines.with(|lines| {
            let several = lines.iter().any(|line| line.task_run.is_some());
            let who = |line: &RunLine| several.then(|| line.task_run.clone().unwrap_or_else(|| flow.clone()));
            let draw = |line: &RunLine| LogLine {
                id: line.id,
                level: line.level,
                at: line.at,
                message: line.message.clone(),
                who: who(line),
            };
            lines.iter().map(draw).collect()
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
            level => Choice::new(level.number().to_string(), level.filter_label()),
        })
        .collect();
    let chosen = if level == LogLevel::Debug { "0".to_owned() } else { level.number().to_string() };
    let action = page.clone();
    let choose = Callback::new(move |level: String| {
        let view = RunView { level: level.parse().unwrap_or_default(), lines: LinePage::default(), ..view };
        navigate(
            &format!("{page}{}", query(TabOf::Logs, view)),
            leptos_router::NavigateOptions { scroll: false, ..Default::default() },
        );
    });
    view! {
        <div class="flex tools">
            <Form method="GET" action=action>
                <SelectTool label="Level of the lines" name="level" choices value=chosen on_change=choose />
                // Drawn for those alone who have no script to send the form.
                <noscript inner_html="<button type=\"submit\" class=\"btn\">Show</button>"></noscript>
            </Form>
            <span class="grow"></span>
            <CopyButton text what="the log lines" look=CopyLook::Ghost />
        </div>
    }
    .into_any()
}

/// Below the last line, while more may come.
fn following(shown: Shown) -> Option<AnyView> {
    let is_over = shown.head.with(|head| head.state.as_ref().is_some_and(|state| state.state_type.is_terminal()));
    if is_over || !shown.at_end {
        return None;
    }
    let solo = shown.lines.with(|lines| lines.iter().all(|line| line.task_run.is_none()));
    Some(
        view! {
            <div class="ln" class:solo=solo>
                <span></span>
                <span></span>
                <span class="msg t3 flex">
                    <StateGlyph state_type=StateType::Running name="Running" />
                    <Awaited>"Following. New lines appear here."</Awaited>
                </span>
            </div>
        }
        .into_any(),
    )
}

fn pages(shown: Shown, view: RunView, page: &str) -> Option<AnyView> {
    let (offset, total) = (shown.lines_before.get(), shown.lines_total.get());
    let (rows, first, last) =
        shown.lines.with(|lines| (lines.len(), lines.first().map(RunLine::place), lines.last().map(RunLine::place)));
    let (earlier, later) = (offset != Some(0), shown.lines_more);
    if !earlier && !later && rows <= LINES_A_PAGE {
        return None;
    }
    let link = |lines| format!("{page}{}", query(TabOf::Logs, RunView { lines, ..view }));
    let end = |there: bool, lines, words| {
        there.then(|| {
            view! {
                <a class="link small" href=link(lines) data-noscroll="">
                    {words}
                </a>
                " "
            }
        })
    };
    let previous = first.filter(|_| earlier).map(|line| link(LinePage::Before(line)));
    let next = last.filter(|_| later).map(|line| link(LinePage::After(line)));
    Some(
        view! {
            {end(earlier, LinePage::Oldest, "Oldest lines")}
            {end(later, LinePage::Newest, "Newest lines")}
            <Pagination offset shown=rows as u64 total most=MOST_COUNTED.unsigned_abs() previous next within=true />
        }
        .into_any(),
    )
}

#[component]
fn NoLines(shown: Shown, view: RunView, page: String) -> impl IntoView {
    if view.level > 0 || view.lines != LinePage::default() {
        return view! {
            <EmptyFilter title="No log lines here" clear=page>
                "None of this level, or none this far. "
                <Awaited>"Lines that match appear the moment they are written."</Awaited>
            </EmptyFilter>
        }
        .into_any();
    }
    let words = move || {
        shown.head.with(|head| match &head.state {
            state if is_to_come(state.as_ref()) => {
                ("No log lines yet", "The run has not begun. ", Some("Lines appear the moment it writes one."))
            }
            Some(state) if state.state_type.is_terminal() => ("No log lines", "The run wrote none.", None),
            _ => ("No log lines yet", "", Some("Lines appear the moment the run writes one.")),
        })
    };
    (move || {
        let (title, text, awaited) = words();
        view! {
            <Empty title icon=Icon::Prompt>
                {text}
                {awaited.map(|words| view! { <Awaited>{words}</Awaited> })}
            </Empty>
        }
        .into_any()
    })
    .into_any()
}

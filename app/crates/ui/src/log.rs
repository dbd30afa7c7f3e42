//! Log lines: level as bar and word, time in milliseconds, message, and the run that wrote it.

use leptos::prelude::*;
use model::{
    log::{LogId, LogLevel},
    time::Timestamp,
};

use crate::{
    clock::{Clock, Zone},
    time::{full_date_time, time_with_millis, weekday_and_date},
};

/// The word in front of a line.
fn word(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "DEBUG",
        LogLevel::Info => "INFO",
        LogLevel::Warning => "WARN",
        LogLevel::Error => "ERROR",
        LogLevel::Critical => "CRITICAL",
    }
}

/// The label of the filter for a level and those above.
#[must_use]
pub fn filter_label(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "Debug and above",
        LogLevel::Info => "Info and above",
        LogLevel::Warning => "Warnings and errors",
        LogLevel::Error => "Errors",
        LogLevel::Critical => "Critical only",
    }
}

fn class(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "ln dbg",
        LogLevel::Info => "ln",
        LogLevel::Warning => "ln w",
        LogLevel::Error | LogLevel::Critical => "ln e",
    }
}

/// A log line as pages show it.
#[derive(Clone, PartialEq, Debug)]
pub struct LogLine {
    pub id: LogId,
    pub level: i32,
    pub at: Timestamp,
    pub message: String,
    /// The task run or the flow that wrote it; `None` if there is only one source.
    pub who: Option<String>,
}

impl LogLine {
    /// The line as text, for copying.
    #[must_use]
    pub fn as_text(&self) -> String {
        let who = self.who.as_deref().map(|who| format!(" {who}")).unwrap_or_default();
        format!("{} {}{who} {}", self.at, word(LogLevel::of(self.level)), self.message)
    }
}

/// Log lines as text, for copying.
#[must_use]
pub fn logs_as_text(lines: &[LogLine]) -> String {
    lines.iter().map(LogLine::as_text).collect::<Vec<_>>().join("\n")
}

/// Pairs the first line of each day with the name of the day.
fn days(lines: Vec<LogLine>, zone: Zone) -> Vec<(Option<String>, LogLine)> {
    let mut previous_day = None;
    lines
        .into_iter()
        .map(|line| {
            let day = weekday_and_date(line.at, zone);
            let is_new = previous_day.as_ref() != Some(&day);
            previous_day = Some(day.clone());
            (is_new.then_some(day), line)
        })
        .collect()
}

/// Log lines, oldest first, with a heading for each day. Live updates may add lines.
#[component]
pub fn LogLines(
    #[prop(into)] lines: Signal<Vec<LogLine>>,
    #[prop(into)] clock: Signal<Clock>,
    /// Follows the last line: whether more lines may arrive.
    #[prop(optional, into)]
    last: ViewFn,
) -> impl IntoView {
    let zone = Memo::new(move |_| clock.get().zone);
    view! {
        <div class="list">
            <div class="log" role="log" aria-label="Log lines">
                <For each=move || days(lines.get(), zone.get()) key=|(day, line)| (day.clone(), line.id) let((day, line))>
                    {day.map(|day| view! { <div class="day">{day}</div> })}
                    <LogRow line zone />
                </For>
                {move || last.run()}
            </div>
        </div>
    }
}

/// One log line.
#[component]
pub fn LogRow(line: LogLine, #[prop(into)] zone: Signal<Zone>) -> impl IntoView {
    let LogLine { id, level, at, message, who } = line;
    let level = LogLevel::of(level);
    let solo = who.is_none();
    view! {
        <div class=class(level) class:solo=solo id=format!("log-{id}")>
            <span class="lv">{word(level)}</span>
            <time datetime=at.to_string() title=move || full_date_time(at, zone.get())>
                {move || time_with_millis(at, zone.get())}
            </time>
            <span class="msg">{message}</span>
            {who.map(|who| view! { <span class="who" title=who>{who.clone()}</span> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{LogLine, Zone, days, logs_as_text};
    use model::log::LogId;

    fn line(at: &str) -> LogLine {
        let id: LogId = "a23b977d-7fcc-4f69-8cb6-75d697369fbf".parse().unwrap();
        LogLine { id, level: 30, at: at.parse().unwrap(), message: "The fun is about to begin".to_owned(), who: None }
    }

    #[test]
    fn each_day_of_the_browsers_zone_has_one_heading() {
        let lines = vec![line("2026-03-17T22:00:00Z"), line("2026-03-17T23:30:00Z"), line("2026-03-18T00:10:00Z")];
        let heads = |zone| days(lines.clone(), zone).into_iter().map(|(day, _)| day).collect::<Vec<_>>();
        assert_eq!(
            heads(Zone::Utc),
            [Some("Tuesday 17 March".to_owned()), None, Some("Wednesday 18 March".to_owned())]
        );
        assert_eq!(
            heads(Zone::Fixed(60)),
            [Some("Tuesday 17 March".to_owned()), Some("Wednesday 18 March".to_owned()), None]
        );
    }

    #[test]
    fn copied_lines_contain_time_level_and_message() {
        assert_eq!(
            logs_as_text(&[line("2026-03-17T22:00:00Z")]),
            "2026-03-17T22:00:00.000000Z WARN The fun is about to begin"
        );
    }
}

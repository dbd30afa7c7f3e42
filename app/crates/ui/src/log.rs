//! Log lines: level as bar and word, time in milliseconds, message, and the run that wrote it.

use leptos::prelude::*;
use model::{id::LogId, time::Timestamp};

use crate::{
    clock::{Clock, Zone},
    time::{exact_time, in_full, weekday},
};

/// The log levels. Clients send numbers; a number between two levels counts as the lower one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LogLevel {
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

impl LogLevel {
    /// All levels, lowest first.
    pub const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The level of a number.
    #[must_use]
    pub fn of(level: i32) -> Self {
        Self::ALL.into_iter().rev().find(|candidate| candidate.number() <= level).unwrap_or(Self::Debug)
    }

    /// The lowest number of the level.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Debug => 10,
            Self::Info => 20,
            Self::Warning => 30,
            Self::Error => 40,
            Self::Critical => 50,
        }
    }

    /// The word in front of a line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARN",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }

    /// The label of the filter for this level and above.
    #[must_use]
    pub fn filter_label(self) -> &'static str {
        match self {
            Self::Debug => "Debug and above",
            Self::Info => "Info and above",
            Self::Warning => "Warnings and errors",
            Self::Error => "Errors",
            Self::Critical => "Critical only",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Debug => "ln dbg",
            Self::Info => "ln",
            Self::Warning => "ln w",
            Self::Error | Self::Critical => "ln e",
        }
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
        format!("{} {}{who} {}", self.at, LogLevel::of(self.level).word(), self.message)
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
            let day = weekday(line.at, zone);
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
        <div class=level.class() class:solo=solo id=format!("log-{id}")>
            <span class="lv">{level.word()}</span>
            <time datetime=at.to_string() title=move || in_full(at, zone.get())>
                {move || exact_time(at, zone.get())}
            </time>
            <span class="msg">{message}</span>
            {who.map(|who| view! { <span class="who" title=who>{who.clone()}</span> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{LogLevel, LogLine, Zone, days, logs_as_text};
    use model::id::LogId;

    fn line(at: &str) -> LogLine {
        let id: LogId = "a23b977d-7fcc-4f69-8cb6-75d697369fbf".parse().unwrap();
        LogLine { id, level: 30, at: at.parse().unwrap(), message: "The fun is about to begin".to_owned(), who: None }
    }

    #[test]
    fn a_number_between_two_levels_counts_as_the_lower_one() {
        for (number, level) in [
            (-5, LogLevel::Debug),
            (10, LogLevel::Debug),
            (20, LogLevel::Info),
            (25, LogLevel::Info),
            (30, LogLevel::Warning),
            (49, LogLevel::Error),
            (99, LogLevel::Critical),
        ] {
            assert_eq!(LogLevel::of(number), level);
        }
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
            heads(Zone::East(60)),
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

//! What was measured, what may grow how far, and what is printed about it.

use std::{fs::File, io::Write as _};

use testkit::Backend;

use super::{cases::Case, rows::sizes};

const FEW_NAMES: &str = "reads the names or values of objects whose number does not grow with the runs";

/// Conditions whose cost may grow: the list, or all if it is empty, the condition, and the reason.
const EXCEPTIONS: [(&str, &str, &str); 10] = [
    (
        "",
        "logs text",
        "has no index, because a trigram index over log lines would cost every write; the time limit of a read bounds it",
    ),
    ("", "flows name.like_", FEW_NAMES),
    ("flows", "flows, by name and tags", FEW_NAMES),
    ("latest artifacts", "artifacts key.like_", FEW_NAMES),
    ("latest artifacts", "artifacts, by key", FEW_NAMES),
    ("page of artifacts", "page, by a rare text", FEW_NAMES),
    ("variables", "variables name.like_", FEW_NAMES),
    ("variables", "variables value.any_", FEW_NAMES),
    ("variables", "variables value.like_", FEW_NAMES),
    ("variables", "variables, by name and tags", FEW_NAMES),
];

/// The cost of a list or a count.
#[derive(Default)]
pub struct Cost {
    pub total: u64,
    /// The statements with their plans.
    pub plans: String,
}

/// A list or a count in both sizes.
pub struct Line {
    noun: &'static str,
    name: String,
    query: String,
    /// The sort of a page; none for a count.
    sort: Option<String>,
    costs: [Cost; 2],
    /// How many times as many rows are counted in the larger workspace.
    times: u64,
}

impl Line {
    pub fn page(noun: &'static str, [small, large]: [&Case; 2], sort: &str, costs: [Cost; 2]) -> Self {
        Self::new(noun, [small, large], Some(sort.to_owned()), costs, 1)
    }

    pub fn count(noun: &'static str, cases: [&Case; 2], matched: [i64; 2], costs: [Cost; 2]) -> Self {
        let times = (matched[1] / matched[0].max(1)).max(1).unsigned_abs();
        Self::new(noun, cases, None, costs, times)
    }

    fn new(noun: &'static str, [_, large]: [&Case; 2], sort: Option<String>, costs: [Cost; 2], times: u64) -> Self {
        Self { noun, name: large.name.clone(), query: large.to_string(), sort, costs, times }
    }

    fn totals(&self) -> [u64; 2] {
        [self.costs[0].total, self.costs[1].total]
    }

    fn exception(&self) -> Option<&'static str> {
        let is_this = |noun: &str, name: &str| name == self.name && (noun.is_empty() || noun == self.noun);
        EXCEPTIONS.iter().find(|(noun, name, _)| is_this(noun, name)).map(|(.., reason)| *reason)
    }

    /// At most one and a half times the smaller cost, and a few more, so that a level more of an index does not count.
    fn grows(&self, backend: Backend) -> bool {
        let few_more = match backend {
            Backend::Sqlite => 500,
            // PostgreSQL counts 1,000 ids by reading all entries of an index as long as it estimates that cheaper than 1,000 look-ups.
            Backend::Postgres if self.sort.is_none() => 200,
            Backend::Postgres => 40,
        };
        let [small, large] = self.totals();
        2 * large > 3 * small * self.times + 2 * few_more
    }

    fn text(&self) -> String {
        let [small, large] = self.totals();
        let tenths = large * 10 / small.max(1);
        let factor = format!("{}.{}", tenths / 10, tenths % 10);
        let kind = self.sort.as_deref().unwrap_or("count");
        format!("| {} | {} | {} | {kind} | {small} | {large} | {factor} |", self.noun, self.name, self.query)
    }
}

/// What was measured in a database.
pub struct Report {
    backend: Backend,
    lines: Vec<Line>,
    /// Queries that failed, or found other rows than they should.
    defects: Vec<String>,
    plans: bool,
    table: Option<File>,
}

impl Report {
    pub fn new(backend: Backend) -> Self {
        Self {
            backend,
            lines: Vec::new(),
            defects: Vec::new(),
            plans: setting("GROWTH_PLANS").is_some(),
            table: table(backend),
        }
    }

    pub fn shows_plans(&self) -> bool {
        self.plans
    }

    /// Adds a line, also to the table, which is thus of use even if the test is stopped.
    pub fn add(&mut self, line: Line) {
        if let Some(table) = &mut self.table {
            let reason = line.exception().map(|reason| format!(" {reason}")).unwrap_or_default();
            writeln!(table, "{}{reason}", line.text()).unwrap();
        }
        self.lines.push(line);
    }

    pub fn add_defect(&mut self, defect: String) {
        self.defects.push(defect);
    }

    /// Fails if a cost grows.
    pub fn finish(self) {
        let grown = self.lines.iter().filter(|line| line.grows(self.backend) && line.exception().is_none());
        let failures: Vec<String> = grown
            .map(|line| line.text() + &line.costs.each_ref().map(|cost| format!("\n{}", cost.plans)).concat())
            .collect();
        let (measured, grown) = (self.lines.len(), failures.len());
        assert_eq!(self.defects, [""; 0], "{}", self.defects.join("\n"));
        assert!(measured > 0 && grown == 0, "{grown} of {measured} costs grow:\n{}", failures.join("\n"));
    }
}

/// The file for all costs, with its head.
fn table(backend: Backend) -> Option<File> {
    let mut table = File::create(format!("{}.{backend:?}", setting("GROWTH_TABLE")?)).unwrap();
    let unit = match backend {
        Backend::Sqlite => "steps",
        Backend::Postgres => "buffers",
    };
    let [small, large] = sizes();
    writeln!(table, "| list | condition | query | sort | {unit} at {small} rows | at {large} | factor |").unwrap();
    writeln!(table, "|---|---|---|---|---|---|---|").unwrap();
    Some(table)
}

/// The value of a variable that a person sets to look for a cause.
pub fn setting(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a test has no settings")]
    std::env::var(name).ok()
}

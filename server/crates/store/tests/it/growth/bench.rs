//! Measures the cases in both sizes of a workspace.

use std::collections::BTreeMap;

use control::name;
use model::page::Page;
use serde::de::DeserializeOwned;
use serde_json::json;
use store::{
    filter::{List, Window},
    name::NAMED_TABLES,
    testing::{BuiltSelect, ListRecorder, RawConnection, Recorded, RecordedSelect},
    value::{Kind, Type, Value},
};
use testkit::{Backend, TestApp};

use super::{
    cases::Case,
    declared::sorts,
    fill,
    report::{Cost, Line, Report, setting},
    rows::{Rows, Shape, is_exhaustive, sizes},
};
use crate::populated::from_json;

/// A database with all workspaces, and what was measured in it.
pub struct Bench {
    app: TestApp,
    connection: RawConnection,
    workspaces: BTreeMap<Rows, ListRecorder>,
    report: Report,
    /// Only cases whose name has this text are measured.
    only: String,
    /// How many cases were measured with one sort each.
    cases: usize,
}

impl Bench {
    pub async fn create(app: &TestApp) -> Self {
        let ann = app.person("ann").await;
        let (mut workspaces, mut ids) = (BTreeMap::new(), BTreeMap::new());
        for shape in Shape::ALL {
            for count in sizes() {
                let address = app.workspace(&ann, &format!("{shape:?} {count}")).await;
                let recorder = ListRecorder::open(&app.location, address.workspace, None).await.unwrap();
                workspaces.insert(Rows { shape, count }, recorder);
                ids.insert(Rows { shape, count }, address.workspace);
            }
        }
        let mut connection = RawConnection::open(&app.location).await.unwrap();
        fill::fill(app, &mut connection, &ids).await;
        for table in NAMED_TABLES {
            while name::index(&app.cx, table).await.unwrap() > 0 {}
        }
        let only = setting("GROWTH_ONLY").unwrap_or_default();
        Self { app: app.clone(), connection, workspaces, report: Report::new(app.backend), only, cases: 0 }
    }

    /// Measures the list of each case, with each sort, and its count.
    pub async fn measure<L: List + DeserializeOwned>(&mut self, noun: &'static str, cases: &[fn(i64) -> Vec<Case>]) {
        for cases in cases {
            let [small, large] = sizes().map(cases);
            assert_eq!(small.len(), large.len());
            for pair in small.iter().zip(&large) {
                if format!("{noun}: {}", pair.0.name).contains(&self.only) {
                    self.measure_case::<L>(noun, pair.into()).await;
                }
            }
        }
    }

    async fn measure_case<L: List + DeserializeOwned>(&mut self, noun: &'static str, pair: [&Case; 2]) {
        let (Some(small), Some(large)) = (self.counted::<L>(pair[0]).await, self.counted::<L>(pair[1]).await) else {
            return;
        };
        let (matched, costs) = ([small.0, large.0], [small.1, large.1]);
        self.report.add(Line::count(noun, pair, matched, costs));
        for sort in self.sorts::<L>(pair[0]) {
            let small = self.listed::<L>(pair[0], &sort, matched[0]).await;
            let large = self.listed::<L>(pair[1], &sort, matched[1]).await;
            self.report.add(Line::page(noun, pair, &sort, [small, large]));
        }
    }

    /// The sort that the case has, or all, or one that the case before did not have.
    fn sorts<L: DeserializeOwned>(&mut self, case: &Case) -> Vec<String> {
        match case.body.get("sort") {
            Some(sort) => vec![sort.as_str().unwrap().to_owned()],
            None if is_exhaustive() => sorts::<L>(),
            None => {
                let sorts = sorts::<L>();
                self.cases += 1;
                vec![sorts[self.cases % sorts.len()].clone()]
            }
        }
    }

    /// How many rows match, and the cost of counting them. None if these are others than should match.
    async fn counted<L: List + DeserializeOwned>(&mut self, case: &Case) -> Option<(i64, Cost)> {
        let query: L = from_json(case.body.clone());
        match self.workspaces.get_mut(&case.rows).unwrap().count(&query, None).await {
            Ok(Recorded { value, selects }) => {
                let matched = value.cast_signed();
                if case.matches.fits(matched, case.rows) {
                    return Some((matched, self.cost(selects).await));
                }
                self.report.add_defect(format!("{matched} rows match {case}"));
            }
            Err(error) => self.report.add_defect(format!("{error}: {case}")),
        }
        None
    }

    /// The cost of the first page, which must have as many rows as match.
    async fn listed<L: List + DeserializeOwned>(&mut self, case: &Case, sort: &str, matched: i64) -> Cost {
        let mut body = case.body.clone();
        body["sort"] = json!(sort);
        let page = Page::new(body["limit"].as_i64(), body["offset"].as_i64()).unwrap();
        let query: L = from_json(body);
        let expected = usize::try_from((matched - page.offset()).clamp(0, page.limit())).unwrap();
        match self.workspaces.get_mut(&case.rows).unwrap().list(&query, Window::Page(page)).await {
            Ok(Recorded { value, selects }) => {
                if value.len() != expected {
                    self.report.add_defect(format!("{} rows instead of {expected}: {case} {sort}", value.len()));
                }
                self.cost(selects).await
            }
            Err(error) => {
                self.report.add_defect(format!("{error}: {case} {sort}"));
                Cost::default()
            }
        }
    }

    /// The cost of all selects of a list or a count.
    async fn cost(&mut self, selects: Vec<RecordedSelect>) -> Cost {
        let mut cost = Cost::default();
        for RecordedSelect { built, .. } in selects {
            cost.total += self.connection.cost(&built).await.unwrap();
            if self.report.shows_plans() {
                let plan = self.plan(built.clone()).await;
                cost.plans += &format!("{}\n{plan}\n", built.text);
            }
        }
        cost
    }

    async fn plan(&mut self, select: BuiltSelect) -> String {
        let (explain, row) = match self.app.backend {
            Backend::Sqlite => ("EXPLAIN QUERY PLAN", vec![Type::Big, Type::Big, Type::Big, Type::Text]),
            Backend::Postgres => ("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF)", vec![Type::Text]),
        };
        let kinds = row.into_iter().map(Kind::of).collect::<Vec<_>>();
        let text = format!("{explain} {}", select.text);
        let lines = self.connection.rows(&text, &select.types, &kinds, select.values).await.unwrap();
        let line = |row: Vec<Value>| match row.into_iter().next_back() {
            Some(Value::Text(line)) => line,
            other => panic!("{other:?}"),
        };
        lines.into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Fails if a cost grows.
    pub fn finish(self) {
        self.report.finish();
    }
}

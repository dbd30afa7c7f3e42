//! Measures the cases in both sizes of a workspace.

use std::collections::BTreeMap;

use control::{access::Workspace, name};
use model::{page::Page, permission::ReadRuns};
use serde::de::DeserializeOwned;
use serde_json::json;
use store::{
    filter::{List, Window},
    name::NAMED_TABLES,
    testing::{BuiltSelect, ListRecorder, RawConnection, RecordedSelect},
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
    workspaces: BTreeMap<Rows, (Workspace<ReadRuns>, ListRecorder)>,
    report: Report,
    /// Only cases whose name has this text are measured.
    only: String,
    /// How many cases were measured with one sort each.
    cases: usize,
}

impl Bench {
    pub async fn create(app: &TestApp) -> Self {
        let ann = app.person("ann").await;
        let mut workspaces = BTreeMap::new();
        for shape in Shape::ALL {
            for count in sizes() {
                let address = app.workspace(&ann, &format!("{shape:?} {count}")).await;
                let recorder = ListRecorder::open(&app.location, address.workspace, None).await.unwrap();
                workspaces.insert(Rows { shape, count }, (app.authorize(&ann, address).await, recorder));
            }
        }
        let mut connection = RawConnection::open(&app.location).await.unwrap();
        let ids = workspaces.iter().map(|(rows, (access, _))| (*rows, access.id())).collect();
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
        let (Some(small), Some(large)) = (self.matched::<L>(pair[0]).await, self.matched::<L>(pair[1]).await) else {
            return;
        };
        let counts = [self.count_cost::<L>(pair[0]).await, self.count_cost::<L>(pair[1]).await];
        self.report.add(Line::count(noun, pair, [small, large], counts));
        let sorts = match pair[0].body.get("sort") {
            Some(sort) => vec![sort.as_str().unwrap().to_owned()],
            None if is_exhaustive() => sorts::<L>(),
            None => {
                let sorts = sorts::<L>();
                self.cases += 1;
                vec![sorts[self.cases % sorts.len()].clone()]
            }
        };
        for sort in sorts {
            let pages =
                [self.page_cost::<L>(pair[0], &sort, small).await, self.page_cost::<L>(pair[1], &sort, large).await];
            self.report.add(Line::page(noun, pair, &sort, pages));
        }
    }

    /// How many rows match, by the product's own count.
    async fn matched<L: List + DeserializeOwned>(&mut self, case: &Case) -> Option<i64> {
        let query: L = from_json(case.body.clone());
        match self.app.cx.db.of(self.workspaces[&case.rows].0.tenant()).count(&query).await {
            Ok(matched) if case.matches.fits(matched, case.rows) => return Some(matched),
            Ok(matched) => self.report.add_defect(format!("{matched} rows match {case}")),
            Err(error) => self.report.add_defect(format!("{error}: {case}")),
        }
        None
    }

    async fn count_cost<L: List + DeserializeOwned>(&mut self, case: &Case) -> Cost {
        let query: L = from_json(case.body.clone());
        let (_, recorder) = self.workspaces.get_mut(&case.rows).unwrap();
        let selects = recorder.count(&query, None).await.unwrap();
        self.cost(selects).await
    }

    /// The cost of the first page, which must have as many rows as match.
    async fn page_cost<L: List + DeserializeOwned>(&mut self, case: &Case, sort: &str, matched: i64) -> Cost {
        let mut body = case.body.clone();
        body["sort"] = json!(sort);
        let page = Page::new(body["limit"].as_i64(), body["offset"].as_i64()).unwrap();
        let query: L = from_json(body);
        let listed = self.app.cx.db.of(self.workspaces[&case.rows].0.tenant()).list(&query, page).await;
        let expected = usize::try_from((matched - page.offset()).clamp(0, page.limit())).unwrap();
        match listed {
            Ok(rows) if rows.len() == expected => {}
            Ok(rows) => self.report.add_defect(format!("{} rows instead of {expected}: {case} {sort}", rows.len())),
            Err(error) => self.report.add_defect(format!("{error}: {case} {sort}")),
        }
        let (_, recorder) = self.workspaces.get_mut(&case.rows).unwrap();
        let selects = recorder.list(&query, Window::Page(page)).await.unwrap();
        self.cost(selects).await
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

//! Replays the cases of the crate `differential`, and compares the answers with those that the reference gave.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use axum::body::Body;
use chrono::{DateTime, Utc};
use differential::{
    answer::Answer,
    case::{self, Case},
    deviation, recording,
    server::{Request, Response, Server},
    session::{Outcome, Session},
    symbols::Symbols,
};
use http::header;
use serde_json::Value;
use testkit::TestApp;

use crate::{
    client::Client,
    contract_file::{Contract, Kind, normalize_operation},
    fixture::operation,
};

/// Between two calls the clock moves by so much that times are as different as on the reference.
const BETWEEN_CALLS: f64 = 0.001;

struct InProcess {
    app: TestApp,
    client: Client,
    /// Whether a filter of the last calls is not supported yet.
    unsupported: bool,
}

impl Server for InProcess {
    async fn call(&mut self, request: Request) -> Result<Response> {
        self.app.advance(BETWEEN_CALLS);
        let mut call = http::Request::builder()
            .method(request.method.as_str())
            .uri(format!("{}{}", self.client.base, request.path))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.client.key.as_deref().unwrap_or_default()));
        for (name, value) in &request.headers {
            call = call.header(name, value);
        }
        let response = self.client.send(call.body(Body::from(request.body.unwrap_or_default()))?).await;
        self.unsupported |= response.body.to_string().contains("not supported yet");
        Ok(Response { status: response.status.as_u16(), body: response.body })
    }
}

/// A new workspace with the objects of the seed.
async fn seeded(app: &TestApp, user: &str, foreign: Option<Symbols>) -> Session<InProcess> {
    let server = InProcess { app: app.clone(), client: Client::new(app, user).await, unsupported: false };
    let start: DateTime<Utc> = testkit::app::start().to_string().parse().expect("a time");
    let mut session = Session::new(server, Symbols::new(start, foreign));
    let failed = session.seed(&case::seed().expect("the seed")).await.expect("answers");
    let failed: Vec<_> = failed.into_iter().filter(|failure| is_built(failure)).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    session
}

/// Whether the route of a call exists.
fn is_built(call: &str) -> bool {
    let (method, path) = call.split_once(' ').expect("a method and a path");
    let noun = path.split('/').nth(1).expect("a first segment").trim_end_matches(':');
    api::routes::all().iter().any(|route| {
        let segments: Vec<_> = route.path.split('/').collect();
        route.method.as_str() == method && segments[1] == noun
    })
}

/// What one case showed.
enum Verdict {
    Equal,
    Deviates,
    NotBuilt,
    Differs(String),
}

struct Comparison {
    routes: BTreeSet<String>,
    deviations: BTreeMap<String, (String, Vec<Answer>)>,
}

impl Comparison {
    fn new() -> Self {
        let deviations = deviation::by_case(deviation::read().expect("deviations")).expect("one reason for each case");
        let routes = api::routes::all().iter().map(|route| normalize_operation(&operation(route))).collect();
        Self { routes, deviations }
    }

    async fn verdict(
        &self,
        session: &mut Session<InProcess>,
        case: &Case,
        recording: &recording::Recording,
    ) -> Verdict {
        if !self.routes.contains(&normalize_operation(&case.operation)) {
            return Verdict::NotBuilt;
        }
        let name = case.name();
        let Some(recorded) = recording.get(&name) else { return Verdict::Differs("it is not recorded".to_owned()) };
        session.server().unsupported = false;
        let answers = match session.run(case).await.expect("answers") {
            Outcome::Answers(answers) => answers,
            Outcome::Blocked(reason) => return Verdict::Differs(reason),
        };
        let found = serde_json::to_string(&answers).expect("JSON");
        match self.deviations.get(&name) {
            _ if session.server().unsupported => Verdict::NotBuilt,
            Some((reason, _)) if recorded.contains(&answers) => Verdict::Differs(format!("does not deviate: {reason}")),
            Some((_, expected)) if *expected == answers => Verdict::Deviates,
            None if recorded.contains(&answers) => Verdict::Equal,
            _ => Verdict::Differs(format!("reference: {}\n    Provost:   {found}", recorded.text())),
        }
    }
}

testkit::on_both! {
    async fn answers_equal_those_of_the_reference(app: TestApp) {
        let foreign = seeded(&app, "eve", None).await.into_symbols();
        let mut session = seeded(&app, "ann", Some(foreign)).await;
        let comparison = Comparison::new();
        let (mut differences, mut not_built) = (Vec::new(), 0);
        for table in case::tables().expect("tables") {
            let recording = recording::read(&table.name).expect("a recording");
            for case in &table.cases {
                let name = case.name();
                let word = match comparison.verdict(&mut session, case, &recording).await {
                    Verdict::Equal => "equal",
                    Verdict::Deviates => "deviates on purpose",
                    Verdict::NotBuilt => { not_built += 1; "not built" }
                    Verdict::Differs(how) => { differences.push(format!("{name}\n    {how}")); "DIFFERS" }
                };
                print_line(&format!("{word}: {name}"));
            }
        }
        print_line(&format!("{} differences, {not_built} cases of what is not built", differences.len()));
        assert!(differences.is_empty(), "{} differences from the reference:\n{}", differences.len(), differences.join("\n"));
    }
}

#[expect(clippy::print_stdout, reason = "each case is listed with --nocapture, and when one differs")]
fn print_line(line: &str) {
    println!("{line}");
}

/// Fields of filters that no case sends, by the start of their location.
const WITHOUT_CASES: [(&str, &str); 5] = [
    ("deployments", "there are no deployments yet"),
    ("work_pools", "there are no work pools yet"),
    ("work_pool_queues", "there are no work pools yet"),
    ("flows.deployment", "there are no deployments yet"),
    ("variables.value", "only the client 2.20 sends it; the reference rejects it"),
];

#[test]
fn every_field_of_the_compared_filters_has_a_case() {
    let contract = Contract::read();
    let cases: Vec<Case> = case::tables().expect("tables").into_iter().flat_map(|table| table.cases).collect();
    let compared: BTreeSet<_> =
        cases.iter().map(|case| &case.operation).filter(|call| call.ends_with("/filter")).collect();
    let mut missing = Vec::new();
    for operation in compared {
        let bodies: Vec<_> =
            cases.iter().filter(|case| case.operation == *operation).filter_map(|case| case.body.as_ref()).collect();
        let noun = operation.split('/').nth(1).expect("a first segment");
        let types = contract.operations[&normalize_operation(operation)].bodies().into_iter().map(Kind::parse);
        for (loc, sample) in types.flat_map(|body| contract.samples(&body)) {
            let field = loc.join(".");
            // How the conditions of another noun are combined is compared in the lists of that noun; artifacts are related to runs
            // as task runs are.
            let related = loc.len() > 1 && loc[0] != noun && (noun == "artifacts" || field.ends_with("operator"));
            let sent =
                bodies.iter().filter_map(|body| value_at(body, &loc)).any(|value| field != "sort" || *value == sample);
            if !sent && !related && !WITHOUT_CASES.iter().any(|(start, _)| field.starts_with(start)) {
                missing.push(format!("{operation} {field} {sample}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The value at a location of a body; none if it is null.
fn value_at<'a>(body: &'a Value, loc: &[&str]) -> Option<&'a Value> {
    loc.iter().try_fold(body, |value, key| value.get(*key)).filter(|value| !value.is_null())
}

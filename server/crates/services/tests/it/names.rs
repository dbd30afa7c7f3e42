//! Searches for a part of a name, before and after the names are indexed.

use std::collections::BTreeSet;

use control::{
    access::{Workspace, WorkspaceRef},
    artifact, flow, flow_run, list, task_run, workspace,
};
use engine::api_version::Client;
use model::{
    filter::query::{ArtifactQuery, FlowRunQuery, TaskRunQuery},
    id::{FlowId, FlowRunId},
    page::Page,
    permission::{ReadRuns, WriteRuns},
};
use serde_json::{Value as Json, json};
use services::{NameIndexer, Report, Service};
use store::{
    testing::RawConnection,
    value::{Kind, Type, Value},
};
use testkit::{Backend, TestApp, TestUser, on_both};

fn from_json<T: serde::de::DeserializeOwned>(json: Json) -> T {
    serde_json::from_value(json).unwrap()
}

/// A workspace with a flow.
struct Named {
    app: TestApp,
    read: Workspace<ReadRuns>,
    write: Workspace<WriteRuns>,
    flow: FlowId,
}

impl Named {
    async fn create(app: &TestApp, owner: &TestUser, name: &str) -> Self {
        let workspace: WorkspaceRef = app.workspace(owner, name).await;
        let (read, write) = (app.authorize(owner, workspace).await, app.authorize(owner, workspace).await);
        let flow = flow::create(&app.cx, write, from_json(json!({"name": "f"}))).await.unwrap().value.id;
        Self { app: app.clone(), read, write, flow }
    }

    async fn one(app: &TestApp) -> Self {
        let ann = app.person("ann").await;
        Self::create(app, &ann, "named").await
    }

    async fn run(&self, name: &str) -> FlowRunId {
        let run = from_json(json!({"flow_id": self.flow, "name": name}));
        flow_run::create(&self.app.cx, self.write, run, Client::default()).await.unwrap().value.id
    }

    async fn runs(&self, names: &[&str]) {
        for name in names {
            self.run(name).await;
        }
    }

    /// There is no use case yet that deletes a run.
    async fn delete(&self, run: FlowRunId) {
        let mut connection = RawConnection::open(&self.app.location).await.unwrap();
        for text in ["DELETE FROM flow_run_state WHERE flow_run_id = $1", "DELETE FROM flow_run WHERE id = $1"] {
            connection.touched(text, &[Type::Uuid], vec![Value::Uuid(run.0)]).await.unwrap();
        }
    }

    /// The sorted names of the runs that a search finds. The list and the count must agree.
    async fn found(&self, part: &str) -> Vec<String> {
        let query: FlowRunQuery = from_json(json!({"flow_runs": {"name": {"like_": part}}, "sort": "NAME_ASC"}));
        let runs = list::objects(&self.app.cx, self.read, &query, Page::default()).await.unwrap();
        let total = list::count(&self.app.cx, self.read, &query).await.unwrap();
        assert_eq!(total, runs.len() as i64, "{part}");
        runs.into_iter().map(|run| run.name).collect()
    }

    async fn count(&self, part: &str) -> i64 {
        let query: FlowRunQuery = from_json(json!({"flow_runs": {"name": {"like_": part}}}));
        list::count(&self.app.cx, self.read, &query).await.unwrap()
    }
}

/// Ticks until nothing is left to do, and returns how many names were indexed or removed.
async fn index(app: &TestApp) -> u64 {
    let indexer = NameIndexer::default();
    let mut total = 0;
    // The last tick of a round over all names removes none.
    let mut idle = 0;
    while idle < 3 {
        let Report { done, more } = indexer.tick(&app.cx).await.unwrap();
        assert!(!more, "the service must leave the writer thread to others");
        total += done;
        idle = if done == 0 { idle + 1 } else { 0 };
    }
    if app.backend == Backend::Sqlite {
        app.execute_raw("INSERT INTO name_part (name_part, rank) VALUES ('integrity-check', 1)").await;
    }
    total
}

/// The numbers that a statement yields on SQLite.
async fn numbers(app: &TestApp, text: &str) -> Vec<i64> {
    let mut connection = RawConnection::open(&app.location).await.unwrap();
    let rows = connection.rows(text, &[], &[Kind::of(Type::Big)], Vec::new()).await.unwrap();
    let number = |row: Vec<Value>| match row[..] {
        [Value::Big(number)] => number,
        _ => panic!("{row:?}"),
    };
    rows.into_iter().map(number).collect()
}

async fn indexed_names(app: &TestApp) -> i64 {
    numbers(app, "SELECT count(*) FROM indexed_name").await[0]
}

fn sorted(names: &[&str]) -> Vec<String> {
    names.iter().collect::<BTreeSet<_>>().into_iter().map(|name| (*name).to_owned()).collect()
}

on_both! {
    async fn rows_are_found_before_and_after_a_tick(app: TestApp) {
        let named = Named::one(&app).await;
        named.runs(&["lucid-otter", "lucid-heron", "brave-heron"]).await;
        assert_eq!(named.found("HERON").await, ["brave-heron", "lucid-heron"]);
        index(&app).await;
        assert_eq!(named.found("HERON").await, ["brave-heron", "lucid-heron"]);
        named.runs(&["calm-heron", "calm-otter"]).await;
        let both = async || {
            assert_eq!(named.found("heron").await, ["brave-heron", "calm-heron", "lucid-heron"]);
            assert_eq!(named.found("d-ott").await, ["lucid-otter"]);
            assert_eq!(named.found("otter-").await, [""; 0]);
            assert_eq!(named.found("ni").await, [""; 0]);
            assert_eq!(named.found("er").await.len(), 5);
        };
        both().await;
        index(&app).await;
        both().await;
    }

    async fn a_renamed_run_is_found_by_its_new_name(app: TestApp) {
        let named = Named::one(&app).await;
        let run = named.run("lucid-otter").await;
        named.run("brave-heron").await;
        for name in ["calm-badger", "bold-walrus"] {
            flow_run::edit(&app.cx, named.write, run, from_json(json!({"name": name}))).await.unwrap();
            assert_eq!(named.found(&name[2..8]).await, [name], "before a tick");
            assert_eq!(named.found("otter").await, [""; 0]);
            index(&app).await;
            assert_eq!(named.found(&name[2..8]).await, [name], "after a tick");
            assert_eq!(named.found("otter").await, [""; 0]);
        }
    }

    async fn runs_created_after_a_deletion_are_found(app: TestApp) {
        let named = Named::one(&app).await;
        named.run("lucid-otter").await;
        let newest = named.run("brave-heron").await;
        index(&app).await;
        named.delete(newest).await;
        // SQLite gives the deleted run's rowid to this one.
        let heron = named.run("calm-heron").await;
        assert_eq!(named.found("heron").await, ["calm-heron"]);
        index(&app).await;
        assert_eq!(named.found("heron").await, ["calm-heron"]);
        named.delete(heron).await;
        assert_eq!(named.found("heron").await, [""; 0]);
        named.run("bold-heron").await;
        assert_eq!(named.found("heron").await, ["bold-heron"]);
    }

    async fn deleting_all_runs_starts_over(app: TestApp) {
        let named = Named::one(&app).await;
        let runs = [named.run("lucid-otter").await, named.run("brave-heron").await];
        index(&app).await;
        for run in runs {
            named.delete(run).await;
        }
        named.run("lucid-badger").await;
        assert_eq!(named.found("lucid").await, ["lucid-badger"]);
        index(&app).await;
        assert_eq!(named.found("lucid").await, ["lucid-badger"]);
    }

    async fn letters_of_any_alphabet_are_found(app: TestApp) {
        let named = Named::one(&app).await;
        let names = ["ÄÖÜSSE-straße", "ΟΔΟΣΑ", "ŁÓDŹ", "fox🦊🦊🦊den", "e\u{301}te\u{301}s", "ÉTÉS", "İstanbul", "ИВАН-да"];
        named.runs(&names).await;
        let all = async || {
            for (part, found) in [
                ("äöü", "ÄÖÜSSE-straße"), ("STRAß", "ÄÖÜSSE-straße"), ("δος", "-"), ("οδοσ", "ΟΔΟΣΑ"), ("łód", "ŁÓDŹ"), ("🦊🦊🦊D", "fox🦊🦊🦊den"),
                ("🦊🦊🦊🦊", "-"), ("te\u{301}s", "e\u{301}te\u{301}s"), ("éTé", "ÉTÉS"), ("STANB", "İstanbul"), ("иван-Д", "ИВАН-да"),
            ] {
                let expected: Vec<&str> = Some(found).filter(|found| *found != "-").into_iter().collect();
                assert_eq!(named.found(part).await, expected, "{part}");
            }
        };
        all().await;
        index(&app).await;
        all().await;
    }

    async fn signs_of_patterns_and_searches_are_plain_text(app: TestApp) {
        let named = Named::one(&app).await;
        let names = [r#"say "hi" now"#, "100%_sure", "100 or more", r"back\slash", "a* OR b", "it's (here)", "col:umn^2", "---+++"];
        named.runs(&names).await;
        let all = async || {
            for (part, name) in [
                (r#""hi""#, names[0]), (r#"y "h"#, names[0]), ("%_s", names[1]), ("100%", names[1]), ("0 o", names[2]), (r"k\s", names[3]),
                ("* OR", names[4]), ("'s (", names[5]), ("l:u", names[6]), ("n^2", names[6]), ("-++", names[7]),
            ] {
                assert_eq!(named.found(part).await, [name], "{part}");
            }
            for part in ["___", "%%%", "\"\"\"", "hi\"\"", "AND", "NEAR(a b)", r"\\\"] {
                assert_eq!(named.found(part).await, [""; 0], "{part}");
            }
        };
        all().await;
        index(&app).await;
        all().await;
    }

    async fn long_names_are_found_by_any_part(app: TestApp) {
        let named = Named::one(&app).await;
        let long = "ab🦊".repeat(160) + "xyz";
        named.run(&long).await;
        // More characters than one batch may have.
        for number in 0..50 {
            named.run(&(long.clone() + &number.to_string())).await;
        }
        let part = |from: usize| long.chars().skip(from).take(300).collect::<String>();
        for _ in 0..2 {
            assert_eq!((named.count(&part(0)).await, named.count(&part(183)).await, named.count("xyz49").await), (51, 51, 1));
            assert_eq!(named.count(&(part(100) + "!")).await, 0, "only the first characters are in the index");
            index(&app).await;
        }
    }

    async fn a_thousand_names_and_more_are_listed_in_order(app: TestApp) {
        let ann = app.person("ann").await;
        let (named, other) = (Named::create(&app, &ann, "named").await, Named::create(&app, &ann, "other").await);
        for number in 0..1_001 {
            named.run(&format!("lucid-{:04}", number * 5 % 1_001)).await;
        }
        other.runs(&["lucid-other", "lucid-0500"]).await;
        let query = |sort: &str, offset: i64| -> (FlowRunQuery, Page) {
            let query = json!({"flow_runs": {"name": {"like_": "UCID-"}}, "sort": sort});
            (from_json(query), Page::new(Some(2), Some(offset)).unwrap())
        };
        for _ in 0..2 {
            assert_eq!((named.count("lucid-").await, named.count("cid-05").await, other.count("lucid-").await), (1_001, 100, 2));
            for (sort, offset, names) in [
                ("NAME_ASC", 0, ["lucid-0000", "lucid-0001"]), ("NAME_DESC", 0, ["lucid-1000", "lucid-0999"]),
                ("NAME_ASC", 500, ["lucid-0500", "lucid-0501"]),
            ] {
                let (query, page) = query(sort, offset);
                let rows = list::objects(&app.cx, named.read, &query, page).await.unwrap();
                assert_eq!(rows.into_iter().map(|run| run.name).collect::<Vec<_>>(), names, "{sort} {offset}");
            }
            assert_eq!(other.found("UCID-").await, ["lucid-0500", "lucid-other"]);
            index(&app).await;
        }
    }

    async fn each_table_is_searched_for_its_own_names(app: TestApp) {
        let ann = app.person("ann").await;
        let (named, other) = (Named::create(&app, &ann, "named").await, Named::create(&app, &ann, "other").await);
        for (of, suffix) in [(&named, "one"), (&other, "two")] {
            of.run(&format!("run-lucid-{suffix}")).await;
            let task = json!({"task_key": "t", "dynamic_key": "0", "name": format!("task-lucid-{suffix}")});
            task_run::create(&app.cx, of.write, from_json(task)).await.unwrap();
            artifact::create(&app.cx, of.write, from_json(json!({"key": format!("key-lucid-{suffix}")}))).await.unwrap();
            artifact::create(&app.cx, of.write, from_json(json!({"data": 1}))).await.unwrap();
        }
        for _ in 0..2 {
            assert_eq!(named.found("lucid").await, ["run-lucid-one"]);
            let query: TaskRunQuery = from_json(json!({"task_runs": {"name": {"like_": "LUCID"}}}));
            let tasks = list::objects(&app.cx, named.read, &query, Page::default()).await.unwrap();
            assert_eq!(tasks.into_iter().map(|run| run.name).collect::<Vec<_>>(), ["task-lucid-one"]);
            for (pattern, found) in [("LUCID", 1), ("uci_-on", 1), ("key%one", 1), ("_lucid-%ne", 1), ("%%%", 1), ("key-_lucid", 0), ("two", 0)] {
                let query: ArtifactQuery = from_json(json!({"artifacts": {"key": {"like_": pattern}}}));
                assert_eq!(list::count(&app.cx, named.read, &query).await.unwrap(), found, "{pattern}");
                let keys = list::objects(&app.cx, named.read, &query, Page::default()).await.unwrap();
                assert_eq!(keys.len() as i64, found, "{pattern}");
            }
            // Of the runs of a flow, through the condition on a related object.
            let query: FlowRunQuery = from_json(json!({"flows": {"name": {"any_": ["f"]}}, "flow_runs": {"name": {"like_": "lucid"}}}));
            assert_eq!(list::count(&app.cx, named.read, &query).await.unwrap(), 1);
            index(&app).await;
        }
    }

    async fn names_of_new_rows_are_indexed_once(app: TestApp) {
        let named = Named::one(&app).await;
        for number in 0..700 {
            named.run(&format!("lucid-{}", number % 650)).await;
        }
        let indexer = NameIndexer::default();
        let done = async || indexer.tick(&app.cx).await.unwrap().done;
        if app.backend == Backend::Postgres {
            assert_eq!(done().await, 0, "PostgreSQL indexes names itself");
            return;
        }
        assert_eq!((done().await, done().await, done().await), (500, 150, 0), "500 rows a tick");
        assert_eq!(indexed_names(&app).await, 650);
        let again = NameIndexer::default();
        assert_eq!(again.tick(&app.cx).await.unwrap().done, 0);
        named.run("lucid-0").await;
        assert_eq!((done().await, indexed_names(&app).await), (0, 650));
        named.run("lucid-new").await;
        assert_eq!((done().await, indexed_names(&app).await), (1, 651));
        let marked = "SELECT count(*) FROM name_mark m JOIN flow_run r ON r.id = m.marked_id WHERE r.name = 'lucid-new'";
        assert_eq!(numbers(&app, marked).await, [1]);
    }

    async fn names_of_deleted_runs_are_removed(app: TestApp) {
        let named = Named::one(&app).await;
        let runs = [named.run("lucid-otter").await, named.run("lucid-otter").await, named.run("brave-heron").await];
        index(&app).await;
        if app.backend == Backend::Postgres {
            return;
        }
        assert_eq!(indexed_names(&app).await, 2);
        named.delete(runs[0]).await;
        assert_eq!((index(&app).await, indexed_names(&app).await), (0, 2));
        named.delete(runs[1]).await;
        assert_eq!((index(&app).await, indexed_names(&app).await), (1, 1));
        named.run("lucid-otter").await;
        assert_eq!(named.found("lucid").await, ["lucid-otter"]);
        assert_eq!((index(&app).await, indexed_names(&app).await), (1, 2));
        assert_eq!(named.found("lucid").await, ["lucid-otter"]);
    }

    async fn two_servers_at_once_index_each_name_once(app: TestApp) {
        let named = Named::one(&app).await;
        for number in 0..200 {
            named.run(&format!("lucid-{number}")).await;
        }
        let other = app.with_read_limit(std::time::Duration::from_secs(10)).await;
        let (one, two) = (NameIndexer::default(), NameIndexer::default());
        let (one, two) = tokio::join!(one.tick(&app.cx), two.tick(&other.cx));
        let expected = if app.backend == Backend::Sqlite { 200 } else { 0 };
        assert_eq!(one.unwrap().done + two.unwrap().done, expected);
        assert_eq!((named.count("lucid-").await, named.count("id-19").await), (200, 11));
    }
}

#[test]
fn new_rowids_move_no_mark() {
    testkit::app::run(Backend::Sqlite, |app| async move {
        let named = Named::one(&app).await;
        let runs = [named.run("lucid-otter").await, named.run("brave-heron").await, named.run("calm-heron").await];
        index(&app).await;
        named.delete(runs[0]).await;
        named.run("bold-otter").await;
        assert_eq!(numbers(&app, "SELECT rowid FROM flow_run ORDER BY rowid").await, [2, 3, 4]);
        app.execute_raw("VACUUM").await;
        // As a VACUUM may do, but does not in each version of SQLite.
        app.execute_raw("UPDATE flow_run SET rowid = rowid - 1").await;
        assert_eq!(numbers(&app, "SELECT rowid FROM flow_run ORDER BY rowid").await, [1, 2, 3]);
        for _ in 0..2 {
            assert_eq!(named.found("otter").await, ["bold-otter"]);
            assert_eq!(named.found("heron").await, ["brave-heron", "calm-heron"]);
            index(&app).await;
        }
        named.delete(runs[2]).await;
        named.run("wild-otter").await;
        assert_eq!(named.found("otter").await, sorted(&["bold-otter", "wild-otter"]));
        let names = numbers(&app, "SELECT count(*) FROM name_part WHERE name_part MATCH '\"ott\"'").await;
        assert_eq!(names, [1], "only bold-otter is indexed yet");
        index(&app).await;
        assert_eq!(named.found("otter").await, sorted(&["bold-otter", "wild-otter"]));
    });
}

#[test]
fn names_of_deleted_workspaces_are_removed() {
    testkit::app::run(Backend::Sqlite, |app| async move {
        let ann = app.person("ann").await;
        let (named, kept) = (Named::create(&app, &ann, "named").await, Named::create(&app, &ann, "kept").await);
        named.run("lucid-otter").await;
        kept.run("lucid-otter").await;
        index(&app).await;
        assert_eq!((indexed_names(&app).await, numbers(&app, "SELECT count(*) FROM name_space").await), (2, vec![2]));
        let delete = app.authorize(&ann, named.read.workspace_ref()).await;
        workspace::delete(&app.cx, delete, "named", testkit::fixture::client_info()).await.unwrap();
        app.advance(120.0);
        while services::WorkspaceReaper.tick(&app.cx).await.unwrap().more {}
        index(&app).await;
        assert_eq!((indexed_names(&app).await, numbers(&app, "SELECT count(*) FROM name_space").await), (1, vec![1]));
        assert_eq!(kept.found("OTTER").await, ["lucid-otter"]);
    });
}

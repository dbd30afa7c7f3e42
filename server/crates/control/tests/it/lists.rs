//! Lists of runs: paging and filters.

use control::{
    Cx, Error,
    access::Workspace,
    flow, flow_run,
    list::{self, ListQuery},
    screen::{run_list, run_list_update},
};
use model::{
    filter::query::{ArtifactCollectionQuery, ArtifactQuery, FlowQuery, FlowRunQuery, TaskRunQuery},
    id::FlowRunId,
    log::LogQuery,
    page::Page,
    screen::{RUNS_PER_PAGE, RunCursor, RunFilter, RunList, RunRow, RunSortKey, Since},
    state::StateType,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use testkit::{Backend, TestApp};

use crate::runs::{RunFixture, from_json};

/// A run that the list is expected to show.
struct ExpectedRun {
    place: RunSortKey,
    state_type: StateType,
    state_name: &'static str,
}

/// 130 runs in four states, always three of them created at the same time; newest first.
async fn many_runs(fixture: &RunFixture, app: &TestApp) -> Vec<ExpectedRun> {
    let mut runs = Vec::new();
    for number in 0..130 {
        let first = json!({"state": {"type": "SCHEDULED", "name": "Late"}});
        let (state_type, state_name, run) = match number % 4 {
            0 => (StateType::Pending, "Pending", fixture.run(json!({})).await),
            1 => (StateType::Failed, "Failed", fixture.run(json!({})).await),
            2 => (StateType::Scheduled, "Late", fixture.run(first).await),
            _ => (StateType::Completed, "Fine", fixture.run(json!({})).await),
        };
        if state_type.is_terminal() {
            fixture.propose(run.id, json!({"type": state_type, "name": state_name})).await;
        }
        let run = fixture.read_run(run.id).await;
        let time = run.start_time.or(run.expected_start_time).unwrap();
        runs.push(ExpectedRun { place: RunSortKey { time, id: run.id }, state_type, state_name });
        if number % 3 == 2 {
            app.advance(1.0);
        }
    }
    runs.sort_by_key(|run| std::cmp::Reverse(run.place));
    runs
}

async fn page(fixture: &RunFixture, filter: &RunFilter, cursor: RunCursor) -> RunList {
    let list = run_list(&fixture.cx, fixture.read, filter.clone(), cursor).await.unwrap();
    assert!(list.rows.len() <= RUNS_PER_PAGE);
    list
}

fn ids(list: &RunList) -> Vec<FlowRunId> {
    list.rows.iter().map(|row| row.id).collect()
}

/// Pages down the list from the newest run and up again from the oldest; returns the ids of each way, newest first.
async fn down_and_up(fixture: &RunFixture, filter: &RunFilter, total: usize) -> [Vec<FlowRunId>; 2] {
    let mut list = page(fixture, filter, RunCursor::Newest).await;
    let mut down = ids(&list);
    assert!(!list.newer);
    while list.older {
        list = page(fixture, filter, RunCursor::After(list.rows.last().unwrap().sort_key())).await;
        assert!(list.newer);
        assert_eq!(list.total, total as u64);
        down.extend(ids(&list));
    }
    let mut up = ids(&list);
    while list.newer {
        list = page(fixture, filter, RunCursor::Before(list.rows[0].sort_key())).await;
        up.splice(0..0, ids(&list));
        if up.len() == total {
            assert!(!list.newer, "the first page is reached");
        }
    }
    [down, up]
}

/// A run that is scheduled for so many minutes after now.
async fn planned(fixture: &RunFixture, minutes: i64) -> FlowRunId {
    let time = fixture.cx.clock.now().plus_micros(minutes * 60_000_000);
    let state = json!({"type": "SCHEDULED", "state_details": {"scheduled_time": time}});
    fixture.run(json!({"state": state})).await.id
}

/// The runs of the list, those that it shows apart as planned, and how many there are of both.
async fn shown(fixture: &RunFixture, since: Since) -> (Vec<FlowRunId>, Vec<FlowRunId>, (u64, u64)) {
    let list = page(fixture, &RunFilter { since, ..RunFilter::default() }, RunCursor::Newest).await;
    let next = list.planned.next.iter().map(|row| row.id).collect();
    (ids(&list), next, (list.total, list.planned.total))
}

/// The filter that the errors of a slow list and of its count ask for.
async fn narrowed_by<Q: ListQuery + DeserializeOwned>(
    cx: &Cx,
    ws: Workspace<Q::Permission>,
    json: Value,
) -> &'static str {
    let query: Q = from_json(json);
    let listed = list::objects(cx, ws, &query, Page::default()).await.map(drop).unwrap_err();
    let counted = list::count(cx, ws, &query).await.unwrap_err();
    assert_eq!(listed, counted);
    match listed {
        Error::TooBroad { narrowed_by } => narrowed_by,
        other => panic!("{other:?}"),
    }
}

testkit::on_both! {
    async fn lists_without_time_name_the_filter_to_add(app: TestApp) {
        let ann = app.person("ann").await;
        let workspace = app.workspace(&ann, "runs").await;
        let ws = app.authorize(&ann, workspace).await;
        let cx = &app.with_read_limit(std::time::Duration::ZERO).await.cx;
        let (name, key) = (json!({"name": {"like_": "a"}}), json!({"artifacts": {"key": {"like_": "a"}}}));
        assert_eq!(narrowed_by::<FlowRunQuery>(cx, ws, json!({"flow_runs": name})).await, "flow_runs.start_time");
        assert_eq!(narrowed_by::<TaskRunQuery>(cx, ws, json!({"task_runs": name})).await, "task_runs.flow_run_id");
        assert_eq!(narrowed_by::<FlowQuery>(cx, ws, json!({"flows": name})).await, "flows.name");
        assert_eq!(narrowed_by::<ArtifactQuery>(cx, ws, key.clone()).await, "artifacts.key");
        assert_eq!(narrowed_by::<ArtifactCollectionQuery>(cx, ws, key).await, "artifacts.key");
        assert_eq!(narrowed_by::<LogQuery>(cx, ws, json!({"logs": {"text": {"query": "a"}}})).await, "logs.flow_run_id");
    }

    async fn paging_down_and_up_shows_each_run_once(app: TestApp) {
        use StateType::{Failed, Scheduled};
        let fixture = RunFixture::set_up(&app).await;
        let runs = many_runs(&fixture, &app).await;
        let filters: [(&[StateType], &[&str], usize); 7] = [
            (&[], &[], 130),
            (&[Failed], &[], 33),
            (&[], &["Late"], 32),
            (&[], &["Pending"], 33),
            (&[Failed], &["Late", "Fine"], 97),
            (&[Scheduled], &["Late"], 32),
            (&[Failed, Scheduled], &["Nothing", "Scheduled"], 65),
        ];
        for since in [Since::Ever, Since::Last(1_000_000)] {
            for (types, names, count) in filters {
                let matches = |run: &&ExpectedRun| {
                    let any = types.is_empty() && names.is_empty();
                    any || types.contains(&run.state_type) || names.contains(&run.state_name)
                };
                let expected: Vec<FlowRunId> = runs.iter().filter(matches).map(|run| run.place.id).collect();
                assert_eq!(expected.len(), count);
                let filter = RunFilter { types: types.to_vec(), names: names.iter().map(|name| (*name).to_owned()).collect(), since };
                assert_eq!(page(&fixture, &filter, RunCursor::Newest).await.total, count as u64, "{filter:?}");
                let [down, up] = down_and_up(&fixture, &filter, count).await;
                assert_eq!(down, expected, "{filter:?}");
                assert_eq!(up, expected, "{filter:?}");
            }
        }
    }

    async fn planned_runs_are_shown_apart(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let mut begun = Vec::new();
        for _ in 0..60 {
            begun.insert(0, fixture.run(json!({})).await.id);
            app.advance(1.0);
        }
        let mut later = Vec::new();
        for minutes in 1..=60 {
            later.push(planned(&fixture, minutes).await);
        }
        let (cancelled, early) = (planned(&fixture, 90).await, planned(&fixture, 80).await);
        fixture.propose(cancelled, json!({"type": "CANCELLED"})).await;
        fixture.propose(early, json!({"type": "PENDING"})).await;
        // As in the reference, a run that is cancelled before its time counts as started and ended when it was cancelled.
        let listed = [&[early, cancelled], begun.as_slice()].concat();

        let [down, up] = down_and_up(&fixture, &RunFilter::default(), 62).await;
        assert_eq!(down, listed);
        assert_eq!(up, listed);
        let next = later[..5].to_vec();
        assert_eq!(shown(&fixture, Since::Ever).await, (listed[..50].to_vec(), next.clone(), (62, 60)));
        assert_eq!(shown(&fixture, Since::Last(3_600)).await, (listed[..50].to_vec(), Vec::new(), (62, 0)));
        let half_past = fixture.cx.clock.now().plus_micros(30 * 60_000_000);
        let until = shown(&fixture, Since::Between(None, Some(half_past))).await;
        assert_eq!(until, (listed[1..51].to_vec(), next, (61, 30)));
        let from = shown(&fixture, Since::Between(Some(half_past.plus_micros(1)), None)).await;
        assert_eq!(from, (vec![early], later[30..35].to_vec(), (1, 30)));
        // Who filters by states sees planned runs among the others.
        let scheduled = RunFilter { types: vec![StateType::Scheduled], ..RunFilter::default() };
        let list = page(&fixture, &scheduled, RunCursor::Newest).await;
        assert_eq!(ids(&list), later.iter().rev().take(50).copied().collect::<Vec<_>>());
        assert_eq!((list.total, list.planned.total), (60, 0));

        // The time of two of them comes.
        app.advance(150.0);
        let (rows, next, counts) = shown(&fixture, Since::Ever).await;
        assert_eq!(rows[..5], [early, later[1], later[0], cancelled, begun[0]]);
        assert_eq!((next, counts), (later[2..7].to_vec(), (64, 58)));

        // All of them are cancelled, most of them before their time, which thus is now.
        for run in &later {
            fixture.propose(*run, json!({"type": "CANCELLED"})).await;
        }
        let listed: Vec<_> = listed[..1].iter().chain(later.iter().rev()).chain(&listed[1..]).copied().collect();
        let [down, up] = down_and_up(&fixture, &RunFilter::default(), 122).await;
        assert_eq!(down, listed);
        assert_eq!(up, listed);
    }

    async fn an_update_shows_planned_runs_apart(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let begun = fixture.run(json!({})).await.id;
        let later = planned(&fixture, 5).await;
        let update = async |filter: &RunFilter| {
            run_list_update(&fixture.cx, fixture.read, filter.clone(), [begun, later].into()).await.unwrap()
        };
        let ids = |rows: &[RunRow]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
        let all = update(&RunFilter::default()).await;
        assert_eq!((ids(&all.rows), all.gone, all.total), (vec![begun], vec![later], 1));
        assert_eq!((ids(&all.planned.next), all.planned.total), (vec![later], 1));
        let scheduled = update(&RunFilter { types: vec![StateType::Scheduled], ..RunFilter::default() }).await;
        assert_eq!((ids(&scheduled.rows), scheduled.gone, scheduled.total), (vec![later], vec![begun], 1));
        assert_eq!(scheduled.planned.total, 0);

        fixture.propose(later, json!({"type": "PENDING"})).await;
        let all = update(&RunFilter::default()).await;
        assert_eq!((ids(&all.rows), all.gone, all.total), (vec![later, begun], Vec::new(), 2));
        assert_eq!((ids(&all.planned.next), all.planned.total), (Vec::new(), 0));
    }

    async fn substring_filters_ignore_case_in_any_alphabet(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        fixture.run(json!({"name": "École"})).await;
        fixture.run(json!({"name": "ÉCOLE"})).await;
        let found = async |text: &str| runs(&fixture, json!({"name": {"like_": text}})).await.len();
        assert_eq!((found("École").await, found("ÉCOLE").await, found("cole").await, found("Ecole").await), (2, 2, 2, 0));
        // How PostgreSQL lowers a single É depends on the locale of its database.
        if app.backend == Backend::Sqlite {
            assert_eq!(found("école").await, 2);
        }
    }

    async fn a_filter_can_require_a_thousand_tags(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let tags: Vec<String> = (0..500).map(|number| format!("tag-{number}")).collect();
        let run = fixture.run(json!({"tags": tags})).await;
        let task = fixture.task(run.id, "tagged", json!({"tags": tags})).await;
        flow::create(&fixture.cx, fixture.write, from_json(json!({"name": "tagged", "tags": tags}))).await.unwrap();
        let doubled = [tags.clone(), tags.clone()].concat();
        let more: Vec<String> = (0..1_000).map(|number| format!("tag-{number}")).collect();
        for (required, count) in [(&doubled, 1), (&more, 0)] {
            let filter = json!({"tags": {"all_": required}});
            assert_eq!(runs(&fixture, filter.clone()).await.len(), count);
            assert_eq!(flows(&fixture, filter.clone()).await.len(), count);
            let query: TaskRunQuery = from_json(json!({"task_runs": filter}));
            let tasks = list::objects(&fixture.cx, fixture.read, &query, Page::default()).await.unwrap();
            assert_eq!(tasks.iter().map(|task| task.id).collect::<Vec<_>>(), vec![task.id; count]);
        }
    }

    async fn flow_filters_match_whole_tags_only(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        flow::create(&fixture.cx, fixture.write, from_json(json!({"name": "two", "tags": ["a", "b"]}))).await.unwrap();
        let one = flow::create(&fixture.cx, fixture.write, from_json(json!({"name": "one", "tags": ["A", "say \"a\""]}))).await.unwrap().value;
        flow_run::create(&fixture.cx, fixture.write, from_json(json!({"flow_id": one.id})), engine::api_version::Client::default()).await.unwrap();
        for (tags, names) in [
            (json!({"any_": [","]}), &[][..]),
            (json!({"any_": ["a"]}), &["two"]),
            (json!({"any_": ["A", "b"]}), &["one", "two"]),
            (json!({"all_": ["a", "b"]}), &["two"]),
            (json!({"all_": ["a", "A"]}), &[]),
            (json!({"any_": ["say \"a\""]}), &["one"]),
            (json!({"any_": []}), &[]),
            (json!({"is_null_": true}), &["Testing"]),
            (json!({"operator": "or_", "is_null_": true, "all_": ["b"]}), &["Testing", "two"]),
        ] {
            assert_eq!(flows(&fixture, json!({"tags": tags})).await, names, "{tags}");
        }
        let query: FlowRunQuery = from_json(json!({"flows": {"tags": {"all_": ["A"]}}}));
        assert_eq!(list::count(&fixture.cx, fixture.read, &query).await.unwrap(), 1);
        // Creating an existing flow does not change its tags.
        flow::create(&fixture.cx, fixture.write, from_json(json!({"name": "two", "tags": ["c"]}))).await.unwrap();
        assert_eq!(flows(&fixture, json!({"tags": {"any_": ["c"]}})).await, [""; 0]);
    }
}

async fn runs(fixture: &RunFixture, filter: Value) -> Vec<FlowRunId> {
    let query: FlowRunQuery = from_json(json!({"flow_runs": filter}));
    let runs = list::objects(&fixture.cx, fixture.read, &query, Page::default()).await.unwrap();
    runs.into_iter().map(|run| run.id).collect()
}

async fn flows(fixture: &RunFixture, filter: Value) -> Vec<String> {
    let query: FlowQuery = from_json(json!({"flows": filter}));
    let flows = list::objects(&fixture.cx, fixture.read, &query, Page::default()).await.unwrap();
    flows.into_iter().map(|flow| flow.name).collect()
}

//! Lists of runs: their pages, and what their filters find.

use control::{flow, flow_run, screen::run_list, task_run};
use model::{
    filter::{flow::FlowQuery, flow_run::FlowRunQuery, task_run::TaskRunQuery},
    id::FlowRunId,
    page::Page,
    screen::{RUNS_A_PAGE, RunCursor, RunFilter, RunList, RunPlace, Since},
    state::StateType,
};
use serde_json::{Value, json};
use testkit::Backend;

use crate::runs::{Desk, of};

/// A run as the test knows it.
struct Known {
    place: RunPlace,
    state_type: StateType,
    state_name: &'static str,
}

/// 130 runs in four states, three at a time made in the same moment; newest first.
async fn many_runs(desk: &Desk, kit: &testkit::Kit) -> Vec<Known> {
    let mut known = Vec::new();
    for number in 0..130 {
        let first = json!({"state": {"type": "SCHEDULED", "name": "Late"}});
        let (state_type, state_name, run) = match number % 4 {
            0 => (StateType::Pending, "Pending", desk.run(json!({})).await),
            1 => (StateType::Failed, "Failed", desk.run(json!({})).await),
            2 => (StateType::Scheduled, "Late", desk.run(first).await),
            _ => (StateType::Completed, "Fine", desk.run(json!({})).await),
        };
        if state_type.is_terminal() {
            desk.propose(run.id, json!({"type": state_type, "name": state_name})).await;
        }
        let run = desk.read_run(run.id).await;
        let time = run.start_time.or(run.expected_start_time).unwrap();
        known.push(Known { place: RunPlace { time, id: run.id }, state_type, state_name });
        if number % 3 == 2 {
            kit.advance(1.0);
        }
    }
    known.sort_by_key(|known| std::cmp::Reverse(known.place));
    known
}

async fn page(desk: &Desk, filter: &RunFilter, cursor: RunCursor) -> RunList {
    let list = run_list(&desk.cx, desk.read, filter.clone(), cursor).await.unwrap();
    assert!(list.rows.len() <= RUNS_A_PAGE);
    list
}

fn ids(list: &RunList) -> Vec<FlowRunId> {
    list.rows.iter().map(|row| row.id).collect()
}

/// Walks down the list from the newest run and up again from the oldest; what was seen each time, newest first.
async fn down_and_up(desk: &Desk, filter: &RunFilter, total: usize) -> [Vec<FlowRunId>; 2] {
    let mut list = page(desk, filter, RunCursor::Newest).await;
    let mut down = ids(&list);
    assert!(!list.newer);
    while list.older {
        list = page(desk, filter, RunCursor::After(list.rows.last().unwrap().place())).await;
        assert!(list.newer);
        assert_eq!(list.total, total as u64);
        down.extend(ids(&list));
    }
    let mut up = ids(&list);
    while list.newer {
        list = page(desk, filter, RunCursor::Before(list.rows[0].place())).await;
        up.splice(0..0, ids(&list));
        if up.len() == total {
            assert!(!list.newer, "nothing is left");
        }
    }
    [down, up]
}

testkit::on_both! {
    async fn pages_show_each_run_once_on_the_way_down_and_up(kit: Kit) {
        use StateType::{Failed, Scheduled};
        let desk = Desk::set_up(&kit).await;
        let known = many_runs(&desk, &kit).await;
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
                let matches = |run: &&Known| {
                    let any = types.is_empty() && names.is_empty();
                    any || types.contains(&run.state_type) || names.contains(&run.state_name)
                };
                let expected: Vec<FlowRunId> = known.iter().filter(matches).map(|run| run.place.id).collect();
                assert_eq!(expected.len(), count);
                let filter = RunFilter { types: types.to_vec(), names: names.iter().map(|name| (*name).to_owned()).collect(), since };
                assert_eq!(page(&desk, &filter, RunCursor::Newest).await.total, count as u64, "{filter:?}");
                let [down, up] = down_and_up(&desk, &filter, count).await;
                assert_eq!(down, expected, "{filter:?}");
                assert_eq!(up, expected, "{filter:?}");
            }
        }
    }

    async fn letters_of_any_alphabet_are_found_in_either_case(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        desk.run(json!({"name": "École"})).await;
        desk.run(json!({"name": "ÉCOLE"})).await;
        let found = async |text: &str| runs(&desk, json!({"name": {"like_": text}})).await.len();
        assert_eq!((found("École").await, found("ÉCOLE").await, found("cole").await, found("Ecole").await), (2, 2, 2, 0));
        // What PostgreSQL makes of a single É depends on the locale of its database.
        if kit.backend == Backend::Sqlite {
            assert_eq!(found("école").await, 2);
        }
    }

    async fn all_of_a_thousand_tags_can_be_asked_for(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let tags: Vec<String> = (0..500).map(|number| format!("tag-{number}")).collect();
        let run = desk.run(json!({"tags": tags})).await;
        let task = desk.task(run.id, "tagged", json!({"tags": tags})).await;
        flow::create(&desk.cx, desk.write, of(json!({"name": "tagged", "tags": tags}))).await.unwrap();
        let doubled = [tags.clone(), tags.clone()].concat();
        let more: Vec<String> = (0..1_000).map(|number| format!("tag-{number}")).collect();
        for (wanted, count) in [(&doubled, 1), (&more, 0)] {
            let filter = json!({"tags": {"all_": wanted}});
            assert_eq!(runs(&desk, filter.clone()).await.len(), count);
            assert_eq!(flows(&desk, filter.clone()).await.len(), count);
            let query: TaskRunQuery = of(json!({"task_runs": filter}));
            let tasks = task_run::list(&desk.cx, desk.read, &query, Page::default()).await.unwrap();
            assert_eq!(tasks.iter().map(|task| task.id).collect::<Vec<_>>(), vec![task.id; count]);
        }
    }

    async fn flows_are_found_by_their_tags_and_by_nothing_like_them(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        flow::create(&desk.cx, desk.write, of(json!({"name": "two", "tags": ["a", "b"]}))).await.unwrap();
        let one = flow::create(&desk.cx, desk.write, of(json!({"name": "one", "tags": ["A", "say \"a\""]}))).await.unwrap().it;
        flow_run::create(&desk.cx, desk.write, of(json!({"flow_id": one.id})), engine::api_version::Client::default()).await.unwrap();
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
            assert_eq!(flows(&desk, json!({"tags": tags})).await, names, "{tags}");
        }
        let query: FlowRunQuery = of(json!({"flows": {"tags": {"all_": ["A"]}}}));
        assert_eq!(flow_run::count(&desk.cx, desk.read, &query).await.unwrap(), 1);
        // A flow that is there stays as it is.
        flow::create(&desk.cx, desk.write, of(json!({"name": "two", "tags": ["c"]}))).await.unwrap();
        assert_eq!(flows(&desk, json!({"tags": {"any_": ["c"]}})).await, [""; 0]);
    }
}

async fn runs(desk: &Desk, filter: Value) -> Vec<FlowRunId> {
    let query: FlowRunQuery = of(json!({"flow_runs": filter}));
    let runs = flow_run::list(&desk.cx, desk.read, &query, Page::default()).await.unwrap();
    runs.into_iter().map(|run| run.id).collect()
}

async fn flows(desk: &Desk, filter: Value) -> Vec<String> {
    let query: FlowQuery = of(json!({"flows": filter}));
    let flows = flow::list(&desk.cx, desk.read, &query, Page::default()).await.unwrap();
    flows.into_iter().map(|flow| flow.name).collect()
}

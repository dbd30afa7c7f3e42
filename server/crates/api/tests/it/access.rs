//! Who may call what: every route of the table, in each of its spellings, with every kind of caller who may not.

use api::route::{Access, Method, Payload, Route, Scope};
use axum::body::Body;
use control::{Cx, access::Origin, api_key};
use http::StatusCode;
use identity::{ApiKey, KeyKind};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    house::{House, guarded, name, spellings, with_bodies},
    mutation::{inside, is_leaf, places, with},
};

/// The routes that are open to everybody; one that is not on this list must refuse strangers.
const PUBLIC: [&str; 2] = ["GET /health", "GET /ready"];

/// The routes whose bodies name nothing that could be somebody else's.
const NAME_NOTHING: [&str; 6] = [
    "PATCH /block_types/{id}",
    "PATCH /flow_runs/{id}",
    "POST /block_types",
    "POST /flows",
    "POST /v2/concurrency_limits",
    "POST /v2/concurrency_limits/leases/{id}/renew",
];

#[test]
fn the_public_doors_are_these_and_no_others() {
    let open: Vec<_> = api::routes::all().iter().filter(|route| route.access == Access::Public).map(name).collect();
    assert_eq!(open, PUBLIC);
}

testkit::on_both! {
    async fn whoever_shows_no_good_key_is_let_in_nowhere(kit: Kit) {
        let somebody = kit.person("ann").await;
        let ann = Client::of(&kit, &somebody).await;
        let house = House::furnish(&ann, "hers").await;
        let deleted = kit.key(&somebody, "deleted").await;
        api_key::delete(&kit.cx, somebody.caller, deleted.key.id, Origin::default()).await.unwrap();
        let end = kit.cx.clock.now().plus_seconds(60.0);
        let short = api_key::NewKey { name: "short".into(), expires: Some(end) };
        let expired = api_key::create(&kit.cx, somebody.caller, short, Origin::default()).await.unwrap();
        kit.advance(61.0);
        let unknown = ApiKey::mint(KeyKind::User, |bytes| bytes.fill(7));
        let keys = [
            ("no key", None),
            ("a text that is no key", Some("pnu_wrong")),
            ("a key that nobody has", Some(unknown.reveal())),
            ("an expired key", Some(expired.secret.reveal())),
            ("a deleted key", Some(deleted.secret.reveal())),
        ];
        let before = house.look(&ann).await;
        for (what, key) in keys {
            let stranger = ann.with_key(key);
            for route in guarded() {
                for path in spellings(&route, &ann.base, &house.path(&route)) {
                    let answer = house.call(&stranger, &route, &path).await;
                    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what} at {} {path}: {}", name(&route), answer.body);
                    assert_eq!(answer.body, json!({"exception_message": "Unauthorized"}), "{} {path}", name(&route));
                }
            }
        }
        assert_eq!(house.look(&ann).await, before, "and nothing was changed by trying");
    }

    async fn a_good_key_opens_no_other_workspace(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let house = House::furnish(&ann, "hers").await;
        let bob = Client::new(&kit, "bob").await;
        let intruder = ann.with_key(bob.key.as_deref());
        let before = house.look(&ann).await;
        for route in guarded().into_iter().filter(|route| route.scope == Scope::Workspace) {
            let answer = house.call(&intruder, &route, &format!("{}{}", ann.base, house.path(&route))).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}: {}", name(&route), answer.body);
        }
        assert_eq!(house.look(&ann).await, before, "and nothing was changed by trying");
    }

    async fn what_lies_in_another_workspace_has_no_path_in_ones_own(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let hers = House::furnish(&ann, "hers").await;
        let bob = Client::new(&kit, "bob").await;
        let his = House::furnish(&bob, "his").await;
        let before = hers.look(&ann).await;
        for route in guarded() {
            let mut foreign = hers.path(&route);
            if foreign == his.path(&route) {
                assert!(!route.path.contains('{'), "{} tries nothing of hers", name(&route));
                continue;
            }
            for _ in 0..2 {
                for path in spellings(&route, &bob.base, &foreign) {
                    let answer = his.call(&bob, &route, &path).await;
                    if route.path.ends_with("_states") {
                        assert_eq!(answer.expect(200), json!([]), "{path}");
                    } else {
                        let hidden = [StatusCode::NOT_FOUND, StatusCode::GONE].contains(&answer.status);
                        assert!(hidden, "{} {path}: {} {}", name(&route), answer.status, answer.body);
                    }
                }
                // A limit has two names.
                foreign = foreign.replace(&hers.limit, hers.called);
            }
        }
        assert_eq!(hers.look(&ann).await, before, "and nothing was changed by trying");
    }

    async fn what_lies_in_another_workspace_can_be_named_in_no_body(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let hers = House::furnish(&ann, "hers").await;
        let bob = Client::new(&kit, "bob").await;
        let his = House::furnish(&bob, "his").await;
        let before = hers.look(&ann).await;
        let mut names_nothing = Vec::new();
        for route in with_bodies() {
            let bodies = foreign_bodies(&route, &his, &hers);
            if bodies.is_empty() {
                names_nothing.push(name(&route));
            }
            for (place, body) in bodies {
                for path in spellings(&route, &bob.base, &his.path(&route)) {
                    let answer = bob.call_at(route.method.as_str(), &path, Body::from(body.to_string())).await;
                    check_foreign(&route, &place, &answer, &hers);
                }
            }
        }
        names_nothing.sort_unstable();
        assert_eq!(names_nothing, NAME_NOTHING);
        assert_eq!(hers.look(&ann).await, before, "and nothing was changed by trying: her leases hold, her runs rest");
    }

    async fn the_id_of_somebody_elses_task_run_is_free_in_ones_own_workspace(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let hers = House::furnish(&ann, "hers").await;
        let bob = Client::new(&kit, "bob").await;
        let before = hers.look(&ann).await;
        let body = json!({"id": hers.task_run, "task_key": "his", "dynamic_key": "0", "state": {"type": "RUNNING"}});
        let his = bob.post("/task_runs", body).await.expect(201);
        assert_eq!((&his["id"], &his["task_key"]), (&json!(hers.task_run), &json!("his")));
        assert_eq!(hers.look(&ann).await, before);
    }
}

/// His body of a route with one thing of hers in it, for each place where such a thing can stand.
fn foreign_bodies(route: &Route<Cx>, his: &House, hers: &House) -> Vec<(Vec<Value>, Value)> {
    let (own, foreign) = (his.body(route), hers.body(route));
    let pairs = places(&own, |_| true).into_iter().zip(places(&foreign, |_| true));
    let differ = pairs.filter(|((_, own), (_, foreign))| is_leaf(own) && own != foreign);
    differ.map(|((place, _), (_, foreign))| (place.clone(), with(&own, &place, foreign))).collect()
}

#[track_caller]
fn check_foreign(route: &Route<Cx>, place: &[Value], answer: &Answer, hers: &House) {
    let what = format!("{} with hers at {place:?}: {} {}", name(route), answer.status, answer.body);
    if route.path.ends_with("/filter") || route.path.ends_with("/count") {
        assert_eq!(answer.status, StatusCode::OK, "{what}");
        // Her ids may be in what he wrote himself; her name is in nothing but her own things.
        assert!(!answer.body.to_string().contains(&format!("\"{}\"", hers.called)), "{what}");
    } else if is_mere_data(route, place) {
        assert!(answer.status.is_success(), "{what}");
    } else if name(route) == "POST /block_documents" {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}");
    } else {
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
    }
}

/// What a client tells of itself and nobody looks up: it may say anything. A lease that is not there has nothing to give back, and a
/// limit that is not there limits nothing.
fn is_mere_data(route: &Route<Cx>, place: &[Value]) -> bool {
    let told = ["state_details", "task_inputs", "holder", "names", "lease_id"];
    route.path == "/logs" || told.into_iter().any(|name| inside(place, name))
}

#[test]
fn what_changes_something_wants_more_than_reading() {
    use model::permission::Permission::{ReadBlocks, ReadLimits, ReadRuns};
    for route in guarded().into_iter().filter(|route| route.payload != Payload::Frames) {
        let reads = matches!(route.access, Access::Member(ReadRuns | ReadBlocks | ReadLimits));
        let asks = route.method == Method::Get || route.path.ends_with("/filter") || route.path.ends_with("/count");
        if !asks {
            assert!(!reads, "{} changes something and asks for reading alone", name(&route));
        }
    }
}

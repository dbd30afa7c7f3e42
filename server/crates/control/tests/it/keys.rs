//! API keys.

use std::{fs, path::Path};

use control::{
    Error, access,
    api_key::{self, NewKey},
    audit,
    changes::Change,
    workspace,
};
use model::{
    api_key::{KeySort, MAX_LIFETIME},
    audit::AuditEvent,
    permission::ReadRuns,
    time::Timestamp,
};
use store::db::Location;
use testkit::{TestApp, TestUser, app::start, fixture::client_info, on_both};
use tokio::task::JoinSet;

async fn create(
    app: &TestApp,
    owner: &TestUser,
    name: &str,
    expires: Option<Timestamp>,
) -> Result<api_key::CreatedKey, Error> {
    api_key::create(&app.cx, owner.caller, NewKey { name: name.to_owned(), expires }, client_info()).await
}

async fn names(app: &TestApp, owner: &TestUser, search: &str, sort: KeySort) -> Vec<String> {
    let list = api_key::list(&app.cx, owner.caller, search, sort).await.unwrap();
    list.keys.into_iter().map(|key| key.name).collect()
}

fn field(error: Error) -> String {
    let Error::Invalid(invalid) = error else { panic!("{error:?}") };
    invalid[0].loc.join(".")
}

/// Whether any file of a folder contains `text`.
fn folder_contains(folder: &Path, text: &str) -> bool {
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.into_iter().any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

on_both! {
    async fn a_key_authenticates_its_person_until_deleted(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let created = app.key(&ann, "laptop").await;
        let caller = access::authenticate_key(&app.cx, &created.secret).await.unwrap();
        assert_eq!((caller.person(), caller.api_key()), (ann.person.id, Some(created.key.id)));
        let mut changes = app.changes_of(ann.person.id);

        let missing = Error::not_found("API key", created.key.id);
        assert_eq!(api_key::delete(&app.cx, bob.caller, created.key.id, client_info()).await, Err(missing.clone()));
        assert!(access::is_still_valid(&app.cx, caller).await.unwrap());
        api_key::delete(&app.cx, ann.caller, created.key.id, client_info()).await.unwrap();
        assert_eq!(changes.try_recv(), Ok(vec![Change::KeyDeleted { person: ann.person.id, api_key: created.key.id }]));
        assert_eq!(access::authenticate_key(&app.cx, &created.secret).await, Err(Error::Unauthenticated));
        assert!(!access::is_still_valid(&app.cx, caller).await.unwrap());
        assert_eq!(api_key::delete(&app.cx, ann.caller, created.key.id, client_info()).await, Err(missing));

        let log = audit::recent(&app.cx, ann.caller).await.unwrap();
        let events = log.iter().filter(|entry| entry.object.as_deref() == Some("laptop")).map(|entry| entry.event);
        let events: Vec<_> = events.collect();
        assert!(events.contains(&AuditEvent::ApiKeyCreated) && events.contains(&AuditEvent::ApiKeyDeleted), "{events:?}");
    }

    async fn a_key_expires_at_its_time(app: TestApp) {
        let ann = app.person("ann").await;
        let created = create(&app, &ann, "laptop", Some(start().plus_seconds(60.0))).await.unwrap();
        app.advance(59.9);
        let caller = access::authenticate_key(&app.cx, &created.secret).await.unwrap();
        app.advance(0.1);
        assert_eq!(access::authenticate_key(&app.cx, &created.secret).await, Err(Error::Unauthenticated));
        assert!(!access::is_still_valid(&app.cx, caller).await.unwrap());
    }

    async fn a_key_needs_a_name_and_a_valid_expiry(app: TestApp) {
        let ann = app.person("ann").await;
        let too_far = start().plus_micros(MAX_LIFETIME.micros() + 1);
        for (name, expires, wrong) in [
            (" ", None, "name"),
            ("a\nb", None, "name"),
            (&"x".repeat(101), None, "name"),
            ("laptop", Some(start()), "expires"),
            ("laptop", Some(too_far), "expires"),
        ] {
            assert_eq!(field(create(&app, &ann, name, expires).await.unwrap_err()), wrong, "{name:?} {expires:?}");
        }
        assert_eq!(names(&app, &ann, "", KeySort::Newest).await, [""; 0]);
    }

    async fn keys_are_listed_searched_and_sorted(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        app.key(&bob, "not Ann's").await;
        create(&app, &ann, "laptop", Some(start().plus_seconds(9e6))).await.unwrap();
        app.advance(1.0);
        let server = create(&app, &ann, "Server", None).await.unwrap();
        app.advance(1.0);
        create(&app, &ann, "ci", Some(start().plus_seconds(5e6))).await.unwrap();
        access::authenticate_key(&app.cx, &server.secret).await.unwrap();

        assert_eq!(names(&app, &ann, "", KeySort::Newest).await, ["ci", "Server", "laptop"]);
        assert_eq!(names(&app, &ann, "", KeySort::Name).await, ["ci", "laptop", "Server"]);
        assert_eq!(names(&app, &ann, "", KeySort::Expires).await, ["ci", "laptop", "Server"]);
        assert_eq!(names(&app, &ann, "", KeySort::LastUsed).await, ["Server", "ci", "laptop"]);
        assert_eq!(names(&app, &ann, " SER", KeySort::Newest).await, ["Server"]);
        let list = api_key::list(&app.cx, ann.caller, &server.key.last_four, KeySort::Newest).await.unwrap();
        assert_eq!((list.keys[0].name.as_str(), list.total), ("Server", 3));
        assert_eq!(list.keys[0].last_used, Some(start().plus_seconds(2.0)));
    }

    async fn a_person_has_at_most_two_hundred_keys(app: TestApp) {
        let ann = app.person("ann").await;
        let many = |count: usize| {
            let (app, ann) = (app.clone(), ann.clone());
            (0..count).map(move |n| {
                let (app, ann) = (app.clone(), ann.clone());
                async move { create(&app, &ann, &format!("key {n}"), None).await }
            })
        };
        assert!(many(199).collect::<JoinSet<_>>().join_all().await.iter().all(Result::is_ok));
        app.delay_commit("api_key", 0.2).await;
        let last = many(32).collect::<JoinSet<_>>().join_all().await;
        assert_eq!(last.iter().filter(|created| created.is_ok()).count(), 1);
        assert!(last.into_iter().filter_map(Result::err).all(|refused| matches!(refused, Error::Conflict(_))));
        assert_eq!(api_key::list(&app.cx, ann.caller, "", KeySort::Newest).await.unwrap().total, 200);
    }

    async fn only_the_hash_of_a_key_is_stored(app: TestApp) {
        let ann = app.person("ann").await;
        let created = app.key(&ann, "laptop").await;
        let list = api_key::list(&app.cx, ann.caller, "", KeySort::Newest).await.unwrap();
        assert_eq!(list.keys, std::slice::from_ref(&created.key));
        assert!(!format!("{created:?}{list:?}").contains(created.secret.reveal()));
        if let Location::File(file) = &app.location {
            let folder = file.parent().unwrap();
            assert!(folder_contains(folder, "laptop"), "the search itself works");
            assert!(!folder_contains(folder, created.secret.reveal()));
        }
    }

    async fn a_keys_call_is_recorded_for_its_persons_workspaces(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let (prod, other) = (app.workspace(&ann, "prod").await, app.workspace(&bob, "other").await);
        let created = app.key(&ann, "laptop").await;
        let prod = app.authorize::<ReadRuns>(&ann, prod).await;
        let other = app.authorize::<ReadRuns>(&bob, other).await;
        let last_call = async |ws| workspace::detail(&app.cx, ws).await.unwrap().last_call;
        assert_eq!(last_call(prod).await, None);
        let mut changes = app.changes_of(ann.person.id);

        app.advance(5.0);
        access::authenticate_key(&app.cx, &created.secret).await.unwrap();
        assert_eq!(changes.try_recv(), Ok(vec![Change::ClientCalled { person: ann.person.id }]));
        assert_eq!(last_call(prod).await, Some(start().plus_seconds(5.0)));
        assert_eq!(last_call(other).await, None);
        app.advance(30.0);
        access::authenticate_key(&app.cx, &created.secret).await.unwrap();
        assert_eq!(last_call(prod).await, Some(start().plus_seconds(5.0)), "calls are recorded once a minute");

        app.advance(100.0);
        let later = app.workspace(&ann, "later").await;
        let later = app.authorize::<ReadRuns>(&ann, later).await;
        assert_eq!(last_call(later).await, None, "a call before the workspace was created does not count");
    }

    async fn a_new_workspace_records_its_first_call_at_once(app: TestApp) {
        let ann = app.person("ann").await;
        app.workspace(&ann, "prod").await;
        let created = app.key(&ann, "laptop").await;
        for in_workspace in [true, false] {
            access::authenticate_key(&app.cx, &created.secret).await.unwrap();
            app.advance(1.0);
            let later = app.workspace(&ann, if in_workspace { "in-workspace" } else { "by-key" }).await;
            app.advance(1.0);
            if in_workspace {
                access::authorize_key::<ReadRuns>(&app.cx, &created.secret, later).await.unwrap();
            } else {
                access::authenticate_key(&app.cx, &created.secret).await.unwrap();
            }
            let later = app.authorize::<ReadRuns>(&ann, later).await;
            assert_eq!(workspace::detail(&app.cx, later).await.unwrap().last_call, Some(app.cx.clock.now()));
        }
    }
}

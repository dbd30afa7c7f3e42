//! API keys.

use std::{fs, path::Path};

use control::{
    Error, access,
    api_key::{self, NewKey},
    audit,
    bus::Change,
    workspace,
};
use model::{
    api_key::{KeySort, LONGEST_LIFE},
    audit::AuditEvent,
    permission::ReadRuns,
    time::Timestamp,
};
use store::db::Location;
use testkit::{Kit, Somebody, fixture::origin, kit::start, on_both};
use tokio::task::JoinSet;

async fn make(
    kit: &Kit,
    owner: &Somebody,
    name: &str,
    expires: Option<Timestamp>,
) -> Result<api_key::CreatedKey, Error> {
    api_key::create(&kit.cx, owner.caller, NewKey { name: name.to_owned(), expires }, origin()).await
}

async fn names(kit: &Kit, owner: &Somebody, search: &str, sort: KeySort) -> Vec<String> {
    let list = api_key::list(&kit.cx, owner.caller, search, sort).await.unwrap();
    list.keys.into_iter().map(|key| key.name).collect()
}

fn field(error: Error) -> String {
    let Error::Invalid(invalid) = error else { panic!("{error:?}") };
    invalid[0].loc.join(".")
}

/// Whether `text` stands in any file of a folder.
fn holds(folder: &Path, text: &str) -> bool {
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.into_iter().any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

on_both! {
    async fn a_key_speaks_for_its_person_until_it_is_deleted(kit: Kit) {
        let (ann, bob) = (kit.person("ann").await, kit.person("bob").await);
        let made = kit.key(&ann, "laptop").await;
        let caller = access::by_key(&kit.cx, &made.secret).await.unwrap();
        assert_eq!((caller.person(), caller.api_key()), (ann.person.id, Some(made.key.id)));
        let mut bus = kit.cx.bus.listen();

        assert_eq!(api_key::delete(&kit.cx, bob.caller, made.key.id, origin()).await, Err(Error::NotFound("API key")));
        assert!(access::still_holds(&kit.cx, caller).await.unwrap());
        api_key::delete(&kit.cx, ann.caller, made.key.id, origin()).await.unwrap();
        assert_eq!(bus.try_recv(), Ok(Change::KeyDeleted { api_key: made.key.id }));
        assert_eq!(access::by_key(&kit.cx, &made.secret).await, Err(Error::Unauthenticated));
        assert!(!access::still_holds(&kit.cx, caller).await.unwrap());
        assert_eq!(api_key::delete(&kit.cx, ann.caller, made.key.id, origin()).await, Err(Error::NotFound("API key")));

        let log = audit::recent(&kit.cx, ann.caller).await.unwrap();
        let of_keys = log.iter().filter(|entry| entry.object.as_deref() == Some("laptop")).map(|entry| entry.event);
        let of_keys: Vec<_> = of_keys.collect();
        assert!(of_keys.contains(&AuditEvent::ApiKeyCreated) && of_keys.contains(&AuditEvent::ApiKeyDeleted), "{of_keys:?}");
    }

    async fn a_key_ends_at_its_time(kit: Kit) {
        let ann = kit.person("ann").await;
        let made = make(&kit, &ann, "laptop", Some(start().plus_seconds(60.0))).await.unwrap();
        kit.advance(59.9);
        let caller = access::by_key(&kit.cx, &made.secret).await.unwrap();
        kit.advance(0.1);
        assert_eq!(access::by_key(&kit.cx, &made.secret).await, Err(Error::Unauthenticated));
        assert!(!access::still_holds(&kit.cx, caller).await.unwrap());
    }

    async fn a_key_needs_a_name_and_a_sensible_end(kit: Kit) {
        let ann = kit.person("ann").await;
        let too_far = start().plus_micros(LONGEST_LIFE.micros() + 1);
        for (name, expires, wrong) in [
            (" ", None, "name"),
            ("a\nb", None, "name"),
            (&"x".repeat(101), None, "name"),
            ("laptop", Some(start()), "expires"),
            ("laptop", Some(too_far), "expires"),
        ] {
            assert_eq!(field(make(&kit, &ann, name, expires).await.unwrap_err()), wrong, "{name:?} {expires:?}");
        }
        assert_eq!(names(&kit, &ann, "", KeySort::Newest).await, [""; 0]);
    }

    async fn keys_are_listed_searched_and_sorted(kit: Kit) {
        let (ann, bob) = (kit.person("ann").await, kit.person("bob").await);
        kit.key(&bob, "not Ann's").await;
        make(&kit, &ann, "laptop", Some(start().plus_seconds(9e6))).await.unwrap();
        kit.advance(1.0);
        let server = make(&kit, &ann, "Server", None).await.unwrap();
        kit.advance(1.0);
        make(&kit, &ann, "ci", Some(start().plus_seconds(5e6))).await.unwrap();
        access::by_key(&kit.cx, &server.secret).await.unwrap();

        assert_eq!(names(&kit, &ann, "", KeySort::Newest).await, ["ci", "Server", "laptop"]);
        assert_eq!(names(&kit, &ann, "", KeySort::Name).await, ["ci", "laptop", "Server"]);
        assert_eq!(names(&kit, &ann, "", KeySort::Expires).await, ["ci", "laptop", "Server"]);
        assert_eq!(names(&kit, &ann, "", KeySort::LastUsed).await, ["Server", "ci", "laptop"]);
        assert_eq!(names(&kit, &ann, " SER", KeySort::Newest).await, ["Server"]);
        let list = api_key::list(&kit.cx, ann.caller, &server.key.last_four, KeySort::Newest).await.unwrap();
        assert_eq!((list.keys[0].name.as_str(), list.total), ("Server", 3));
        assert_eq!(list.keys[0].last_used, Some(start().plus_seconds(2.0)));
    }

    async fn nobody_has_more_keys_than_are_listed(kit: Kit) {
        let ann = kit.person("ann").await;
        let many = |count: usize| {
            let (kit, ann) = (kit.clone(), ann.clone());
            (0..count).map(move |n| {
                let (kit, ann) = (kit.clone(), ann.clone());
                async move { make(&kit, &ann, &format!("key {n}"), None).await }
            })
        };
        assert!(many(199).collect::<JoinSet<_>>().join_all().await.iter().all(Result::is_ok));
        kit.linger("api_key", 0.2).await;
        let last = many(32).collect::<JoinSet<_>>().join_all().await;
        assert_eq!(last.iter().filter(|made| made.is_ok()).count(), 1);
        assert!(last.into_iter().filter_map(Result::err).all(|refused| matches!(refused, Error::Conflict(_))));
        assert_eq!(api_key::list(&kit.cx, ann.caller, "", KeySort::Newest).await.unwrap().total, 200);
    }

    async fn only_the_hash_of_a_key_is_stored(kit: Kit) {
        let ann = kit.person("ann").await;
        let made = kit.key(&ann, "laptop").await;
        let list = api_key::list(&kit.cx, ann.caller, "", KeySort::Newest).await.unwrap();
        assert_eq!(list.keys, std::slice::from_ref(&made.key));
        assert!(!format!("{made:?}{list:?}").contains(made.secret.reveal()));
        if let Location::File(file) = &kit.location {
            let folder = file.parent().unwrap();
            assert!(holds(folder, "laptop"), "the search finds what is there");
            assert!(!holds(folder, made.secret.reveal()));
        }
    }

    async fn the_first_call_with_a_key_is_told_to_every_workspace_of_its_person(kit: Kit) {
        let (ann, bob) = (kit.person("ann").await, kit.person("bob").await);
        let (prod, other) = (kit.workspace(&ann, "prod").await, kit.workspace(&bob, "other").await);
        let made = kit.key(&ann, "laptop").await;
        let prod = kit.enter::<ReadRuns>(&ann, prod).await;
        let other = kit.enter::<ReadRuns>(&bob, other).await;
        let last_call = async |at| workspace::detail(&kit.cx, at).await.unwrap().last_call;
        assert_eq!(last_call(prod).await, None);
        let mut bus = kit.cx.bus.listen();

        kit.advance(5.0);
        access::by_key(&kit.cx, &made.secret).await.unwrap();
        assert_eq!(bus.try_recv(), Ok(Change::Called { person: ann.person.id }));
        assert_eq!(last_call(prod).await, Some(start().plus_seconds(5.0)));
        assert_eq!(last_call(other).await, None);
        kit.advance(30.0);
        access::by_key(&kit.cx, &made.secret).await.unwrap();
        assert_eq!(last_call(prod).await, Some(start().plus_seconds(5.0)), "noted once a minute");

        kit.advance(100.0);
        let later = kit.workspace(&ann, "later").await;
        let later = kit.enter::<ReadRuns>(&ann, later).await;
        assert_eq!(last_call(later).await, None, "a call before it was made does not count");
    }

    async fn a_new_workspace_hears_of_a_key_in_use_at_once(kit: Kit) {
        let ann = kit.person("ann").await;
        kit.workspace(&ann, "prod").await;
        let made = kit.key(&ann, "laptop").await;
        for by_address in [true, false] {
            access::by_key(&kit.cx, &made.secret).await.unwrap();
            kit.advance(1.0);
            let later = kit.workspace(&ann, if by_address { "by-address" } else { "by-key" }).await;
            kit.advance(1.0);
            if by_address {
                access::enter_by_key::<ReadRuns>(&kit.cx, &made.secret, later).await.unwrap();
            } else {
                access::by_key(&kit.cx, &made.secret).await.unwrap();
            }
            let later = kit.enter::<ReadRuns>(&ann, later).await;
            assert_eq!(workspace::detail(&kit.cx, later).await.unwrap().last_call, Some(kit.cx.clock.now()));
        }
    }
}

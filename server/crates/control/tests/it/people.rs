//! Registering, signing in, passwords.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use control::{
    Cx, Error, access, account, audit,
    bus::Change,
    person::{self, ChangePassword, Password, Registration, SignIn, SignedIn},
    session,
};
use identity::{Cost, Hasher};
use model::audit::AuditEvent;
use store::identity::PASSWORD_OF_ADDRESS;
use testkit::{
    Kit,
    fixture::{PASSWORD, from, origin},
    on_both,
};

store::statements! {
    /// How many acts are noted.
    open ACTS: () => (i64,) = "SELECT COUNT(*) FROM audit";
}

/// Waits until so many acts are noted: some are after the answer.
async fn acts(kit: &Kit, wanted: i64) -> i64 {
    let noted = async || kit.cx.db.optional(&ACTS, ()).await.unwrap().unwrap().0;
    let enough = async { while noted().await < wanted {} };
    tokio::time::timeout(Duration::from_secs(20), enough).await.expect("acts are noted in time");
    noted().await
}

fn registration(name: &str, email: &str, handle: Option<&str>) -> Registration {
    Registration {
        name: name.to_owned(),
        email: email.to_owned(),
        handle: handle.map(str::to_owned),
        password: Password::typed(PASSWORD),
    }
}

async fn register(kit: &Kit, name: &str, email: &str, handle: Option<&str>) -> Result<String, Vec<(String, String)>> {
    let registered = person::register(&kit.cx, registration(name, email, handle), origin()).await;
    registered.map(|registered| registered.account.handle.to_string()).map_err(complaints)
}

fn complaints(error: Error) -> Vec<(String, String)> {
    match error {
        Error::Invalid(invalid) => invalid.into_iter().map(|one| (one.loc.join("."), one.message)).collect(),
        other => panic!("not a complaint about a field: {other:?}"),
    }
}

fn fields(error: Error) -> Vec<String> {
    complaints(error).into_iter().map(|(field, _)| field).collect()
}

async fn sign_in(cx: &Cx, email: &str, password: &str, address: &str) -> Result<SignedIn, Error> {
    let given = SignIn { email: email.to_owned(), password: Password::typed(password) };
    person::sign_in(cx, given, from(address)).await
}

async fn change(kit: &Kit, caller: access::Caller, current: &str, new: &str) -> Result<(), Error> {
    let change = ChangePassword { current: Password::typed(current), new: Password::typed(new) };
    person::change_password(&kit.cx, caller, change, origin()).await
}

on_both! {
    async fn registering_makes_a_person_with_an_account_of_their_own(kit: Kit) {
        let ann = kit.person("ann").await;
        let person = person::person(&kit.cx, ann.caller).await.unwrap();
        assert_eq!(person, ann.person);
        assert_eq!((person.name.as_str(), person.email.as_deref()), ("ann", Some("ann@example.org")));
        assert_eq!(account::list(&kit.cx, ann.caller).await.unwrap(), std::slice::from_ref(&ann.account));

        let log = audit::recent(&kit.cx, ann.caller).await.unwrap();
        let [entry] = log.as_slice() else { panic!("{log:?}") };
        assert_eq!((entry.event, entry.person_id), (AuditEvent::Registered, Some(person.id)));
        assert_eq!((entry.account_id, entry.address), (Some(ann.account.id), origin().address));
    }

    async fn a_form_is_answered_with_all_complaints_at_once(kit: Kit) {
        let registration = Registration { password: Password::typed("short"), ..registration(" ", "ann", Some("Ann!")) };
        let refused = person::register(&kit.cx, registration, origin()).await.unwrap_err();
        assert_eq!(fields(refused), ["name", "email", "handle", "password"]);

        let refused = register(&kit, "a\0b", "ann@example.org", None).await.unwrap_err();
        assert_eq!(refused, [("name".to_owned(), "Control characters are not allowed here.".to_owned())]);
        let refused = register(&kit, "日本", "ann@example.org", None).await.unwrap_err();
        assert_eq!(refused, [("handle".to_owned(), "Choose a handle: none can be made from this name.".to_owned())]);
        assert_eq!(register(&kit, "日本", "ann@example.org", Some("nihon")).await.unwrap(), "nihon");
    }

    async fn an_address_that_is_taken_is_said_plainly(kit: Kit) {
        kit.person("ann").await;
        let refused = register(&kit, "Another", " ANN@example.org", None).await.unwrap_err();
        assert_eq!(refused[0].0, "email");
        assert!(refused[0].1.contains("registered with this address"), "{refused:?}");
    }

    async fn a_handle_that_is_taken_is_refused_when_typed_and_numbered_when_made(kit: Kit) {
        kit.person("ann").await;
        let refused = register(&kit, "Ann", "ann@example.com", Some("ann")).await.unwrap_err();
        assert_eq!(refused, [("handle".to_owned(), "ann is taken. ann-2 is free.".to_owned())]);
        assert_eq!(register(&kit, "Ann", "ann@example.com", None).await.unwrap(), "ann-2");
        assert_eq!(register(&kit, "Ann", "ann@example.net", None).await.unwrap(), "ann-3");
        let refused = register(&kit, "Ann", "a@example.net", Some("settings")).await.unwrap_err();
        assert_eq!(refused, [("handle".to_owned(), "settings is reserved. settings-2 is free.".to_owned())]);
        assert_eq!(register(&kit, "API", "api@example.net", None).await.unwrap(), "api-2");
    }

    async fn of_many_who_register_at_once_each_address_and_handle_goes_to_one(kit: Kit) {
        let same_address = |n: usize| {
            let kit = kit.clone();
            async move { register(&kit, &format!("Ann {n}"), "ann@example.org", None).await }
        };
        let outcomes = all((0..8).map(same_address)).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert!(outcomes.iter().flat_map(|outcome| outcome.as_ref().err()).all(|refused| refused[0].0 == "email"));

        let same_name = |n: usize| {
            let kit = kit.clone();
            async move { register(&kit, "Bob", &format!("bob{n}@example.org"), None).await }
        };
        let mut handles: Vec<String> = all((0..5).map(same_name)).await.into_iter().map(Result::unwrap).collect();
        handles.sort_unstable();
        assert_eq!(handles, ["bob", "bob-2", "bob-3", "bob-4", "bob-5"]);
    }

    async fn signing_in_answers_the_same_for_known_and_unknown_people(kit: Kit) {
        let ann = kit.person("ann").await;
        let known = sign_in(&kit.cx, "ann@example.org", "violet otter lamb", "192.0.2.1").await;
        let unknown = sign_in(&kit.cx, "bob@example.org", "violet otter lamb", "192.0.2.2").await;
        assert_eq!(known, unknown);
        assert_eq!(fields(known.unwrap_err()), ["password"]);
        assert_eq!(fields(sign_in(&kit.cx, "ann", PASSWORD, "192.0.2.1").await.unwrap_err()), ["email"]);

        let signed_in = sign_in(&kit.cx, "Ann@Example.org ", PASSWORD, "192.0.2.1").await.unwrap();
        assert_eq!(signed_in.person(), ann.person.id);
        assert_eq!(acts(&kit, 3).await, 3, "of strangers nothing is noted");
        let log = audit::recent(&kit.cx, ann.caller).await.unwrap();
        let mut events: Vec<_> = log.iter().map(|entry| entry.event.as_str()).collect();
        events.sort_unstable();
        assert_eq!(events, ["person.registered", "person.sign-in-refused", "person.signed-in"]);
    }

    async fn a_refusal_waits_for_nothing_that_is_done_for_known_people_alone(kit: Kit) {
        kit.person("ann").await;
        let stuck = kit.with_write_time(Duration::ZERO).await;
        for email in ["ann@example.org", "bob@example.org"] {
            assert_eq!(fields(sign_in(&stuck.cx, email, "wrong password", "192.0.2.1").await.unwrap_err()), ["password"]);
        }
    }

    async fn a_refusal_takes_as_long_for_a_cheap_hash_as_for_nobody(kit: Kit) {
        kit.person("ann").await;
        let cx = Cx { hasher: Arc::new(Hasher::new(Cost::default()).unwrap()), ..kit.cx.clone() };
        let time = async |email: &str, address: String| {
            let started = Instant::now();
            sign_in(&cx, email, "wrong password", &address).await.unwrap_err();
            started.elapsed()
        };
        // The quickest of some, taken in turn: a busy machine only adds to it.
        let (mut known, mut unknown) = (Duration::MAX, Duration::MAX);
        for n in 0..5 {
            known = known.min(time("ann@example.org", format!("198.51.100.{n}")).await);
            unknown = unknown.min(time("bob@example.org", format!("203.0.113.{n}")).await);
        }
        // The cheap hash alone takes less than a hundredth.
        assert!(known > unknown / 3 && unknown > known / 3, "{known:?} for a known address, {unknown:?} for an unknown one");
    }

    async fn registering_is_counted_by_address_whatever_comes_of_it(kit: Kit) {
        kit.person("ann").await;
        for _ in 0..19 {
            assert_eq!(register(&kit, "Eve", "ann@example.org", None).await.unwrap_err()[0].0, "email");
        }
        let refused = person::register(&kit.cx, registration("Eve", "eve@example.org", None), origin()).await;
        assert_eq!(refused.unwrap_err(), Error::TooMany { retry_after: Duration::from_secs(10) });
        person::register(&kit.cx, registration("Bob", "bob@example.org", None), from("192.0.2.2")).await.unwrap();
        kit.advance(10.0);
        register(&kit, "Eve", "eve@example.org", None).await.unwrap();
    }

    async fn failed_attempts_are_counted_by_address_and_right_ones_are_not(kit: Kit) {
        kit.person("ann").await;
        for _ in 0..10 {
            sign_in(&kit.cx, "ann@example.org", PASSWORD, "192.0.2.1").await.unwrap();
        }
        for _ in 0..3 {
            assert_eq!(fields(sign_in(&kit.cx, "ann@example.org", "wrong password", "192.0.2.1").await.unwrap_err()), ["password"]);
        }
        let wait = Error::TooMany { retry_after: Duration::from_secs(20) };
        assert_eq!(sign_in(&kit.cx, "ann@example.org", PASSWORD, "192.0.2.1").await, Err(wait.clone()));
        assert_eq!(sign_in(&kit.cx, "bob@example.org", PASSWORD, "192.0.2.1").await, Err(wait));
        sign_in(&kit.cx, "ann@example.org", PASSWORD, "192.0.2.2").await.unwrap();
        kit.advance(20.0);
        sign_in(&kit.cx, "ann@example.org", PASSWORD, "192.0.2.1").await.unwrap();
    }

    async fn failed_attempts_are_counted_by_account_from_wherever_they_come(kit: Kit) {
        kit.person("ann").await;
        for n in 0..30 {
            let refused = sign_in(&kit.cx, "ann@example.org", "wrong password", &format!("198.51.100.{n}")).await;
            assert_eq!(fields(refused.unwrap_err()), ["password"]);
        }
        let refused = sign_in(&kit.cx, "ann@example.org", PASSWORD, "203.0.113.1").await;
        assert_eq!(refused, Err(Error::TooMany { retry_after: Duration::from_secs(600) }));
        kit.advance(600.0);
        sign_in(&kit.cx, "ann@example.org", PASSWORD, "203.0.113.1").await.unwrap();
    }

    async fn changing_the_password_ends_all_other_sessions(kit: Kit) {
        let ann = kit.person("ann").await;
        let elsewhere = kit.browser();
        let signed_in = sign_in(&kit.cx, "ann@example.org", PASSWORD, "192.0.2.9").await.unwrap();
        session::begin(&elsewhere, signed_in, from("192.0.2.9")).await.unwrap();
        let other = access::by_session(&kit.same_browser(&elsewhere)).await.unwrap();
        let mut bus = kit.cx.bus.listen();

        assert_eq!(fields(change(&kit, ann.caller, "wrong password", "ochre heron kite").await.unwrap_err()), ["current"]);
        assert_eq!(fields(change(&kit, ann.caller, PASSWORD, "password123").await.unwrap_err()), ["new"]);
        assert_eq!(fields(change(&kit, ann.caller, PASSWORD, "ann@example.org").await.unwrap_err()), ["new"]);
        assert!(access::still_holds(&kit.cx, other).await.unwrap());
        assert!(bus.try_recv().is_err());

        change(&kit, ann.caller, PASSWORD, "ochre heron kite").await.unwrap();
        assert_eq!(bus.try_recv(), Ok(Change::SessionsEnded { person: ann.person.id }));
        assert!(access::still_holds(&kit.cx, ann.caller).await.unwrap());
        assert!(!access::still_holds(&kit.cx, other).await.unwrap());
        assert_eq!(access::by_session(&kit.same_browser(&elsewhere)).await, Err(Error::Unauthenticated));
        assert_eq!(access::by_session(&kit.same_browser(&ann.session)).await, Ok(ann.caller));
        assert!(sign_in(&kit.cx, "ann@example.org", PASSWORD, "192.0.2.3").await.is_err());
        sign_in(&kit.cx, "ann@example.org", "ochre heron kite", "192.0.2.3").await.unwrap();
        let log = audit::recent(&kit.cx, ann.caller).await.unwrap();
        assert!(log.iter().any(|entry| entry.event == AuditEvent::PasswordChanged));
    }

    async fn a_sign_in_that_a_new_password_overtakes_begins_no_session(kit: Kit) {
        let ann = kit.person("ann").await;
        let late = kit.browser();
        let signed_in = sign_in(&kit.cx, "ann@example.org", PASSWORD, "192.0.2.9").await.unwrap();
        change(&kit, ann.caller, PASSWORD, "ochre heron kite").await.unwrap();
        let refused = session::begin(&late, signed_in, from("192.0.2.9")).await.unwrap_err();
        assert_eq!(Err(refused), sign_in(&kit.cx, "ann@example.org", PASSWORD, "192.0.2.9").await);
        assert_eq!((access::by_session(&late).await, late.id()), (Err(Error::Unauthenticated), None));
    }

    async fn whoever_signs_in_while_the_password_changes_is_signed_out_by_that(kit: Kit) {
        let ann = kit.person("ann").await;
        let signed_in = sign_in(&kit.cx, "ann@example.org", PASSWORD, "192.0.2.9").await.unwrap();
        let begin = |_| {
            let (kit, signed_in) = (kit.clone(), signed_in.clone());
            async move {
                let browser = kit.browser();
                session::begin(&browser, signed_in, origin()).await.map(|()| browser)
            }
        };
        let (begun, changed) = tokio::join!(all((0..32).map(begin)), change(&kit, ann.caller, PASSWORD, "ochre heron kite"));
        changed.unwrap();
        assert!(begun.iter().any(Result::is_ok), "all were late");
        for browser in begun.into_iter().flatten() {
            assert_eq!(access::by_session(&kit.same_browser(&browser)).await, Err(Error::Unauthenticated));
        }
    }

    async fn guesses_at_the_current_password_are_counted_too(kit: Kit) {
        let ann = kit.person("ann").await;
        for _ in 0..3 {
            assert_eq!(fields(change(&kit, ann.caller, "wrong password", "ochre heron kite").await.unwrap_err()), ["current"]);
        }
        let refused = change(&kit, ann.caller, PASSWORD, "ochre heron kite").await;
        assert!(matches!(refused, Err(Error::TooMany { .. })), "{refused:?}");
    }

    async fn only_a_shell_on_the_machine_sets_a_password(kit: Kit) {
        let ann = kit.person("ann").await;
        let new = || Password::typed("ochre heron kite");
        assert!(matches!(person::set_password(&kit.cx, ann.caller, new()).await, Err(Error::Forbidden(_))));

        let shell = access::by_shell(&kit.cx, &"ann".parse().unwrap()).await.unwrap();
        person::set_password(&kit.cx, shell, new()).await.unwrap();
        assert!(!access::still_holds(&kit.cx, ann.caller).await.unwrap());
        sign_in(&kit.cx, "ann@example.org", "ochre heron kite", "192.0.2.3").await.unwrap();
        assert_eq!(access::by_shell(&kit.cx, &"bob".parse().unwrap()).await, Err(Error::NotFound("Person")));
    }

    async fn a_hash_that_got_too_cheap_is_renewed_at_the_next_sign_in(kit: Kit) {
        kit.person("ann").await;
        let dear = Hasher::new(Cost { memory_kib: 128, passes: 1, lanes: 1 }).unwrap();
        let cx = Cx { hasher: Arc::new(dear), ..kit.cx.clone() };
        let both = tokio::join!(
            sign_in(&cx, "ann@example.org", PASSWORD, "192.0.2.1"),
            sign_in(&cx, "ann@example.org", PASSWORD, "192.0.2.2"),
        );
        for signed_in in [both.0, both.1] {
            session::begin(&kit.browser(), signed_in.unwrap(), origin()).await.unwrap();
        }
        let stored = cx.db.optional(&PASSWORD_OF_ADDRESS, ("ann@example.org",)).await.unwrap().unwrap();
        assert!(stored.secret.unwrap().contains("m=128"));
        sign_in(&cx, "ann@example.org", PASSWORD, "192.0.2.1").await.unwrap();
    }
}

/// Runs them all at once.
async fn all<T: Send + 'static>(futures: impl Iterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let running: Vec<_> = futures.map(tokio::spawn).collect();
    let mut outcomes = Vec::new();
    for one in running {
        outcomes.push(one.await.unwrap());
    }
    outcomes
}

//! Who may register, and the link of the first person.

use control::{
    Error, access, audit, local,
    person::{self, Password, Registered, Registration, SignUp},
};
use model::audit::AuditEvent;
use testkit::{
    TestApp,
    fixture::{PASSWORD, client_info},
    on_both,
};

fn registration(name: &str, email: &str) -> Registration {
    Registration {
        name: name.to_owned(),
        email: email.to_owned(),
        handle: Some(name.to_owned()),
        password: Password::typed(PASSWORD),
    }
}

async fn register(app: &TestApp, name: &str, email: &str) -> Result<Registered, Error> {
    person::register(&app.cx, None, registration(name, email), client_info()).await
}

async fn register_first(app: &TestApp, name: &str, token: &str) -> Result<Registered, Error> {
    let email = format!("{name}@example.org");
    person::register_first(&app.cx, None, registration(name, &email), token, client_info()).await
}

/// The token of a new link.
async fn issue(app: &TestApp) -> String {
    person::issue_setup_token(&app.cx).await.unwrap().unwrap().reveal().to_owned()
}

fn with_domains(app: &TestApp) -> TestApp {
    app.with(|settings| settings.sign_up = SignUp::Domains(vec!["example.org".to_owned(), "example.com".to_owned()]))
}

fn closed(app: &TestApp) -> TestApp {
    app.with(|settings| settings.sign_up = SignUp::Closed)
}

on_both! {
    async fn only_an_administrator_creates_accounts_if_sign_up_is_closed(app: TestApp) {
        let app = closed(&app);
        match register(&app, "ann", "ann@example.org").await {
            Err(Error::Forbidden(sentence)) => assert!(sentence.contains("administrator"), "{sentence}"),
            other => panic!("{other:?}"),
        }
        let created = person::register_from_shell(&app.cx, registration("ann", "ann@example.org")).await.unwrap();
        assert!(!created.person.is_admin);
    }

    async fn a_person_registers_with_an_address_of_the_domains(app: TestApp) {
        let app = with_domains(&app);
        match register(&app, "eve", "eve@mail.example.org").await {
            Err(Error::Invalid(invalid)) => {
                let [only] = invalid.as_slice() else { panic!("{invalid:?}") };
                assert_eq!(only.loc.join("."), "email");
                assert_eq!(only.message, "Use an email address of example.org or example.com.");
            }
            other => panic!("{other:?}"),
        }
        register(&app, "ann", "Ann@Example.ORG").await.unwrap();
        register(&app, "bob", "bob@example.com").await.unwrap();
        person::register_from_shell(&app.cx, registration("cid", "cid@elsewhere.example")).await.unwrap();
    }

    async fn the_setup_link_makes_the_first_person_an_administrator(app: TestApp) {
        let app = closed(&app);
        let token = issue(&app).await;
        let browser = app.browser();
        let first = registration("ann", "ann@example.org");
        let first = person::register_first(&app.cx, Some(&browser), first, &token, client_info()).await.unwrap();
        assert!(first.person.is_admin);
        let caller = access::authenticate_session(&browser).await.unwrap();
        assert!(person::person(&app.cx, caller).await.unwrap().is_admin);
        access::authorize_administrator(&app.cx, caller).await.unwrap();
        let log = audit::recent(&app.cx, caller).await.unwrap();
        assert!(log.iter().any(|entry| entry.event == AuditEvent::AdministratorGranted));

        let again = register_first(&app, "bob", &token).await;
        assert!(matches!(again, Err(Error::Forbidden(_))), "{again:?}");
        assert!(person::issue_setup_token(&app.cx).await.unwrap().is_none(), "there is a person");
    }

    async fn a_wrong_or_replaced_setup_link_is_rejected(app: TestApp) {
        let replaced = issue(&app).await;
        let newest = issue(&app).await;
        for wrong in ["", "x", &"0".repeat(64), &newest.to_uppercase(), &replaced] {
            let refused = register_first(&app, "ann", wrong).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{wrong}: {refused:?}");
        }
        let invalid = Registration { password: Password::typed("short"), ..registration("ann", "ann@example.org") };
        let refused = person::register_first(&app.cx, None, invalid, &newest, client_info()).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        assert!(register_first(&app, "ann", &newest).await.unwrap().person.is_admin, "a rejected form uses no link");
    }

    async fn a_setup_link_is_void_once_there_is_a_person(app: TestApp) {
        local::ensure(&app.cx).await.unwrap();
        let token = issue(&app).await;
        assert!(!register(&app, "ann", "ann@example.org").await.unwrap().person.is_admin);
        // The answer is the same for a known address.
        for name in ["bob", "ann"] {
            let refused = register_first(&app, name, &token).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        }
    }

    async fn of_two_registrations_with_one_setup_link_one_succeeds(app: TestApp) {
        let token = issue(&app).await;
        // The second one begins before the first one commits.
        app.delay_commit("person", 0.2).await;
        let register = |name: &'static str| {
            let (app, token) = (app.clone(), token.clone());
            tokio::spawn(async move { register_first(&app, name, &token).await })
        };
        let both = [register("ann"), register("bob")];
        let mut succeeded = 0;
        for outcome in both {
            match outcome.await.unwrap() {
                Ok(registered) => succeeded += usize::from(registered.person.is_admin),
                Err(Error::Forbidden(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(succeeded, 1);
    }
}

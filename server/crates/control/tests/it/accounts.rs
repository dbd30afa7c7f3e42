//! Permissions in an account, and administrators of the server.

use control::{
    Error, access, account, audit, local, person, server,
    workspace::{self, NewWorkspace},
};
use model::{audit::AuditEvent, id::AccountId, permission::CreateWorkspaces, server::DatabaseKind};
use testkit::{Backend, TestApp, TestUser, app::start, fixture::client_info, on_both};
use uuid::Uuid;

/// The error of authorizing a user to create workspaces in the account of another, if there is one.
async fn refusal(app: &TestApp, user: &TestUser, owner: &TestUser) -> Option<Error> {
    access::authorize_account::<CreateWorkspaces>(&app.cx, user.caller, owner.account.id).await.err()
}

/// Makes `user` a member of `owner`'s account.
async fn add_member(app: &TestApp, user: &TestUser, owner: &TestUser, role: &str) {
    let (id, account) = (literal(app, user.person.id.0), literal(app, owner.account.id.0));
    app.execute_raw(&format!(
        "INSERT INTO account_member (account_id, person_id, role, created) VALUES ({account}, {id}, '{role}', 0)"
    ))
    .await;
}

/// An id as a literal of SQL.
fn literal(app: &TestApp, id: Uuid) -> String {
    match app.backend {
        Backend::Sqlite => format!("X'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'"),
    }
}

async fn administrator(app: &TestApp, user: &TestUser) -> Result<access::Administrator, Error> {
    access::authorize_administrator(&app.cx, user.caller).await
}

/// As `provost admin grant-admin` and `revoke-admin` do.
async fn set_administrator(app: &TestApp, user: &TestUser, is_admin: bool) {
    let shell = access::authenticate_shell(&app.cx, &user.person.handle).await.unwrap();
    person::set_administrator(&app.cx, shell, is_admin).await.unwrap();
}

on_both! {
    async fn only_an_owner_creates_workspaces_in_an_account(app: TestApp) {
        let (ann, bob, eve) = (app.person("ann").await, app.person("bob").await, app.person("eve").await);
        add_member(&app, &bob, &ann, "viewer").await;
        let hidden = |account: AccountId| Some(Error::not_found("Account", account));
        assert_eq!(refusal(&app, &bob, &ann).await, hidden(ann.account.id), "a member without the permission");
        assert_eq!(refusal(&app, &eve, &ann).await, hidden(ann.account.id), "a stranger");
        let unknown = TestUser { account: model::workspace::Account { id: app.cx.ids.make(start()), ..ann.account.clone() }, ..ann.clone() };
        assert_eq!(refusal(&app, &ann, &unknown).await, hidden(unknown.account.id), "no such account");
        assert_eq!(account::list(&app.cx, bob.caller).await.unwrap(), std::slice::from_ref(&bob.account), "those where he may");

        add_member(&app, &eve, &ann, "owner").await;
        let access = access::authorize_account(&app.cx, eve.caller, ann.account.id).await.unwrap();
        let new = NewWorkspace { name: "Prod".to_owned(), description: String::new(), handle: None };
        let created = workspace::create(&app.cx, access, new, client_info()).await.unwrap();
        assert_eq!(created.account_id, ann.account.id);
        assert_eq!(workspace::me_workspaces(&app.cx, eve.caller).await.unwrap()[0].workspace_id, created.id);
    }

    async fn an_administrator_is_granted_and_revoked(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let hidden = Some(Error::missing("Page"));
        assert_eq!(administrator(&app, &ann).await.err(), hidden);
        for _ in 0..2 {
            set_administrator(&app, &ann, true).await;
        }
        assert!(person::person(&app.cx, ann.caller).await.unwrap().is_admin);
        let screen = server::screen(&app.cx, administrator(&app, &ann).await.unwrap());
        let kind = if app.backend == Backend::Sqlite { DatabaseKind::Sqlite } else { DatabaseKind::Postgres };
        assert_eq!((screen.database, screen.started), (kind, start()));
        assert_eq!(administrator(&app, &bob).await.err(), hidden);
        for _ in 0..2 {
            set_administrator(&app, &ann, false).await;
        }
        assert_eq!(administrator(&app, &ann).await.err(), hidden);
        assert!(!person::person(&app.cx, ann.caller).await.unwrap().is_admin);

        let log = audit::recent(&app.cx, ann.caller).await.unwrap();
        let of = |event| log.iter().filter(move |entry| entry.event == event && entry.person_id == Some(ann.person.id));
        for event in [AuditEvent::AdministratorGranted, AuditEvent::AdministratorRevoked] {
            assert_eq!(of(event).count(), 1, "{event:?}: only a change is recorded");
        }
    }

    async fn only_a_shell_makes_administrators(app: TestApp) {
        let ann = app.person("ann").await;
        let refused = person::set_administrator(&app.cx, ann.caller, true).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        assert!(administrator(&app, &ann).await.is_err());
    }

    async fn in_local_mode_everybody_is_an_administrator(app: TestApp) {
        let app = app.with(|settings| settings.local = true);
        local::ensure(&app.cx).await.unwrap();
        let caller = access::authenticate_local(&app.cx).unwrap();
        assert!(access::authorize_administrator(&app.cx, caller).await.is_ok());
        assert!(person::person(&app.cx, caller).await.unwrap().is_admin);
        let access = access::authorize_account::<CreateWorkspaces>(&app.cx, caller, local::ACCOUNT).await;
        assert!(access.is_ok());
    }
}

//! Users, workspaces and keys for tests, made through the use cases.

use std::{net::IpAddr, sync::Arc};

use control::{
    access::{self, Caller, ClientInfo, Workspace, WorkspaceRef},
    api_key::{self, CreatedKey, NewKey},
    person::{self, Password, Registration},
    session::{self, Session},
    workspace::{self, NewWorkspace},
};
use model::{permission::Permit, user::Person, workspace::Account};

use crate::app::TestApp;

/// The password of all test users.
pub const PASSWORD: &str = "violet otter lamp";

/// A registered user who is signed in.
#[derive(Clone)]
pub struct TestUser {
    pub person: Person,
    pub account: Account,
    /// The browser session in which the user is signed in.
    pub session: Session,
    pub caller: Caller,
}

/// The default client of tests.
#[must_use]
pub fn client_info() -> ClientInfo {
    client_at("192.0.2.1")
}

/// A client with this network address.
///
/// # Panics
/// If the text is no network address.
#[must_use]
pub fn client_at(address: &str) -> ClientInfo {
    let address: IpAddr = address.parse().expect("a network address");
    ClientInfo { address: Some(address) }
}

impl TestApp {
    /// Registers `name`, with the address `name@example.org` and the handle `name`, and signs them in.
    ///
    /// # Panics
    /// If the name is no handle or is taken.
    pub async fn person(&self, name: &str) -> TestUser {
        let registration = Registration {
            name: name.to_owned(),
            email: format!("{name}@example.org"),
            handle: Some(name.to_owned()),
            password: Password::typed(PASSWORD),
        };
        let session = self.browser();
        let registered = person::register(&self.cx, Some(&session), registration, client_info()).await;
        let registered = registered.expect("a new person registers");
        let caller = access::authenticate_session(&session).await.expect("a new session is valid");
        TestUser { person: registered.person, account: registered.account, session, caller }
    }

    /// The session of a browser without a cookie.
    #[must_use]
    pub fn browser(&self) -> Session {
        Session::new(None, Arc::new(session::sessions(&self.cx)), None)
    }

    /// The session of a request that sends the same cookie as `session`.
    #[must_use]
    pub fn same_browser(&self, session: &Session) -> Session {
        Session::new(session.id(), Arc::new(session::sessions(&self.cx)), None)
    }

    /// Creates a workspace in the owner's personal account.
    ///
    /// # Panics
    /// If that fails.
    pub async fn workspace(&self, owner: &TestUser, name: &str) -> WorkspaceRef {
        let account = access::authorize_account(&self.cx, owner.caller, owner.account.id).await;
        let account = account.expect("a person owns their personal account");
        let new = NewWorkspace { name: name.to_owned(), description: String::new(), handle: None };
        let created = workspace::create(&self.cx, account, new, client_info()).await.expect("a workspace is created");
        WorkspaceRef { account: account.id(), workspace: created.id }
    }

    /// Access to a workspace with the permission `P`.
    ///
    /// # Panics
    /// If the user does not have the permission.
    pub async fn authorize<P: Permit>(&self, user: &TestUser, workspace: WorkspaceRef) -> Workspace<P> {
        access::authorize(&self.cx, user.caller, workspace).await.expect("the user has the permission")
    }

    /// Creates an API key that does not expire.
    ///
    /// # Panics
    /// If that fails.
    pub async fn key(&self, owner: &TestUser, name: &str) -> CreatedKey {
        let new = NewKey { name: name.to_owned(), expires: None };
        api_key::create(&self.cx, owner.caller, new, client_info()).await.expect("a key is created")
    }
}

//! People, workspaces and keys for tests, made through the same use cases as everybody's.

use std::{net::IpAddr, sync::Arc};

use control::{
    access::{self, Address, Caller, Origin, Workspace},
    api_key::{self, CreatedKey, NewKey},
    person::{self, Password, Registration},
    session::{self, Session},
    workspace::{self, NewWorkspace},
};
use model::{permission::Permit, user::Person, workspace::Account};

use crate::kit::Kit;

/// The password of everybody who is made here.
pub const PASSWORD: &str = "violet otter lamp";

/// Somebody who has registered and is signed in.
#[derive(Clone)]
pub struct Somebody {
    pub person: Person,
    pub account: Account,
    /// The session that they are signed in with.
    pub session: Session,
    pub caller: Caller,
}

/// Where requests of tests come from, unless they say otherwise.
#[must_use]
pub fn origin() -> Origin {
    from("192.0.2.1")
}

/// A request from this address.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn from(address: &str) -> Origin {
    let address: IpAddr = address.parse().expect("an address");
    Origin { address: Some(address) }
}

impl Kit {
    /// Somebody called `name`, who is `name@example.org` with the handle `name`.
    ///
    /// # Panics
    /// If the name is no handle or is taken.
    pub async fn person(&self, name: &str) -> Somebody {
        let registration = Registration {
            name: name.to_owned(),
            email: format!("{name}@example.org"),
            handle: Some(name.to_owned()),
            password: Password::typed(PASSWORD),
        };
        let registered = person::register(&self.cx, registration, origin()).await.expect("a new person registers");
        let session = self.browser();
        session::begin(&session, registered.signed_in, origin()).await.expect("a session begins");
        let caller = access::by_session(&session).await.expect("a new session is good");
        Somebody { person: registered.person, account: registered.account, session, caller }
    }

    /// A browser without a cookie.
    #[must_use]
    pub fn browser(&self) -> Session {
        Session::new(None, Arc::new(session::sessions(&self.cx)), None)
    }

    /// A browser that sends the same cookie as `session`.
    #[must_use]
    pub fn same_browser(&self, session: &Session) -> Session {
        Session::new(session.id(), Arc::new(session::sessions(&self.cx)), None)
    }

    /// A workspace in somebody's own account.
    ///
    /// # Panics
    /// If it can't be made.
    pub async fn workspace(&self, owner: &Somebody, name: &str) -> Address {
        let (account, name) = (owner.account.id, name.to_owned());
        let new = NewWorkspace { account, name, description: String::new(), handle: None };
        let made = workspace::create(&self.cx, owner.caller, new, origin()).await.expect("a workspace is made");
        Address { account, workspace: made.id }
    }

    /// The right `P` in a workspace.
    ///
    /// # Panics
    /// If somebody has not got it.
    pub async fn enter<P: Permit>(&self, who: &Somebody, address: Address) -> Workspace<P> {
        access::enter(&self.cx, who.caller, address).await.expect("a member enters")
    }

    /// A key that never ends.
    ///
    /// # Panics
    /// If it can't be made.
    pub async fn key(&self, owner: &Somebody, name: &str) -> CreatedKey {
        let new = NewKey { name: name.to_owned(), expires: None };
        api_key::create(&self.cx, owner.caller, new, origin()).await.expect("a key is made")
    }
}

//! Local mode: the built-in person and their workspace.

use control::{
    Error, access, local,
    person::{self, Password, Registration},
    workspace,
};
use model::permission::{DeleteWorkspace, ReadRuns};
use testkit::{
    fixture::{PASSWORD, origin},
    on_both,
};

on_both! {
    async fn the_local_person_is_made_once_and_has_a_default_workspace(kit: Kit) {
        let kit = kit.with(|settings| settings.local = true);
        let address = local::ensure(&kit.cx).await.unwrap();
        assert_eq!(local::ensure(&kit.cx).await, Ok(address));

        let caller = access::by_loopback(&kit.cx).unwrap();
        let person = person::person(&kit.cx, caller).await.unwrap();
        assert_eq!((person.name.as_str(), person.handle.as_str(), person.email), ("Local", "local", None));
        let me = workspace::me_workspaces(&kit.cx, caller).await.unwrap();
        assert_eq!((me.len(), me[0].workspace_handle.as_str()), (1, "default"));
        let here = access::enter_local::<ReadRuns>(&kit.cx).await.unwrap();
        assert_eq!((here.tenant().account(), here.id()), (address.account, address.workspace));
    }

    async fn without_local_mode_nobody_is_let_in(kit: Kit) {
        local::ensure(&kit.cx).await.unwrap();
        assert_eq!(access::by_loopback(&kit.cx), Err(Error::Unauthenticated));
        assert_eq!(access::enter_local::<ReadRuns>(&kit.cx).await.err(), Some(Error::Unauthenticated));
        let caller = access::by_loopback(&kit.with(|settings| settings.local = true).cx).unwrap();
        assert!(!access::still_holds(&kit.cx, caller).await.unwrap());
    }

    async fn the_default_workspace_stays_in_local_mode_and_comes_back_after(kit: Kit) {
        let local_mode = kit.with(|settings| settings.local = true);
        let address = local::ensure(&local_mode.cx).await.unwrap();
        let caller = access::by_loopback(&local_mode.cx).unwrap();
        let at = access::enter::<DeleteWorkspace>(&local_mode.cx, caller, address).await.unwrap();
        let refused = workspace::delete(&local_mode.cx, at, "default", origin()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");

        workspace::delete(&kit.cx, at, "default", origin()).await.unwrap();
        let again = local::ensure(&local_mode.cx).await.unwrap();
        assert_ne!(again.workspace, address.workspace);
    }

    async fn nobody_can_register_as_the_local_person(kit: Kit) {
        let registration = Registration {
            name: "Eve".to_owned(),
            email: "eve@example.org".to_owned(),
            handle: Some("local".to_owned()),
            password: Password::typed(PASSWORD),
        };
        assert!(person::register(&kit.cx, registration, origin()).await.is_err());
    }
}

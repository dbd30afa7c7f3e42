//! Local mode: the built-in person and their workspace.

use control::{
    Error, access, local,
    person::{self, Password, Registration},
    workspace,
};
use model::permission::{DeleteWorkspace, ReadRuns};
use testkit::{
    fixture::{PASSWORD, client_info},
    on_both,
};

on_both! {
    async fn the_local_person_is_created_once_with_a_workspace(app: TestApp) {
        let app = app.with(|settings| settings.local = true);
        let workspace_ref = local::ensure(&app.cx).await.unwrap();
        assert_eq!(local::ensure(&app.cx).await, Ok(workspace_ref));

        let caller = access::authenticate_local(&app.cx).unwrap();
        let person = person::person(&app.cx, caller).await.unwrap();
        assert_eq!((person.name.as_str(), person.handle.as_str(), person.email), ("Local", "local", None));
        let me = workspace::me_workspaces(&app.cx, caller).await.unwrap();
        assert_eq!((me.len(), me[0].workspace_handle.as_str()), (1, "default"));
        let ws = access::authorize_local::<ReadRuns>(&app.cx).await.unwrap();
        assert_eq!((ws.tenant().account(), ws.id()), (workspace_ref.account, workspace_ref.workspace));
    }

    async fn without_local_mode_requests_are_unauthenticated(app: TestApp) {
        local::ensure(&app.cx).await.unwrap();
        assert_eq!(access::authenticate_local(&app.cx), Err(Error::Unauthenticated));
        assert_eq!(access::authorize_local::<ReadRuns>(&app.cx).await.err(), Some(Error::Unauthenticated));
        let caller = access::authenticate_local(&app.with(|settings| settings.local = true).cx).unwrap();
        assert!(!access::is_still_valid(&app.cx, caller).await.unwrap());
    }

    async fn local_mode_keeps_and_restores_the_default_workspace(app: TestApp) {
        let local_mode = app.with(|settings| settings.local = true);
        let workspace_ref = local::ensure(&local_mode.cx).await.unwrap();
        let caller = access::authenticate_local(&local_mode.cx).unwrap();
        let ws = access::authorize::<DeleteWorkspace>(&local_mode.cx, caller, workspace_ref).await.unwrap();
        let refused = workspace::delete(&local_mode.cx, ws, "default", client_info()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");

        workspace::delete(&app.cx, ws, "default", client_info()).await.unwrap();
        let again = local::ensure(&local_mode.cx).await.unwrap();
        assert_ne!(again.workspace, workspace_ref.workspace);
    }

    async fn the_local_persons_handle_can_not_be_registered(app: TestApp) {
        let registration = Registration {
            name: "Eve".to_owned(),
            email: "eve@example.org".to_owned(),
            handle: Some("local".to_owned()),
            password: Password::typed(PASSWORD),
        };
        assert!(person::register(&app.cx, None, registration, client_info()).await.is_err());
    }
}

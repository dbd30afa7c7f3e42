//! Signing in and out.

use leptos::{prelude::*, server_fn::codec::Postcard};
use ui::prelude::*;

use super::door::{DoorPage, OtherDoor};
use crate::{
    error::{Error, Outcome},
    form::{LastTry, WholeComplaint},
    links,
};

/// Signs somebody in, and leads to `to`.
#[server(prefix = "/ui", endpoint = "sign-in", output = Postcard)]
pub async fn sign_in(email: String, password: String, #[server(default)] to: String) -> Result<Outcome<()>, Error> {
    use control::person::{self, Password};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Filled, Visit};

    let visit = Visit::now()?;
    let given = person::SignIn { email: email.clone(), password: Password::typed(password) };
    let result = async {
        let signed_in = person::sign_in(&visit.cx, given, visit.origin).await?;
        control::session::begin(&visit.session, signed_in, visit.origin).await
    };
    let form = Filled { form: SignIn::PATH, page: links::sign_in(Some(&to)), typed: vec![("email", email)] };
    visit.answer(result.await, form, |()| Some(links::within_site(&to).unwrap_or("/").to_owned()))
}

/// Signs out.
#[server(prefix = "/ui", endpoint = "sign-out", output = Postcard)]
pub async fn sign_out() -> Result<(), Error> {
    let visit = crate::context::Visit::now()?;
    match control::session::sign_out(&visit.cx, &visit.session, visit.origin).await {
        // Whoever isn't signed in is where they want to be.
        Ok(()) | Err(control::Error::Unauthenticated) => {}
        Err(error) => return Err(error.into()),
    }
    crate::context::redirect(&links::sign_in(None));
    Ok(())
}

/// The page.
#[component]
pub fn SignInPage() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let last = LastTry::of(action);
    let other = OtherDoor { question: "New here?", label: "Create an account", href: links::register };
    view! {
        <DoorPage title="Sign in" sub="Welcome back. Your runs kept going." other let(to)>
            {view! { <SignInForm action last to /> }.into_any()}
        </DoorPage>
    }
    .into_any()
}

#[component]
fn SignInForm(action: ServerAction<SignIn>, last: LastTry, to: String) -> impl IntoView {
    view! {
        <ActionForm action>
            <WholeComplaint of=last />
            <input type="hidden" name="to" value=to />
            <TextField
                label="Email"
                name="email"
                kind=InputKind::Email
                value=last.typed("email").unwrap_or_default()
                error=last.field("email")
                autocomplete="username"
                large=true
                autofocus=true
            />
            <TextField
                label="Password"
                name="password"
                kind=InputKind::Password
                error=last.field("password")
                autocomplete="current-password"
                large=true
            />
            <Button kind=ButtonKind::Primary size=ButtonSize::Large wide=true submit=true busy=last.pending()>
                "Sign in"
            </Button>
        </ActionForm>
    }
}

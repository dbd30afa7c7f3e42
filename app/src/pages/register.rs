//! Registering: a name, a way to sign in, and the handle that clients will use.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::user::LONGEST_NAME;
use ui::prelude::*;

use super::{
    door::{DoorPage, OtherDoor},
    handle::{HandleField, NameAndHandle},
};
use crate::{
    error::{Error, Outcome},
    form::{LastTry, WholeComplaint, fits},
    links,
};

/// Registers somebody, signs them in, and leads to `to`, or else to their first workspace.
#[server(prefix = "/ui", endpoint = "register", output = Postcard)]
pub async fn register(
    name: String,
    email: String,
    #[server(default)] handle: String,
    password: String,
    #[server(default)] to: String,
) -> Result<Outcome<()>, Error> {
    use control::person::{self, Password, Registration};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Filled, Visit};

    let visit = Visit::now()?;
    let page = links::register(Some(&to));
    let typed = vec![("name", name.clone()), ("email", email.clone()), ("handle", handle.clone())];
    let registration = Registration { name, email, handle: Some(handle), password: Password::typed(password) };
    let result = async {
        let registered = person::register(&visit.cx, registration, visit.origin).await?;
        control::session::begin(&visit.session, registered.signed_in, visit.origin).await
    };
    let form = Filled { form: Register::PATH, page, typed };
    visit.answer(result.await, form, |()| Some(links::within_site(&to).unwrap_or("/workspaces/new").to_owned()))
}

/// The page.
#[component]
pub fn RegisterPage() -> impl IntoView {
    let action = ServerAction::<Register>::new();
    let last = LastTry::of(action);
    let other = OtherDoor { question: "Already have an account?", label: "Sign in", href: links::sign_in };
    view! {
        <DoorPage title="Create your account" sub="One account for every workspace you join." other let(to)>
            {view! { <RegisterForm action last to /> }.into_any()}
        </DoorPage>
    }
    .into_any()
}

#[component]
fn RegisterForm(action: ServerAction<Register>, last: LastTry, to: String) -> impl IntoView {
    let both = NameAndHandle::of(last);
    view! {
        <ActionForm action>
            <WholeComplaint of=last />
            <input type="hidden" name="to" value=to />
            <TextField
                label="Name"
                name="name"
                bind=both.name
                error=last.field("name")
                autocomplete="name"
                max=fits(LONGEST_NAME)
                large=true
                autofocus=true
            />
            <TextField
                label="Email"
                name="email"
                kind=InputKind::Email
                value=last.typed("email").unwrap_or_default()
                error=last.field("email")
                autocomplete="username"
                large=true
            />
            <TextField
                label="Password"
                name="password"
                kind=InputKind::Password
                hint=Signal::stored(Some("At least 10 characters; a sentence works well.".to_owned()))
                error=last.field("password")
                autocomplete="new-password"
                large=true
            />
            <HandleField both last hint="Made from your name. Clients use it, so it’s hard to change later." large=true />
            <Button kind=ButtonKind::Primary size=ButtonSize::Large wide=true submit=true busy=last.pending()>
                "Create account"
            </Button>
        </ActionForm>
    }
}

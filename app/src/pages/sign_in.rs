//! Signing in and out.

use leptos::{prelude::*, server_fn::codec::Postcard};
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};
use ui::prelude::*;

use crate::{
    error::{Error, Outcome},
    form::{LastTry, WholeComplaint},
    layout::{Frame, Wanted, frame},
    links,
    loaded::Loaded,
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
    let frame = frame(Signal::stored(Wanted::Open));
    let to = use_query_map().with_untracked(|query| query.get("to")).unwrap_or_default();
    view! {
        <Title text="Sign in" />
        <Loaded data=frame what="the sign-in page" whole=true let(frame)>
            <SignInDoor frame action last to=to.clone() />
        </Loaded>
    }
    .into_any()
}

#[component]
fn SignInDoor(frame: Frame, action: ServerAction<SignIn>, last: LastTry, to: String) -> impl IntoView {
    if frame.person.is_some() {
        let to = links::within_site(&to).unwrap_or("/").to_owned();
        return view! { <Redirect path=to /> }.into_any();
    }
    let register = links::register(Some(&to));
    let other = move || view! { "New here? " <a class="link" href=register>"Create an account"</a> };
    view! {
        <Door title="Sign in" sub="Welcome back. Your runs kept going." other foot=move || foot(&frame)>
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
        </Door>
    }
    .into_any()
}

/// What stands at the foot of both doors.
pub(super) fn foot(frame: &Frame) -> impl IntoView + use<> {
    let host = frame.public_url.split_once("://").map_or(&*frame.public_url, |(_, host)| host).to_owned();
    view! {
        <span>"Apache-2.0"</span>
        <a href="/help">"Help"</a>
        <span class="end">{host}</span>
    }
}

//! The card that asks: who wants to sign in, as whom, and what the key may do.

use leptos::{ev::SubmitEvent, prelude::*};
use model::{api_key::MAX_NAME_CHARACTERS, user::Person};
use ui::prelude::*;

use super::{
    card::{LoginCommand, OwnedCard},
    decision::{Decision, seconds_left},
    server::{APPROVE, DECISION, DENY, Question},
};
use crate::{
    form::{FormErrorBanner, max_length},
    links,
};

const FORM_ID: &str = "approve-client";

/// The card. `name` is the name of the new key.
#[component]
pub fn QuestionCard(
    question: Question,
    decision: Decision,
    name: RwSignal<String>,
    clock: Signal<Clock>,
) -> impl IntoView {
    let owner = question.owner.clone();
    let page = links::client_sign_in(decision.callback);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        decision.approve(name.get_untracked());
    };
    let form = decision.actions.approve_form;
    let start = question.now;
    let foot = {
        let page = page.clone();
        move || view! { <Decide decision page clock start /> }
    };
    view! {
        <OwnedCard
            owner
            title="Let a terminal sign in as you?"
            art=Art::ClientWaits
            sub=|| view! { "A terminal ran " <LoginCommand /> " and is waiting for your answer." }
            foot
        >
            <Asked question />
            <form id=FORM_ID class="stack" method="POST" action=page on:submit=submit>
                <FormErrorBanner form />
                <input type="hidden" name=DECISION value=APPROVE />
                <TextField
                    label="Key name"
                    name="name"
                    bind=name
                    hint=Signal::stored(Some("The terminal gets a key with this name, which expires in 30 days.".to_owned()))
                    error=form.field_error("name")
                    autocomplete="off"
                    max=max_length(MAX_NAME_CHARACTERS)
                />
            </form>
            <Banner tone=Tone::Warn>
                <b>"Approve only if you ran the command yourself."</b>
                " If someone sent you this link, deny it."
            </Banner>
            <p class="small t3 scripted">
                "Your browser may ask whether this site may reach your local network. Allow it: that’s how the key gets to the terminal."
            </p>
        </OwnedCard>
    }
    .into_any()
}

/// Who asks, as whom, and for what.
#[component]
fn Asked(question: Question) -> impl IntoView {
    let Question { owner, callback, browser, address, workspaces, .. } = question;
    let Person { name, handle, .. } = owner.person;
    let browser = address.map_or_else(|| browser.clone(), |address| format!("{browser}, {address}"));
    let may = match workspaces {
        0 => "Everything you can".to_owned(),
        1 => "Everything you can, in your workspace".to_owned(),
        many => format!("Everything you can, in your {many} workspaces"),
    };
    let no_workspace = (workspaces == 0).then(|| {
        view! {
            <Banner>
                "You have no workspace yet, and the command ends with an error without one. "
                <a class="link" href=links::new_workspace_path() rel="external">
                    "Create a workspace"
                </a>
                " first, then run it again."
            </Banner>
        }
    });
    view! {
        <DetailList>
            <Detail name="Account">{format!("{name} ({handle})")}</Detail>
            <Detail name="Terminal">{format!("On this computer, port {}", callback.port())}</Detail>
            <Detail name="Your browser">{browser}</Detail>
            <Detail name="The key can do">{may}</Detail>
        </DetailList>
        {no_workspace}
    }
}

/// How long the client still waits, and the two buttons.
#[component]
fn Decide(decision: Decision, page: String, clock: Signal<Clock>, start: model::time::Timestamp) -> impl IntoView {
    let left = move || {
        let seconds = seconds_left(clock.get().now.seconds_since(start));
        format!("The terminal waits another {}", running_duration(model::time::Span::from_seconds(seconds)))
    };
    let (approving, denying) = (decision.is_approving(), decision.is_denying());
    let deny = move |event: SubmitEvent| {
        event.prevent_default();
        decision.deny();
    };
    view! {
        <span class="small t3 grow">
            <span class="scripted">{left}</span>
            <span class="unscripted">"The terminal waits two minutes"</span>
        </span>
        <form method="POST" action=page on:submit=deny>
            <input type="hidden" name=DECISION value=DENY />
            <Button submit=true busy=denying disabled=approving>
                "Deny"
            </Button>
        </form>
        <Button kind=ButtonKind::Primary submit=true busy=approving disabled=denying attr:form=FORM_ID>
            "Approve"
        </Button>
    }
}

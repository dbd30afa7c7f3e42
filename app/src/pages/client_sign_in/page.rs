//! The page: loads the question, and shows the card of the stage that the decision has reached.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::prelude::*;
use wasm_bindgen::JsCast as _;

use super::{
    answers::{DeletedKeyCard, DeniedCard, RefusedCard, SignedInCard, TimedOutCard},
    decision::{Actions, Decision, Stage, seconds_left},
    key::UnsentKeyCard,
    question::QuestionCard,
    server::{ClientSignInScreen, Question, read_client_sign_in},
};
use crate::{
    links,
    loaded::{Loaded, resource},
};

/// The page.
#[component]
pub fn ClientSignInPage() -> impl IntoView {
    let actions = Actions::new();
    let callback = use_query_map().with_untracked(|query| query.get("callback")).unwrap_or_default();
    let screen = resource(move || callback.clone(), read_client_sign_in);
    view! {
        <Loaded data=screen subject="this page" full_page=true let(screen)>
            {match screen {
                ClientSignInScreen::OtherDocument => view! { <DocumentLoader /> }.into_any(),
                ClientSignInScreen::Refused { callback, owner } => view! { <RefusedCard owner callback /> }.into_any(),
                ClientSignInScreen::Asked(question) => view! { <Stages question=*question actions /> }.into_any(),
            }}
        </Loaded>
    }
    .into_any()
}

/// Loads the page as a document, since the policy of the present one does not allow the request to the terminal.
#[component]
fn DocumentLoader() -> impl IntoView {
    let page = links::current_path();
    let target = page.clone();
    Effect::new(move |_| {
        // If the browser refuses, the link does the same.
        let _refused = location().replace(&target);
    });
    view! {
        <CenteredCard
            title="Sign in from a terminal"
            foot=move || {
                view! {
                    <a class="btn primary" href=page rel="external">
                        "Continue"
                    </a>
                }
            }
        >
            <SkeletonText lines=3 />
        </CenteredCard>
    }
    .into_any()
}

#[component]
fn Stages(question: Question, actions: Actions) -> impl IntoView {
    let decision = Decision::new(question.callback, question.answer.clone(), actions);
    let start = question.now;
    let clock = ticking_clock(start, None);
    let name =
        RwSignal::new(actions.approve_form.typed("name").unwrap_or_else(|| proposed_name(clock.get_untracked())));
    let (approving, denying) = (decision.is_approving(), decision.is_denying());
    let timed_out = Memo::new(move |_| {
        let is_asking = decision.stage.with(|stage| matches!(stage, Stage::Asking));
        let is_over = seconds_left(clock.get().now.seconds_since(start)) <= 0.0;
        is_asking && is_over && !approving.get() && !denying.get()
    });
    focus_heading_after(move || {
        decision.stage.track();
        timed_out.track();
    });
    // Each card has a place of its own. In one place, Leptos makes a card out of the elements of the one before, whose buttons then keep
    // their form and get no handler.
    let place = move |card: usize| {
        let question = question.clone();
        move || {
            let stage = decision.stage.get();
            (card_of(&stage, timed_out.get()) == card)
                .then(|| stage_card(&question, stage, card, decision, name, clock))
        }
    };
    (0..CARDS).map(place).collect_view()
}

/// How many cards there are.
const CARDS: usize = 7;
/// The card of a client that has stopped waiting.
const TIMED_OUT: usize = 0;

/// The number of the card that shows a stage.
fn card_of(stage: &Stage, timed_out: bool) -> usize {
    match stage {
        Stage::Asking if timed_out => TIMED_OUT,
        Stage::Asking => 1,
        Stage::SignedIn(_) => 2,
        Stage::Unsent { tried: false, .. } => 3,
        Stage::Unsent { tried: true, .. } => 4,
        Stage::Denied { .. } => 5,
        Stage::Deleted => 6,
    }
}

fn stage_card(
    question: &Question,
    stage: Stage,
    card: usize,
    decision: Decision,
    name: RwSignal<String>,
    clock: Signal<Clock>,
) -> AnyView {
    let (owner, public_url) = (question.owner.clone(), question.public_url.clone());
    match stage {
        Stage::Asking if card == TIMED_OUT => view! { <TimedOutCard owner /> }.into_any(),
        Stage::Asking => view! { <QuestionCard question=question.clone() decision name clock /> }.into_any(),
        Stage::SignedIn(key) => view! { <SignedInCard owner key clock /> }.into_any(),
        Stage::Unsent { key: approved, tried } => {
            view! { <UnsentKeyCard owner public_url approved tried decision clock /> }.into_any()
        }
        Stage::Denied { told } => view! { <DeniedCard owner told /> }.into_any(),
        Stage::Deleted => view! { <DeletedKeyCard owner /> }.into_any(),
    }
}

/// The name that the form proposes: `cli 2026-12-01`.
fn proposed_name(clock: Clock) -> String {
    let now = datetime_local(clock.now, clock.zone);
    format!("cli {}", now.split('T').next().unwrap_or_default())
}

/// Moves the focus to the heading when another card replaces the one that had the focus, so that people who use a screen reader hear it.
fn focus_heading_after(track: impl Fn() + Send + Sync + 'static) {
    Effect::new(move |is_later: Option<bool>| {
        track();
        if is_later == Some(true) {
            // The card is rendered after this effect, so the heading can be found in the next frame.
            request_animation_frame(|| {
                let heading = document().query_selector(".centered-card h1").ok().flatten();
                if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<web_sys::HtmlElement>().ok()) {
                    // Without the focus the page still works.
                    let _ = heading.set_attribute("tabindex", "-1").and_then(|()| heading.focus());
                }
            });
        }
        true
    });
}

#[cfg(test)]
mod tests {
    use ui::prelude::{Clock, Zone};

    use super::proposed_name;

    #[test]
    fn proposed_name_has_the_day() {
        let now = "2026-12-01T09:57:11Z".parse().unwrap();
        assert_eq!(proposed_name(Clock { now, zone: Zone::Utc }), "cli 2026-12-01");
    }
}

//! The page of the browsers in which a person is signed in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use model::{
    profile::{ActiveSession, SessionList},
    time::Span,
};
use ui::prelude::*;

use super::server::{EndOtherSessions, EndSession, list_sessions};
use crate::{
    form::{FormErrorBanner, FormState},
    layout::Frame,
    links,
    loaded::{Loaded, resource},
    pages::my_sign_in::SettingsTabs,
};

/// The page.
#[component]
pub fn MySessionsPage() -> impl IntoView {
    let (end, end_others) = (ServerAction::<EndSession>::new(), ServerAction::<EndOtherSessions>::new());
    let (end_form, others_form) = (FormState::of(end), FormState::of(end_others));
    if expect_context::<Frame>().local {
        return view! { <Redirect path=links::my_profile_path() /> }.into_any();
    }
    let sessions = resource(|| (), |()| list_sessions());
    let toasts = expect_context::<Toasts>();
    Effect::new(move |_| {
        if end.value().with(|value| matches!(value, Some(Ok(Ok(()))))) {
            sessions.refetch();
            toasts.show("Session ended");
        }
    });
    Effect::new(move |_| {
        if end_others.value().with(|value| matches!(value, Some(Ok(Ok(()))))) {
            sessions.refetch();
            toasts.show("Other sessions ended");
        }
    });
    view! {
        <Title text="Sessions" />
        <TopBar crumbs=vec![Crumb::link("Your settings", links::my_profile_path()), Crumb::current("Sessions")] help=links::help_path() />
        <Page width=PageWidth::NarrowCentre>
            <PageHead title="Your settings" />
            <SettingsTabs current=links::my_sessions_path() />
            <FormErrorBanner form=end_form />
            <FormErrorBanner form=others_form />
            <Loaded data=sessions subject="your sessions" let(list)>
                <Sessions list end end_others />
            </Loaded>
        </Page>
    }
    .into_any()
}

#[component]
fn Sessions(
    list: SessionList,
    end: ServerAction<EndSession>,
    end_others: ServerAction<EndOtherSessions>,
) -> impl IntoView {
    let SessionList { sessions, idle } = list;
    let others = sessions.iter().filter(|session| !session.is_current).count() as u64;
    let end_all = (others > 0).then(|| {
        view! {
            <ActionForm action=end_others>
                <Button kind=ButtonKind::DangerQuiet submit=true busy=end_others.pending()>
                    {format!("End {}", counted(others, "other session", "other sessions"))}
                </Button>
            </ActionForm>
        }
    });
    view! {
        <div class="flex wrap">
            <p class="t2 grow">"Browsers that are signed in as you."</p>
            {end_all}
        </div>
        <Table label="Sessions" columns=Columns::Sessions head>
            <For each=move || sessions.clone() key=|session| (session.id.clone(), session.last_seen) let(session)>
                <SessionRow session end />
            </For>
        </Table>
        <p class="small t3">
            {format!("A session ends when it isn’t used for {}. Clients use ", days(idle))}
            <a class="link" href=links::api_keys_path()>
                "API keys"
            </a>
            " instead."
        </p>
    }
}

fn head() -> impl IntoView {
    view! {
        <span role="columnheader">"Device"</span>
        <span role="columnheader">"Address"</span>
        <span role="columnheader" class="opt-m">
            "Signed in"
        </span>
        <span role="columnheader">"Last seen"</span>
        <span role="columnheader">
            <span class="sr">"End"</span>
        </span>
    }
}

/// A span of some hours or days.
fn days(span: Span) -> String {
    const HOUR: i64 = 3_600_000_000;
    let hours = u64::try_from(span.micros() / HOUR).unwrap_or_default();
    if hours < 48 { counted(hours.max(1), "hour", "hours") } else { counted(hours / 24, "day", "days") }
}

#[component]
fn SessionRow(session: ActiveSession, end: ServerAction<EndSession>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let ActiveSession { id, device, is_phone, address, provider, created, last_seen, is_current } = session;
    let address = address.map_or_else(|| "Unknown address".to_owned(), |address| address.to_string());
    let method = provider.map_or_else(|| "with password".to_owned(), |provider| format!("with {provider}"));
    let how = if is_current { format!("This browser, {method}") } else { format!("Signed in {method}") };
    let seen = move || {
        if is_current { "Now".into_any() } else { view! { <PastTime at=last_seen clock /> }.into_any() }
    };
    let label = format!("End {device}");
    let button = (!is_current).then(move || {
        view! {
            <ActionForm action=end>
                <input type="hidden" name="id" value=id />
                <Button size=ButtonSize::Small submit=true busy=end.pending() attr:aria-label=label.clone()>
                    "End"
                </Button>
            </ActionForm>
        }
    });
    view! {
        <TableRow columns=Columns::Sessions>
            <div role="cell" class="device">
                <span class="prov">
                    <Glyph icon=if is_phone { Icon::Phone } else { Icon::Laptop } />
                </span>
                <div class="cut">
                    <div class="name cut">{device}</div>
                    <div class="meta">
                        <span>{how}</span>
                        <span class="only-s">{address.clone()} ", " {seen()}</span>
                    </div>
                </div>
            </div>
            <div role="cell" class="mono t2 hide-s cut">{address}</div>
            <div role="cell" class="t2 hide-s opt-m">
                <ShortDateTime at=created clock />
            </div>
            <div role="cell" class="t2 hide-s">{seen()}</div>
            <div role="cell">{button}</div>
        </TableRow>
    }
}

#[cfg(test)]
mod tests {
    use model::time::Span;

    use super::days;

    #[test]
    fn idle_time_is_in_days_or_hours() {
        for (hours, text) in
            [(0.5, "1 hour"), (1.0, "1 hour"), (30.0, "30 hours"), (48.0, "2 days"), (336.0, "14 days")]
        {
            assert_eq!(days(Span::from_seconds(hours * 3_600.0)), text);
        }
    }
}

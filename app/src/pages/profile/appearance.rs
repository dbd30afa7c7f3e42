//! The card that sets how pages look.

use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    appearance::{Density, Palette, Theme},
    profile::Profile,
    state::StateType,
};
use ui::prelude::*;

use super::server::SetAppearance;
use crate::form::{FormErrorBanner, FormState};

/// The card. Its form loads the page anew, so that the server sets all attributes of the document.
#[component]
pub fn AppearanceCard(profile: Profile, form: FormState) -> impl IntoView {
    let Profile { appearance, zone, zones, .. } = profile;
    let clock = expect_context::<Signal<Clock>>();
    let now = Signal::derive(move || {
        let Clock { now, zone } = clock.get();
        Some(format!("It’s {} now.", hour_and_minute(now, zone)))
    });
    let browser = Choice::new("", "The zone of each browser");
    let zones = std::iter::once(browser).chain(zones.into_iter().map(|name| Choice::new(name.clone(), name)));
    let saved = move || form.succeeded().get().then(|| view! { <Banner tone=Tone::Ok>"Appearance saved."</Banner> });
    view! {
        <form method="post" action=SetAppearance::PATH>
            <Card title="Appearance" look=CardLook::Roomy foot=save_button>
                <div class="stack">
                    {saved}
                    <FormErrorBanner form />
                    <div class="halves">
                        <SegmentField
                            label="Theme"
                            name="theme"
                            choices=choices(Theme::ALL, Theme::as_str, Theme::label)
                            value=appearance.theme.as_str()
                        />
                        <SegmentField
                            label="Density"
                            name="density"
                            choices=choices(Density::ALL, Density::as_str, Density::label)
                            value=appearance.density.as_str()
                        />
                        <SegmentField
                            label="State colours"
                            name="palette"
                            choices=choices(Palette::ALL, Palette::as_str, Palette::label)
                            value=appearance.palette.as_str()
                            below=palettes
                        />
                        <SelectField
                            label="Time zone"
                            name="zone"
                            choices=zones.collect()
                            value=zone.unwrap_or_default()
                            hint=now
                            error=form.field_error("zone")
                        />
                    </div>
                </div>
            </Card>
        </form>
    }
}

fn save_button() -> impl IntoView {
    view! {
        <span class="grow"></span>
        <Button kind=ButtonKind::Primary submit=true>
            "Save appearance"
        </Button>
    }
}

fn choices<T: Copy>(all: &[T], value: fn(T) -> &'static str, label: fn(T) -> &'static str) -> Vec<Choice> {
    all.iter().map(|choice| Choice::new(value(*choice), label(*choice))).collect()
}

/// States in the colours of each palette.
const SHOWN: [(StateType, &str); 6] = [
    (StateType::Completed, "Completed"),
    (StateType::Failed, "Failed"),
    (StateType::Running, "Running"),
    (StateType::Scheduled, "Late"),
    (StateType::Scheduled, "Scheduled"),
    (StateType::Cancelled, "Cancelled"),
];

fn palettes() -> impl IntoView {
    let row = |palette: &Palette| {
        let glyphs = SHOWN.map(|(state_type, name)| view! { <StateGlyph state_type name /> });
        view! { <span class="flex" data-palette=palette.as_str()>{glyphs.into_iter().collect_view()}</span> }
    };
    view! {
        <span class="flex wrap" aria-hidden="true">
            {Palette::ALL.iter().map(row).collect_view()}
        </span>
    }
}

//! The card with a person's names and handle.

use leptos::prelude::*;
use model::{
    handle::MAX_CHARACTERS,
    profile::{OldHandle, Profile, join_names},
    user::MAX_NAME_CHARACTERS,
};
use ui::prelude::*;

use super::server::EditProfile;
use crate::{
    form::{FormErrorBanner, FormState, max_length},
    layout::Frame,
};

/// The card.
#[component]
pub fn NamesCard(profile: Profile, action: ServerAction<EditProfile>, form: FormState) -> impl IntoView {
    let Profile { first_name, last_name, handle, old_handles, .. } = profile;
    let name = join_names(&first_name, &last_name);
    let typed = |field: &str, saved: String| form.typed(field).unwrap_or(saved);
    let (first, last) = (typed("first_name", first_name), typed("last_name", last_name));
    let handle_field = (!expect_context::<Frame>().local).then(|| {
        let hint = "Clients name your workspaces by it. After a change, use the new one in commands; nobody else gets the old one for 30 days.";
        view! {
            <TextField
                label="Handle"
                name="handle"
                value=typed("handle", handle.to_string())
                hint=Signal::stored(Some(hint.to_owned()))
                error=form.field_error("handle")
                autocomplete="off"
                max=max_length(MAX_CHARACTERS)
            />
            <OldHandles handles=old_handles />
        }
    });
    // With scripts a toast says it.
    let saved = move || {
        let is_plain = action.value().with(Option::is_none);
        (form.succeeded().get() && is_plain).then(|| view! { <Banner tone=Tone::Ok>"Profile saved."</Banner> })
    };
    view! {
        <ActionForm action>
            <Card look=CardLook::Roomy foot=move || view! { <SaveButton form /> }>
                <div class="stack">
                    {saved}
                    <FormErrorBanner form />
                    <div class="flex">
                        <Avatar name=name.clone() large=true />
                        <b class="cut">{name}</b>
                    </div>
                    <div class="halves">
                        <TextField
                            label="First name"
                            name="first_name"
                            value=first
                            error=form.field_error("first_name")
                            autocomplete="given-name"
                            max=max_length(MAX_NAME_CHARACTERS)
                        />
                        <TextField
                            label="Last name"
                            name="last_name"
                            value=last
                            optional=true
                            error=form.field_error("last_name")
                            autocomplete="family-name"
                            max=max_length(MAX_NAME_CHARACTERS)
                        />
                    </div>
                    {handle_field}
                </div>
            </Card>
        </ActionForm>
    }
}

#[component]
fn SaveButton(form: FormState) -> impl IntoView {
    view! {
        <span class="grow"></span>
        <Button kind=ButtonKind::Primary submit=true busy=form.is_pending()>
            "Save profile"
        </Button>
    }
}

/// The earlier handles that nobody else can take yet.
#[component]
fn OldHandles(handles: Vec<OldHandle>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let line = move |OldHandle { handle, expires }: OldHandle| {
        view! {
            <p class="small t3">
                {format!("{handle} is kept for you until ")} {move || date_with_year(expires, clock.get().zone)} "."
            </p>
        }
    };
    handles.into_iter().map(line).collect_view()
}

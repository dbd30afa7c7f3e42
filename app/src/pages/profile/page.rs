//! The page of the profile.

use leptos::prelude::*;
use leptos_meta::Title;
use ui::prelude::*;

use super::{
    appearance::AppearanceCard,
    deletion::DeletionCard,
    names::NamesCard,
    server::{DeleteAccount, EditProfile, SetAppearance, read_profile},
};
use crate::{
    form::FormState,
    layout::{Frame, RefreshFrame},
    links,
    loaded::{Loaded, resource},
    pages::{
        change_email::{ChangeEmail, ChangeEmailCard},
        my_sign_in::SettingsTabs,
        verify_banner::verify_banner,
    },
};

/// The page.
#[component]
pub fn MyProfilePage() -> impl IntoView {
    let edit = ServerAction::<EditProfile>::new();
    let edit_form = FormState::of(edit);
    let email = ServerAction::<ChangeEmail>::new();
    let email_form = FormState::of(email);
    // These two forms load another document, which then has the new appearance or no session.
    let appearance_form = FormState::of(ServerAction::<SetAppearance>::new());
    let deletion_form = FormState::of(ServerAction::<DeleteAccount>::new());
    let local = expect_context::<Frame>().local;
    let profile = resource(|| (), |()| read_profile());
    announce_changes(edit);
    view! {
        <Title text="Profile" />
        <TopBar crumbs=vec![Crumb::link("Your settings", links::my_profile_path()), Crumb::current("Profile")] help=links::help_path() />
        <Page width=PageWidth::NarrowCentre>
            <PageHead title="Your settings" />
            <SettingsTabs current=links::my_profile_path() />
            {verify_banner()}
            <Loaded data=profile subject="your profile" let(profile)>
                <NamesCard profile=profile.clone() action=edit form=edit_form />
                {(!local).then(|| view! { <ChangeEmailCard action=email form=email_form /> })}
                <AppearanceCard profile=profile.clone() form=appearance_form />
                {(!local).then(|| view! { <DeletionCard handle=profile.handle.clone() form=deletion_form /> })}
            </Loaded>
        </Page>
    }
    .into_any()
}

/// Shows a toast after a change, and reloads the frame, which shows the name.
fn announce_changes(edit: ServerAction<EditProfile>) {
    let (toasts, refresh_frame) = (expect_context::<Toasts>(), RefreshFrame::expect());
    Effect::new(move |_| {
        if edit.value().with(|value| matches!(value, Some(Ok(Ok(()))))) {
            toasts.show("Profile saved");
            refresh_frame.trigger();
        }
    });
}

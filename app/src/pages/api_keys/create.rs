//! The dialog that creates a key.

use leptos::prelude::*;
use model::api_key::{DEFAULT_LIFETIME, MAX_NAME_CHARACTERS};
use ui::prelude::*;

use super::{
    lifetime::{DAY, LIFETIMES},
    server::CreateKey,
};
use crate::form::{FormErrorBanner, FormState, max_length};

/// The dialog.
#[component]
pub fn CreateKeyDialog(open: RwSignal<bool>, action: ServerAction<CreateKey>, form: FormState) -> impl IntoView {
    view! {
        <Dialog
            id="create-key"
            open
            title="Create an API key"
            sub="The key acts as you in every workspace you belong to."
            icon=Icon::Key
            locked=form.is_pending()
        >
            <NewKeyForm open action form />
        </Dialog>
    }
}

#[component]
fn NewKeyForm(open: RwSignal<bool>, action: ServerAction<CreateKey>, form: FormState) -> impl IntoView {
    // Removes the result of an earlier attempt.
    action.clear();
    let choices = LIFETIMES.map(|(value, label)| Choice::new(value, label)).into();
    let default = (DEFAULT_LIFETIME.micros() / DAY).to_string();
    view! {
        <ActionForm action>
            <div class="stack">
                <FormErrorBanner form />
                <TextField
                    label="Name"
                    name="name"
                    value=form.typed("name").unwrap_or_default()
                    hint=Signal::stored(Some("Name the key after where you’ll use it, such as laptop or ci-deploy.".to_owned()))
                    error=form.field_error("name")
                    autocomplete="off"
                    max=max_length(MAX_NAME_CHARACTERS)
                />
                <SelectField label="Expires" name="expires" choices value=default error=form.field_error("expires") />
                <DialogButtons open kind=ButtonKind::Primary send="Create key" busy=form.is_pending() />
            </div>
        </ActionForm>
    }
}

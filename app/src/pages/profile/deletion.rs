//! The card that deletes a person.

use leptos::{prelude::*, server_fn::ServerFn};
use model::handle::Handle;
use ui::prelude::*;

use super::server::DeleteAccount;
use crate::form::{FormErrorBanner, FormState};

/// The card. Its form loads another document, since afterwards nobody is signed in.
#[component]
pub fn DeletionCard(handle: Handle, form: FormState) -> impl IntoView {
    view! {
        <Card look=CardLook::Danger>
            <div class="grow">
                <h2>"Delete your account"</h2>
                <p class="t2 ui">
                    "This permanently deletes you, your workspaces and everything in them, your API keys and your sign-in methods. Clients that use your keys stop working immediately."
                </p>
            </div>
            <form method="post" action=DeleteAccount::PATH class="stack snug grow">
                <FormErrorBanner form />
                <TextField
                    label=format!("Type {handle} to confirm")
                    name="confirmation"
                    value=form.typed("confirmation").unwrap_or_default()
                    error=form.field_error("confirmation")
                    autocomplete="off"
                />
                <div>
                    <Button kind=ButtonKind::DangerQuiet icon=Icon::Bin submit=true>
                        "Delete account"
                    </Button>
                </div>
            </form>
        </Card>
    }
}

//! The card with a person's address.

use leptos::prelude::*;
use ui::prelude::*;

/// The card.
#[component]
pub fn EmailCard(email: Option<String>, is_verified: bool) -> impl IntoView {
    let address = match email {
        Some(email) => {
            let mark = if is_verified { "Verified" } else { "Not verified" };
            view! {
                <div class="flex wrap">
                    <span class="cut">{email}</span>
                    <Chip text=mark />
                </div>
            }
            .into_any()
        }
        None => view! { <p class="t2">"You have no email address."</p> }.into_any(),
    };
    view! {
        <Card title="Email" look=CardLook::Roomy>
            {address}
        </Card>
    }
}

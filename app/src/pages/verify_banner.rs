//! Asks a person to verify their email address, on the pages that belong to them.

use leptos::prelude::*;
use ui::prelude::*;

use crate::{layout::Frame, links};

/// The banner; nothing if the address is verified, or if no mail server is configured.
pub fn verify_banner() -> Option<AnyView> {
    let Frame { person, has_mail, .. } = expect_context::<Frame>();
    let address = person.filter(|person| !person.email_verified && has_mail)?.email?;
    let action =
        || view! { <LinkButton href=links::verify_email_path() size=ButtonSize::Small>"Send it again"</LinkButton> };
    Some(
        view! {
            <Banner tone=Tone::Warn action>
                <b>"Verify your email address."</b>
                {format!(" Open the link that was sent to {address}.")}
            </Banner>
        }
        .into_any(),
    )
}

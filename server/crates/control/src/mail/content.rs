//! What a mail says. The queue has it as JSON, without the token of its link, which is made when the mail is sent.

use identity::mail::message::{self, Message};
use model::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::mail::TokenPurpose;

use crate::Cx;

/// What has happened to an account, which its person is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Notice {
    /// A change of the address to this one was requested.
    AddressChange { new: String },
    /// A sign-in method was added: a provider's label, or "Password".
    MethodAdded { method: String },
    /// A sign-in method was removed.
    MethodRemoved { method: String },
    /// The password was changed, or reset.
    PasswordChanged,
    /// `prefect cloud login` got an API key of this name.
    KeyFromCli { name: String },
}

/// What a mail says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Content {
    /// The person has registered, or asks again.
    VerifyAddress,
    /// The person wants to have this address instead of theirs.
    ConfirmAddress,
    /// The address was used to register, and has an account.
    AccountExists,
    /// The password of this address was forgotten. The address may have no account.
    ResetPassword,
    Notice(Notice),
}

/// A kind of mail: its name in logs, and what is known of it without its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The purpose of its link, if the link has a token.
    pub(crate) token: Option<TokenPurpose>,
    /// Whether a request about the address causes it, which anybody can send.
    pub(crate) requested: bool,
}

impl Kind {
    /// The kind of the mail to a new address of a person.
    pub(crate) const CONFIRM_ADDRESS: Self =
        Self { name: "confirm-address", token: Some(TokenPurpose::Change), requested: true };
}

impl Content {
    pub(crate) fn kind(&self) -> Kind {
        let requested = |name, token| Kind { name, token, requested: true };
        let notice = |name| Kind { name, token: None, requested: false };
        match self {
            Self::VerifyAddress => requested("verify-address", Some(TokenPurpose::Verify)),
            Self::ConfirmAddress => Kind::CONFIRM_ADDRESS,
            Self::AccountExists => requested("account-exists", None),
            Self::ResetPassword => requested("reset-password", Some(TokenPurpose::Reset)),
            Self::Notice(Notice::AddressChange { .. }) => notice("address-change"),
            Self::Notice(Notice::MethodAdded { .. }) => notice("method-added"),
            Self::Notice(Notice::MethodRemoved { .. }) => notice("method-removed"),
            Self::Notice(Notice::PasswordChanged) => notice("password-changed"),
            Self::Notice(Notice::KeyFromCli { .. }) => notice("key-from-cli"),
        }
    }

    /// The message. `token` is the text of its link's token, `at` when what it tells has happened.
    pub(crate) fn message(&self, cx: &Cx, token: &str, at: Timestamp) -> Message {
        let site = cx.mailer.host();
        let url = |path: &str| format!("{}{path}", cx.settings.public_url);
        match self {
            Self::VerifyAddress => message::verify_address(site, &url(&format!("/verify-email?token={token}"))),
            Self::ConfirmAddress => message::confirm_address(site, &url(&format!("/verify-email?token={token}"))),
            Self::AccountExists => message::account_exists(site, &url("/sign-in"), &url("/forgot-password")),
            Self::ResetPassword => message::reset_password(site, &url(&format!("/reset-password?token={token}"))),
            Self::Notice(Notice::AddressChange { new }) => {
                message::address_change_requested(site, new, at, &url("/my/sign-in"))
            }
            Self::Notice(Notice::MethodAdded { method }) => {
                message::method_added(site, method, at, &url("/my/sign-in"))
            }
            Self::Notice(Notice::MethodRemoved { method }) => {
                message::method_removed(site, method, at, &url("/my/sign-in"))
            }
            Self::Notice(Notice::PasswordChanged) => message::password_changed(site, at, &url("/forgot-password")),
            Self::Notice(Notice::KeyFromCli { name }) => message::key_from_cli(site, name, at, &url("/my/api-keys")),
        }
    }
}

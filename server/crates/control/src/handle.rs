//! Chooses the handle of an account or a workspace: the one that the person typed, else one derived from the name.

use model::{
    handle::{Handle, MAX_CHARACTERS, handle_from_name},
    id::AccountId,
};
use store::{Tx, account::ACCOUNT_BY_HANDLE, workspace::WORKSPACE_BY_HANDLE};

use crate::{Error, Result};

/// The handle that a person has typed, or that was derived from a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct HandleRequest {
    handle: Handle,
    typed: bool,
}

impl HandleRequest {
    /// Parses what the person typed; if that is empty, derives a handle from `name`.
    pub(crate) fn read(typed: Option<&str>, name: &str) -> Result<Self, String> {
        match typed.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => text
                .parse()
                .map(|handle| Self { handle, typed: true })
                .map_err(|why: model::handle::InvalidHandle| why.to_string()),
            None => handle_from_name(name)
                .map(|handle| Self { handle, typed: false })
                .ok_or_else(|| "enter a handle, because one can’t be made from this name".to_owned()),
        }
    }

    /// A handle that counts as derived: if it is taken, it gets a number.
    pub(crate) fn derived(handle: Handle) -> Self {
        Self { handle, typed: false }
    }

    /// The handle itself, then the same with -2, -3, … up to [`MAX_CANDIDATES`].
    fn candidates(&self) -> impl Iterator<Item = Handle> {
        let numbered = (2..=MAX_CANDIDATES).filter_map(|number| {
            let tail = format!("-{number}");
            let text = self.handle.as_str();
            let head = text[..text.len().min(MAX_CHARACTERS - tail.len())].trim_end_matches('-');
            format!("{head}{tail}").parse().ok()
        });
        std::iter::once(self.handle.clone()).chain(numbered)
    }
}

/// How many candidates are tried for one handle.
const MAX_CANDIDATES: usize = 50;

/// The set within which a handle must be unique.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Namespace {
    /// The accounts of people and organisations.
    Accounts,
    /// The workspaces of one account.
    WorkspacesOf(AccountId),
}

impl Namespace {
    /// Whether the server's own URLs need this word. Only account handles share a place in URLs with such words.
    fn reserves(self, handle: &Handle) -> bool {
        self == Self::Accounts && handle.is_reserved()
    }

    async fn is_taken(self, tx: &mut Tx<'_>, handle: &Handle) -> store::Result<bool> {
        Ok(match self {
            Self::Accounts => self.reserves(handle) || tx.optional(&ACCOUNT_BY_HANDLE, (handle,)).await?.is_some(),
            Self::WorkspacesOf(account) => tx.optional(&WORKSPACE_BY_HANDLE, (account, handle)).await?.is_some(),
        })
    }

    /// The handle to use. A typed one that is taken is an error, which suggests a free one; a derived one gets a number instead.
    pub(crate) async fn pick(self, tx: &mut Tx<'_>, request: &HandleRequest) -> Result<Handle> {
        let mut free = None;
        for candidate in request.candidates() {
            if !self.is_taken(tx, &candidate).await? {
                free = Some(candidate);
                break;
            }
        }
        let why = if self.reserves(&request.handle) { "reserved" } else { "taken" };
        match free {
            Some(free) if free == request.handle || !request.typed => Ok(free),
            Some(free) => Err(Error::invalid("handle", format!("{} is {why}. {free} is available.", request.handle))),
            None => Err(Error::invalid("handle", format!("{} is {why}. Choose another.", request.handle))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HandleRequest;

    #[test]
    fn a_typed_handle_wins_over_the_name() {
        assert_eq!(HandleRequest::read(Some(" ann "), "Bob").unwrap().handle.as_str(), "ann");
        assert_eq!(HandleRequest::read(Some("  "), "Bob").unwrap().handle.as_str(), "bob");
        assert!(HandleRequest::read(Some("Ann!"), "Bob").unwrap_err().contains("letters a to z"));
        assert!(HandleRequest::read(None, "日本").unwrap_err().contains("enter a handle"));
    }

    #[test]
    fn numbered_handles_stay_within_the_length_limit() {
        let long = HandleRequest::read(None, &"a".repeat(60)).unwrap();
        let tried: Vec<_> = long.candidates().take(10).map(String::from).collect();
        assert_eq!(tried[0], "a".repeat(39));
        assert_eq!(tried[1], format!("{}-2", "a".repeat(37)));
        assert_eq!(tried[9], format!("{}-10", "a".repeat(36)));
    }
}

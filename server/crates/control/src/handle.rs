//! Which handle an account or a workspace gets: the one that was typed, else one made from its name.

use model::{
    handle::{Handle, LONGEST, handle_from_name},
    id::AccountId,
};
use store::{Tx, account::ACCOUNT_OF_HANDLE, workspace::WORKSPACE_OF_HANDLE};

use crate::{Error, Result};

/// A handle that somebody asked for, or that was made for them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wanted {
    handle: Handle,
    typed: bool,
}

impl Wanted {
    /// Reads what was typed; where nothing was, makes one from `name`.
    pub(crate) fn read(typed: Option<&str>, name: &str) -> Result<Self, String> {
        match typed.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => text
                .parse()
                .map(|handle| Self { handle, typed: true })
                .map_err(|why: model::handle::NotAHandle| why.to_string()),
            None => handle_from_name(name)
                .map(|handle| Self { handle, typed: false })
                .ok_or_else(|| "choose a handle: none can be made from this name".to_owned()),
        }
    }

    /// As if it had been made from a name.
    pub(crate) fn made(handle: Handle) -> Self {
        Self { handle, typed: false }
    }

    /// The handle itself, then the same with -2, -3, … as far as that makes sense.
    fn candidates(&self) -> impl Iterator<Item = Handle> {
        let numbered = (2..=MOST_TRIED).filter_map(|number| {
            let tail = format!("-{number}");
            let text = self.handle.as_str();
            let head = text[..text.len().min(LONGEST - tail.len())].trim_end_matches('-');
            format!("{head}{tail}").parse().ok()
        });
        std::iter::once(self.handle.clone()).chain(numbered)
    }
}

/// How many handles of one name are tried.
const MOST_TRIED: usize = 50;

/// Within what a handle must be the only one of its kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Namespace {
    /// The accounts of people and organisations.
    Accounts,
    /// The workspaces of one account.
    WorkspacesOf(AccountId),
}

impl Namespace {
    /// Whether addresses need this word: only accounts stand where such words do.
    fn reserves(self, handle: &Handle) -> bool {
        self == Self::Accounts && handle.is_reserved()
    }

    async fn is_taken(self, tx: &mut Tx<'_>, handle: &Handle) -> store::Result<bool> {
        Ok(match self {
            Self::Accounts => self.reserves(handle) || tx.optional(&ACCOUNT_OF_HANDLE, (handle,)).await?.is_some(),
            Self::WorkspacesOf(account) => tx.optional(&WORKSPACE_OF_HANDLE, (account, handle)).await?.is_some(),
        })
    }

    /// The handle to give. One that was typed and is taken is refused, with a free one as a suggestion.
    pub(crate) async fn pick(self, tx: &mut Tx<'_>, wanted: &Wanted) -> Result<Handle> {
        let mut free = None;
        for candidate in wanted.candidates() {
            if !self.is_taken(tx, &candidate).await? {
                free = Some(candidate);
                break;
            }
        }
        let why = if self.reserves(&wanted.handle) { "reserved" } else { "taken" };
        match free {
            Some(free) if free == wanted.handle || !wanted.typed => Ok(free),
            Some(free) => Err(Error::invalid("handle", format!("{} is {why}. {free} is free.", wanted.handle))),
            None => Err(Error::invalid("handle", format!("{} is {why}. Choose another.", wanted.handle))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn what_was_typed_comes_before_the_name() {
        assert_eq!(Wanted::read(Some(" ann "), "Bob").unwrap().handle.as_str(), "ann");
        assert_eq!(Wanted::read(Some("  "), "Bob").unwrap().handle.as_str(), "bob");
        assert!(Wanted::read(Some("Ann!"), "Bob").unwrap_err().contains("letters a to z"));
        assert!(Wanted::read(None, "日本").unwrap_err().contains("choose a handle"));
    }

    #[test]
    fn numbered_handles_stay_within_the_bound() {
        let long = Wanted::read(None, &"a".repeat(60)).unwrap();
        let tried: Vec<_> = long.candidates().take(10).map(String::from).collect();
        assert_eq!(tried[0], "a".repeat(39));
        assert_eq!(tried[1], format!("{}-2", "a".repeat(37)));
        assert_eq!(tried[9], format!("{}-10", "a".repeat(36)));
    }
}

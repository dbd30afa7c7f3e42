//! Handles: the short names of accounts and workspaces in URLs and on command lines.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A handle: 2 to 39 lower-case letters, digits and dashes, with a letter or digit at either end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Handle(String);

/// Why a text is not a valid handle.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidHandle {
    #[error("a handle has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters")]
    Length,
    #[error("a handle is made of the letters a to z, digits and dashes")]
    Characters,
    #[error("a handle begins and ends with a letter or a digit")]
    Ends,
}

const MIN_CHARACTERS: usize = 2;
/// The most characters of a handle.
pub const MAX_CHARACTERS: usize = 39;

/// Words that URLs use, so that no account can have them as its handle.
const RESERVED: [&str; 37] = [
    "about",
    "account",
    "accounts",
    "admin",
    "api",
    "assets",
    "auth",
    "billing",
    "blog",
    "docs",
    "download",
    "favicon",
    "health",
    "help",
    "hooks",
    "legal",
    "local",
    "login",
    "logout",
    "me",
    "metrics",
    "my",
    "new",
    "organizations",
    "prefect",
    "pricing",
    "provost",
    "public",
    "ready",
    "register",
    "root",
    "security",
    "settings",
    "sign-in",
    "status",
    "ui",
    "workspaces",
];

impl Handle {
    /// The text of the handle.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether URLs use this word, so that no account can have it.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.as_str())
    }
}

impl FromStr for Handle {
    type Err = InvalidHandle;

    fn from_str(text: &str) -> Result<Self, InvalidHandle> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for Handle {
    type Error = InvalidHandle;

    fn try_from(text: String) -> Result<Self, InvalidHandle> {
        if !text.bytes().all(|b| is_plain(b) || b == b'-') {
            return Err(InvalidHandle::Characters);
        }
        if !(MIN_CHARACTERS..=MAX_CHARACTERS).contains(&text.len()) {
            return Err(InvalidHandle::Length);
        }
        if text.starts_with('-') || text.ends_with('-') {
            return Err(InvalidHandle::Ends);
        }
        Ok(Self(text))
    }
}

impl From<Handle> for String {
    fn from(handle: Handle) -> String {
        handle.0
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Derives a handle from a name; `None` if too few of its letters are Latin.
#[must_use]
pub fn handle_from_name(name: &str) -> Option<Handle> {
    let mut text = String::new();
    for letter in name.chars().filter(|letter| !is_combining_mark(*letter)) {
        match plain(letter) {
            Some(plain) => text.push_str(plain),
            None if !text.is_empty() && !text.ends_with('-') => text.push('-'),
            None => {}
        }
    }
    text.truncate(MAX_CHARACTERS);
    text.trim_end_matches('-').parse().ok()
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Whether it is an accent that follows its letter as a character of its own.
fn is_combining_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

/// The letters a to z, or the digit, that replace a Latin letter or digit.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' | 'ǽ' | 'Ǽ' => "ae",
        'œ' | 'Œ' => "oe",
        'þ' | 'Þ' => "th",
        'ĳ' | 'Ĳ' => "ij",
        '0'..='9' => slice("0123456789", letter, '0')?,
        'a'..='z' => slice("abcdefghijklmnopqrstuvwxyz", letter, 'a')?,
        'A'..='Z' => slice("abcdefghijklmnopqrstuvwxyz", letter, 'A')?,
        'À'..='\u{24f}' => slice(LATIN, letter, 'À')?,
        'Ḁ'..='\u{1eff}' => slice(LATIN_ADDITIONAL, letter, 'Ḁ')?,
        _ => return None,
    })
}

/// The entry for `letter` in a table that starts at `first`; a dash means none.
fn slice(table: &'static str, letter: char, first: char) -> Option<&'static str> {
    let index = (u32::from(letter) - u32::from(first)) as usize;
    table.get(index..=index).filter(|plain| *plain != "-")
}

/// U+00C0 to U+024F without their accents.
const LATIN: &str = "\
aaaaaa-ceeeeiiiidnooooo-ouuuuy--aaaaaa-ceeeeiiiidnooooo-ouuuuy-yaaaaaaccccccccddddeeeeeeeeeegggg\
gggghhhhiiiiiiiiii--jjkkkllllllllllnnnnnnnnnoooooo--rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs\
b--------------e--f------kl-----oo-------------uu----zz----------------------aaiioouuuuuuuuuueaa\
aa----ggkkoooo--j---gg--nnaa----aaaaeeeeiiiioooorrrruuuusstt--hh------aaeeooooooooyy---j--------\
----------------";

/// U+1E00 to U+1EFF without their accents.
const LATIN_ADDITIONAL: &str = "\
aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrr\
ssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy------aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee\
eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy------";

#[cfg(test)]
mod tests {
    use super::{Handle, InvalidHandle, LATIN, LATIN_ADDITIONAL, handle_from_name};

    #[test]
    fn a_handle_follows_its_rules() {
        for good in ["ab", "a-b", "0x", "acme-corp", "a--b", &"a".repeat(39)] {
            assert!(good.parse::<Handle>().is_ok(), "{good}");
        }
        for (bad, why) in [
            ("a", InvalidHandle::Length),
            ("", InvalidHandle::Length),
            (&"a".repeat(40), InvalidHandle::Length),
            ("Acme", InvalidHandle::Characters),
            ("a_b", InvalidHandle::Characters),
            ("é9", InvalidHandle::Characters),
            ("-ab", InvalidHandle::Ends),
            ("ab-", InvalidHandle::Ends),
        ] {
            assert_eq!(bad.parse::<Handle>(), Err(why), "{bad}");
        }
    }

    #[test]
    fn words_of_urls_are_reserved() {
        for word in
            ["api", "ui", "auth", "account", "my", "help", "settings", "new", "sign-in", "register", "workspaces"]
        {
            assert!(word.parse::<Handle>().unwrap().is_reserved(), "{word}");
        }
        assert!(!"acme".parse::<Handle>().unwrap().is_reserved());
    }

    #[test]
    fn the_tables_cover_their_ranges() {
        assert_eq!((LATIN.len(), LATIN_ADDITIONAL.len()), (0x250 - 0xc0, 0x1f00 - 0x1e00));
    }

    #[test]
    fn handles_are_derived_from_names() {
        for (name, handle) in [
            ("Acme Corp.", "acme-corp"),
            ("  Søren Kierkegård  ", "soren-kierkegard"),
            ("Łukasz Żółć", "lukasz-zolc"),
            ("Nguyễn Đức", "nguyen-duc"),
            ("Große Straße", "grosse-strasse"),
            ("Cafe\u{301} 24", "cafe-24"),
            ("data -- science", "data-science"),
            ("a very long name for a workspace that goes on", "a-very-long-name-for-a-workspace-that-g"),
        ] {
            assert_eq!(handle_from_name(name).unwrap().as_str(), handle, "{name}");
        }
        for name in ["", "ветер", "日本", "!", "x"] {
            assert_eq!(handle_from_name(name), None, "{name}");
        }
    }
}

//! Detects passwords that an attacker would guess first.
//!
//! `common.txt` is made from leaked password lists (licence: `common.LICENSE`). No network service is used.

use std::{collections::HashSet, sync::LazyLock};

use zeroize::Zeroizing;

static COMMON_PASSWORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common.txt").lines().collect());

/// Words about this server, which an attacker would guess first.
const SERVER_WORDS: [&str; 4] = ["provost", "prefect", "workflow", "orchestration"];

/// The most digits and symbols around a common word that do not make it uncommon, such as a year or an exclamation mark.
const MAX_DECORATION: usize = 6;

/// The least characters that must remain of a password when all personal words are removed.
const MIN_REMAINING: usize = 6;

/// Whether `password` is a pattern, or is in the list, as it is or under the usual substitutions and decorations.
pub fn is_common(password: &str) -> bool {
    let lower = Zeroizing::new(password.to_lowercase());
    is_pattern(&lower) || cores(&lower).any(|core| is_listed(core) || is_listed(&unleeted(core)))
}

/// Whether `password` is little more than personal words or words about this server.
pub fn is_personal(password: &str, personal: &[&str]) -> bool {
    let mut remaining = alphanumeric(password);
    let words = personal.iter().flat_map(|text| text.split('@').next().into_iter().chain([*text])).chain(SERVER_WORDS);
    let mut words: Vec<_> = words.map(alphanumeric).filter(|word| word.len() >= 4).collect();
    // The longest first: removing a shorter word that is part of a longer one would leave the rest of the longer one.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let length = remaining.len();
    for word in words {
        remaining = Zeroizing::new(remaining.replace(&**word, ""));
    }
    remaining.len() < length && remaining.chars().count() < MIN_REMAINING
}

/// The letters and digits of `text`, in lower case.
fn alphanumeric(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect())
}

/// Whether `text` has at most three different characters, or is a sequence such as `abcdef` or `987654`.
fn is_pattern(text: &str) -> bool {
    let letters: Zeroizing<Vec<char>> = Zeroizing::new(text.chars().collect());
    let distinct: HashSet<_> = letters.iter().collect();
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    // 0 follows 9 on every keyboard.
    let is_sequence = |by: i64| letters.windows(2).all(|pair| step(pair) == by || step(pair) == -9 * by);
    distinct.len() < 4 || is_sequence(1) || is_sequence(-1)
}

/// `text` itself, and without the digits and symbols around it.
fn cores(text: &str) -> impl Iterator<Item = &str> {
    let is_decoration = |c: char| !c.is_alphabetic();
    let trimmed = [text.trim_end_matches(is_decoration), text.trim_matches(is_decoration)];
    let bare = trimmed.into_iter().filter(move |core| text.chars().count() - core.chars().count() <= MAX_DECORATION);
    [text].into_iter().chain(bare)
}

fn is_listed(word: &str) -> bool {
    COMMON_PASSWORDS.contains(word) || repeated_half(word).is_some_and(|half| COMMON_PASSWORDS.contains(half))
}

/// One half of a word that is the same text twice.
fn repeated_half(word: &str) -> Option<&str> {
    let (left, right) = word.split_at_checked(word.len() / 2)?;
    (left == right).then_some(left)
}

/// `text` with leetspeak digits and symbols replaced by letters.
fn unleeted(text: &str) -> Zeroizing<String> {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    Zeroizing::new(text.chars().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::COMMON_PASSWORDS;

    #[test]
    fn the_list_has_thousands_of_valid_length() {
        assert!(
            COMMON_PASSWORDS.iter().filter(|word| word.chars().count() >= super::super::MIN_CHARACTERS).count()
                > 10_000
        );
        assert!(COMMON_PASSWORDS.iter().all(|word| **word == word.to_lowercase()), "compared in lower case");
    }
}

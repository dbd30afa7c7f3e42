//! Which passwords others would try first.
//!
//! The list beside this file comes from leaked ones (its licence too). Nothing is asked of the network.

use std::{collections::HashSet, sync::LazyLock};

use zeroize::Zeroizing;

static LIST: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common.txt").lines().collect());

/// Words that stand for this server, and so come to mind first.
const SERVER: [&str; 4] = ["provost", "prefect", "workflow", "orchestration"];

/// What may stand around a common word without making it an uncommon one: a year, a sign, a counter.
const DECORATION: usize = 6;

/// What must be left of a password when everything known is taken out.
const OWN: usize = 6;

/// Whether `password` is on the list, as it stands or beneath the usual disguises, or is a mere pattern.
pub fn is_common(password: &str) -> bool {
    let lower = Zeroizing::new(password.to_lowercase());
    is_pattern(&lower) || cores(&lower).any(|core| is_listed(core) || is_listed(&unleeted(core)))
}

/// Whether `password` is little more than words that are known of its owner, or of this server.
pub fn is_about(password: &str, about: &[&str]) -> bool {
    let mut left = squeezed(password);
    let words = about.iter().flat_map(|text| text.split('@').next().into_iter().chain([*text])).chain(SERVER);
    let mut words: Vec<_> = words.map(squeezed).filter(|word| word.len() >= 4).collect();
    // The longest first, or a part would leave the rest of the whole behind.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let before = left.len();
    for word in words {
        left = Zeroizing::new(left.replace(&**word, ""));
    }
    left.len() < before && left.chars().count() < OWN
}

/// Letters and digits alone, in lower case.
fn squeezed(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect())
}

/// One or two signs over and over, or a run such as `abcdef` or `987654`.
fn is_pattern(text: &str) -> bool {
    let letters: Zeroizing<Vec<char>> = Zeroizing::new(text.chars().collect());
    let distinct: HashSet<_> = letters.iter().collect();
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    // 9 and 0 are neighbours on every keyboard.
    let runs = |by: i64| letters.windows(2).all(|pair| step(pair) == by || step(pair) == -9 * by);
    distinct.len() < 4 || runs(1) || runs(-1)
}

/// `text` as it stands, and without what commonly surrounds a word.
fn cores(text: &str) -> impl Iterator<Item = &str> {
    let outside = |c: char| !c.is_alphabetic();
    let trimmed = [text.trim_end_matches(outside), text.trim_matches(outside)];
    let bare = trimmed.into_iter().filter(move |core| text.chars().count() - core.chars().count() <= DECORATION);
    [text].into_iter().chain(bare)
}

fn is_listed(word: &str) -> bool {
    LIST.contains(word) || halves(word).is_some_and(|half| LIST.contains(half))
}

/// The half of a word that is the same text twice.
fn halves(word: &str) -> Option<&str> {
    let (left, right) = word.split_at_checked(word.len() / 2)?;
    (left == right).then_some(left)
}

/// `text` with the usual digits and signs turned back into letters.
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
    use super::LIST;

    #[test]
    fn the_list_has_thousands_of_the_length_that_counts() {
        assert!(LIST.iter().filter(|word| word.chars().count() >= super::super::MIN_CHARACTERS).count() > 10_000);
        assert!(LIST.iter().all(|word| **word == word.to_lowercase()), "compared in lower case");
    }
}

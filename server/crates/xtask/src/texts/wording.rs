//! Wordings that texts must not have.

use super::{Place, Text};

/// Sentences that were replaced by plainer ones, as far as it takes to recognise them.
const REPLACED: &[&str] = &[
    "A password has at least",
    "Clients that use it are refused",
    "Copy one command",
    "Doesn’t connect",
    "Ending first",
    "Everywhere else you are signed in",
    "Flow runs by st",
    "Following. New lines",
    "From now on every run",
    "Getting ready",
    "Give a machine its key",
    "It failed, and",
    "It fails then",
    "It waits until",
    "Its time has come",
    "Keys are made with JavaScript",
    "Kind of ",
    "Left of now stands",
    "Lines appear the moment",
    "Lines that match appear the moment",
    "Listening since",
    "Log in",
    "Lower-case",
    "Made from",
    "Made outside",
    "Make a workspace",
    "Newest lines",
    "No call from a client",
    "No filter is on",
    "None of this level",
    "Nothing stands",
    "Now the first run",
    "Oldest lines",
    "Reload to see more",
    "Runs come, events don",
    "Scheduled for {",
    "Servers and CI get keys",
    "Skip to the page",
    "Somebody is registered",
    "Somebody ran",
    "The flow called no task",
    "The flow was called without",
    "The run wrote none",
    "The server can’t answer now",
    "There are not so many",
    "They arrive while they work",
    "This server can’t give it",
    "This signs you in to your account",
    "Three steps in a shell",
    "Waits for a client",
    "Waits for its time",
    "Ways in",
    "What runs produced",
    "You are signed out",
    "Your runs go on",
    "and is about to start it",
    "beside it stand",
    "broke on our side",
    "by hand",
    "by itself",
    "can’t be read and are left out",
    "client is there",
    "e-mail",
    "ended well",
    "from then on",
    "has taken the run",
    "is left out",
    "isn’t there",
    "it stand beside",
    "its runs to itself",
    "logs in",
    "lower-case",
    "none this far",
    "not ended yet",
    "only if the setting of step 1",
    "put yours in place",
    "quote request",
    "save the lines below",
    "so it’s hard to change later",
    "stays when the name changes",
    "stored it",
    "which won’t last",
    "with a key of yours",
    "without the search",
];

/// The programs whose commands pages show.
const PROGRAMS: &[&str] = &["pip ", "prefect ", "python "];

/// What is wrong with the wording of a text, with its file and line.
pub fn fault(text: &Text) -> Option<String> {
    let Text { file, line, text, place } = text;
    let is_of_page = matches!(place, Place::Page | Place::Form) && !is_sample(text);
    let problem = if let Some(old) = REPLACED.iter().find(|old| text.contains(*old)) {
        format!("“{old}” was replaced by a plainer sentence")
    } else if is_of_page && has_straight_apostrophe(text) {
        "the apostrophe must be ’".to_owned()
    } else if is_of_page && text.contains("...") {
        "the three dots must be …".to_owned()
    } else {
        return None;
    };
    Some(format!("{}:{line}: {problem}: {text}", file.display()))
}

/// Whether a text is a program or a command, which people copy.
fn is_sample(text: &str) -> bool {
    text.trim_end().contains('\n') || PROGRAMS.iter().any(|program| text.starts_with(program))
}

/// Whether a `'` stands between two letters.
fn has_straight_apostrophe(text: &str) -> bool {
    text.match_indices('\'')
        .any(|(at, _)| text[..at].ends_with(char::is_alphabetic) && text[at + 1..].starts_with(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_wrong(text: &str, place: Place) -> bool {
        fault(&Text { file: "a.rs".into(), line: 1, text: text.to_owned(), place }).is_some()
    }

    #[test]
    fn wrong_wordings_are_found_on_pages() {
        for text in ["This can't be empty", "Loading...", "Your runs go on.", "No filter is on"] {
            assert!(is_wrong(text, Place::Page) && is_wrong(text, Place::Form), "{text}");
        }
        for text in
            ["This can’t be empty", "Loading…", "Say 'yes'", "All runs", "print('a')\nf(...)", "prefect a --b='it's'"]
        {
            assert!(!is_wrong(text, Place::Page), "{text}");
        }
    }

    #[test]
    fn answers_and_shells_may_have_straight_apostrophes() {
        for place in [Place::Client, Place::Shell] {
            assert!(!is_wrong("can't open the file", place) && is_wrong("Your runs go on", place));
        }
    }
}

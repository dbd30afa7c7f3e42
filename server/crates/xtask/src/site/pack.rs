//! Packs: all wasm files that the pages of a part take beyond those of every page, as one file. Compressed together they are smaller,
//! and the first load of a page needs one request instead of up to eighty. The pack of a tab has what it takes beyond its page's part.
//!
//! Format: the length of the head (four bytes, least significant first); the head, a JSON list of names and lengths; the files.

use anyhow::Result;

/// The script that reads packs. It stands before the script that loads parts.
pub const SCRIPT: &str = include_str!("pack.js");
/// The extension of a pack's name.
pub const EXTENSION: &str = "pack";

/// The part whose pages have this part as a tab, if it is one. The name of a tab's part begins with that of its page's part.
pub fn page_part<'a>(part: &str, parts: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let is_tab = |page: &&String| part.strip_prefix(page.as_str()).is_some_and(|tab| tab.starts_with('_'));
    parts.into_iter().find(is_tab)
}

/// Packs files, given by name and content.
pub fn pack(files: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let head: Vec<_> = files.iter().map(|(name, content)| (name, content.len())).collect();
    let head = serde_json::to_vec(&head)?;
    let mut packed = u32::try_from(head.len())?.to_le_bytes().to_vec();
    packed.extend(head);
    packed.extend(files.iter().flat_map(|(_, content)| *content));
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::{pack, page_part};

    #[test]
    fn part_of_a_tab_begins_with_the_part_of_its_page() {
        let parts = ["run", "run_tasks", "runs"].map(str::to_owned);
        assert_eq!(page_part("run_tasks", &parts), Some(&parts[0]));
        for page in ["run", "runs"] {
            assert_eq!(page_part(page, &parts), None);
        }
    }

    #[test]
    fn head_has_the_names_and_lengths_of_the_files() {
        let packed = pack(&[("a.wasm", b"one"), ("b.wasm", b"three")]).unwrap();
        let head = br#"[["a.wasm",3],["b.wasm",5]]"#;
        assert_eq!(packed, [&27_u32.to_le_bytes()[..], head, b"onethree"].concat());
    }
}

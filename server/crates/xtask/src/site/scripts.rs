//! The scripts of pages that are not generated: what the browser does to the document itself, for which wasm takes several times the bytes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::bindgen::without_comments;

pub const FOLDER: &str = "app/scripts";
/// The script that every page loads: these files as one.
pub const PAGE: &str = "page.js";
const PARTS_OF_PAGE: &[&str] = &["place.js", "keys.js", "menu.js", "offline.js", "tips.js"];
/// A script that pages load only when they need it, from the same folder.
const SHORTCUTS: &str = "shortcuts.js";

/// The scripts by name.
pub fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let read = |name: &str| {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok::<_, anyhow::Error>(without_comments(&text))
    };
    // A block each, so that they may use the same names.
    let parts = PARTS_OF_PAGE.iter().map(|name| Ok(format!("{{\n{}}}\n", read(name)?)));
    let page = parts.collect::<Result<String>>()?;
    Ok(vec![(PAGE.to_owned(), page.into_bytes()), (SHORTCUTS.to_owned(), read(SHORTCUTS)?.into_bytes())])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FOLDER, PAGE, PARTS_OF_PAGE, SHORTCUTS, files};
    use crate::workspace::files_below;

    #[test]
    fn every_script_of_the_folder_is_in_the_site_or_in_the_document() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").join(FOLDER);
        let in_document = ["zone.js"];
        let known: Vec<_> = [PARTS_OF_PAGE, &[SHORTCUTS], &in_document].concat();
        for path in files_below(&folder).unwrap() {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(known.contains(&name), "{name} is in no list");
        }
        let files = files(&folder).unwrap();
        let (name, page) = &files[0];
        let page = String::from_utf8(page.clone()).unwrap();
        assert_eq!((name.as_str(), page.matches("\n}\n{\n").count()), (PAGE, PARTS_OF_PAGE.len() - 1));
        assert!(!page.contains("// "), "comments are removed");
    }
}

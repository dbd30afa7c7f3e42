//! The files of the folder `public`. All have a hash of their content in their name, but texts and what browsers request by its name.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::folder::Files;
use crate::workspace::files_below;

/// By its path in the folder, the path of a file on the site.
pub type Names = BTreeMap<String, String>;

/// Adds the files below `folder` to the site.
pub fn add(files: &mut Files, folder: &Path) -> Result<Names> {
    let mut names = Names::new();
    for path in files_below(folder)? {
        let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        match name.rsplit_once('.') {
            Some((stem, extension)) if !is_plain(&name, extension) => {
                let hashed = format!("{stem}-{:016x}.{extension}", content_hash(&content));
                files.add(hashed.clone(), content);
                names.insert(name, hashed);
            }
            _ => files.add(name, content),
        }
    }
    Ok(names)
}

/// Whether the site has a file under its own name.
fn is_plain(name: &str, extension: &str) -> bool {
    extension == "txt" || name == "favicon.ico"
}

/// The style sheet with the names on the site in place of those in the folder.
pub fn with_site_names(css: &str, names: &Names) -> Result<String> {
    let mut pieces = css.split("url(/");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once(')').context("a url( in the style is not closed")?;
        let Some(hashed) = names.get(name) else {
            bail!("the style refers to {name}, which is not in the folder public")
        };
        text.push_str(&format!("url(/{hashed}){rest}"));
    }
    Ok(text)
}

/// FNV-1a with 64 bits. The crate `ui` computes the same for the sprites, whose names the wasm has to know before the site is built.
fn content_hash(content: &[u8]) -> u64 {
    content.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::{Names, content_hash, with_site_names};

    #[test]
    fn hash_is_fnv_1a() {
        assert_eq!(content_hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(content_hash(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn style_refers_to_the_names_on_the_site() {
        let names = Names::from([("a/b.woff2".to_owned(), "a/b-01.woff2".to_owned())]);
        let css = "x{src: url(/a/b.woff2) format(\"woff2\")}y{background: url(data:x)}";
        assert_eq!(with_site_names(css, &names).unwrap(), css.replace("b.woff2", "b-01.woff2"));
        assert!(with_site_names("x{src: url(/a/c.woff2)}", &names).is_err());
    }
}

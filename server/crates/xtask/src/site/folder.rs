//! The files of the site, first in memory, then on disk. Unchanged files are not rewritten, so that cargo does not compile the
//! server again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use brotli::enc::{BrotliEncoderParams, backward_references::BrotliEncoderMode};
use sha2::{Digest, Sha256};

use crate::workspace::files_below;

/// Formats worth compressing; fonts and pictures already are.
const COMPRESSIBLE: &[&str] = &["css", "html", "js", "json", "pack", "svg", "txt", "wasm", "webmanifest", "xml"];

/// Content by path relative to the site's root.
#[derive(Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    pub fn add(&mut self, name: String, content: Vec<u8>) {
        self.0.insert(name, content);
    }

    /// Adds a file with the hash of its content in its name; returns the name.
    pub fn add_hashed(&mut self, stem: &str, extension: &str, content: Vec<u8>) -> String {
        let name = format!("{stem}-{}.{extension}", hash([content.as_slice()]));
        self.add(name.clone(), content);
        name
    }

    /// Adds files that refer to each other by name, in a folder with the hash of their content in its name; returns the folder.
    pub fn add_hashed_folder(&mut self, stem: &str, mut files: Vec<(String, Vec<u8>)>) -> String {
        files.sort();
        let folder = format!("{stem}-{}", hash(files.iter().flat_map(|(name, content)| [name.as_bytes(), content])));
        self.0.extend(files.into_iter().map(|(name, content)| (format!("{folder}/{name}"), content)));
        folder
    }

    /// Adds a brotli variant of each file worth compressing.
    pub fn compress(&mut self) -> Result<()> {
        let mut variants = BTreeMap::new();
        for (name, content) in &self.0 {
            if Path::new(name).extension().is_some_and(|kind| COMPRESSIBLE.iter().any(|known| kind == *known)) {
                variants.insert(format!("{name}.br"), brotli(content)?);
            }
        }
        self.0.extend(variants);
        Ok(())
    }

    /// Makes the folder contain exactly these files. The manifest is written last, so that it never names a missing file.
    pub fn write_to(&self, folder: &Path) -> Result<()> {
        let (manifest, others): (Vec<_>, Vec<_>) = self.0.iter().partition(|(name, _)| *name == super::MANIFEST);
        for (name, content) in others.into_iter().chain(manifest) {
            let path = folder.join(name);
            if fs::read(&path).is_ok_and(|current| current == *content) {
                continue;
            }
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        }
        for path in files_below(folder)? {
            if !self.0.contains_key(path.strip_prefix(folder)?.to_string_lossy().as_ref()) {
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
                // Removes the folder of an older build with its last file; `remove_dir` fails while it has others.
                let _not_empty = path.parent().map(fs::remove_dir);
            }
        }
        Ok(())
    }
}

fn hash<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    pieces.into_iter().for_each(|piece| hasher.update(piece));
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The first bytes of a wasm file.
const WASM: &[u8] = b"\0asm";
/// The wasm that every page loads is larger, and no other is.
const LARGE: usize = 256 * 1024;

/// Compresses the content; a large wasm in several ways, because now one and now another is smaller by 1%.
fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    use BrotliEncoderMode::{BROTLI_MODE_FONT, BROTLI_MODE_GENERIC};
    // Brotli's modes for binary files, and the logarithm of the length of a block; 0 leaves it to Brotli.
    let ways: &[_] = match content.starts_with(WASM) && content.len() > LARGE {
        true => &[(BROTLI_MODE_GENERIC, 0), (BROTLI_MODE_GENERIC, 16), (BROTLI_MODE_FONT, 0), (BROTLI_MODE_FONT, 16)],
        false => &[(BROTLI_MODE_GENERIC, 0)],
    };
    let compressed = ways.iter().map(|(mode, lgblock)| brotli_in(*mode, *lgblock, content));
    compressed.collect::<Result<Vec<_>>>()?.into_iter().min_by_key(Vec::len).context("no way to compress")
}

fn brotli_in(mode: BrotliEncoderMode, lgblock: i32, content: &[u8]) -> Result<Vec<u8>> {
    let defaults = BrotliEncoderParams::default();
    let params = BrotliEncoderParams { mode, lgblock, quality: 11, lgwin: 24, size_hint: content.len(), ..defaults };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &params)?;
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn hashed_name_changes_with_the_content() {
        let mut files = Files::default();
        let first = files.add_hashed("pkg/app", "js", b"1".to_vec());
        assert_eq!(first, files.add_hashed("pkg/app", "js", b"1".to_vec()));
        assert_ne!(first, files.add_hashed("pkg/app", "js", b"2".to_vec()));
    }

    #[test]
    fn write_removes_files_of_older_builds() {
        let folder = std::env::temp_dir().join(format!("xtask-site-{}", std::process::id()));
        let mut files = Files::default();
        files.add("old.txt".to_owned(), b"old".to_vec());
        files.write_to(&folder).unwrap();
        let mut files = Files::default();
        files.add("a/new.txt".to_owned(), b"new".to_vec());
        files.write_to(&folder).unwrap();
        assert_eq!(files_below(&folder).unwrap(), [folder.join("a/new.txt")]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn brotli_variant_decompresses_to_the_original() {
        let mut files = Files::default();
        let text = "body { color: red }\n".repeat(100).into_bytes();
        files.add("a.css".to_owned(), text.clone());
        files.add("a.woff2".to_owned(), text.clone());
        files.compress().unwrap();
        assert_eq!(files.0.keys().collect::<Vec<_>>(), ["a.css", "a.css.br", "a.woff2"]);
        let mut unpacked = Vec::new();
        brotli::Decompressor::new(files.0["a.css.br"].as_slice(), 4096).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
    }
}

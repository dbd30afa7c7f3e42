//! The files of the site, first in memory, then on disk. What did not change is left alone there, so that the server is
//! not compiled again for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use sha2::{Digest, Sha256};

use super::files_below;

/// Formats that shrink; fonts and pictures are compressed already.
const COMPRESSIBLE: &[&str] = &["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest", "xml"];

/// Path relative to the site's root, and content.
#[derive(Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    pub fn add(&mut self, name: String, content: Vec<u8>) {
        self.0.insert(name, content);
    }

    /// Adds a file whose name tells its content, and returns that name.
    pub fn add_hashed(&mut self, stem: &str, extension: &str, content: Vec<u8>) -> String {
        let name = format!("{stem}-{}.{extension}", hash([content.as_slice()]));
        self.add(name.clone(), content);
        name
    }

    /// Adds files that name each other, in a folder whose name tells their content, and returns the folder's.
    pub fn add_hashed_folder(&mut self, stem: &str, mut files: Vec<(String, Vec<u8>)>) -> String {
        files.sort();
        let folder = format!("{stem}-{}", hash(files.iter().flat_map(|(name, content)| [name.as_bytes(), content])));
        self.0.extend(files.into_iter().map(|(name, content)| (format!("{folder}/{name}"), content)));
        folder
    }

    /// Adds everything below a folder, at the site's root.
    pub fn add_folder(&mut self, folder: &Path) -> Result<()> {
        for path in files_below(folder)? {
            let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            self.add(name, fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
        }
        Ok(())
    }

    /// Puts a brotli variant beside each file that shrinks.
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

    /// Makes the folder hold exactly these files. The manifest comes last: it never names a file that is not there.
    pub fn write_to(&self, folder: &Path) -> Result<()> {
        let (manifest, others): (Vec<_>, Vec<_>) = self.0.iter().partition(|(name, _)| *name == super::MANIFEST);
        for (name, content) in others.into_iter().chain(manifest) {
            let path = folder.join(name);
            if fs::read(&path).is_ok_and(|there| there == *content) {
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
                // The folder of an older build goes with its last file; one with other files stays.
                let _full = path.parent().map(fs::remove_dir);
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

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let params = BrotliEncoderParams { quality: 11, lgwin: 24, size_hint: content.len(), ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut packed, &params)?;
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_name_changes_with_its_content() {
        let mut files = Files::default();
        let first = files.add_hashed("pkg/app", "js", b"1".to_vec());
        assert_eq!(first, files.add_hashed("pkg/app", "js", b"1".to_vec()));
        assert_ne!(first, files.add_hashed("pkg/app", "js", b"2".to_vec()));
    }

    #[test]
    fn the_folder_holds_exactly_the_files() {
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
    fn a_variant_unpacks_to_the_original() {
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

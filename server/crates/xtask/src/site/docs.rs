//! The files of the page that shows the API's document: Swagger UI from a package with its release, and the page's own script and
//! style.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use anyhow::{Context, Result};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

use super::style;

/// The page's own files.
pub const FOLDER: &str = "server/src/web/docs";
const SCRIPT: &str = "page.js";
const STYLE: &str = "page.css";

/// Files of the release, and their names in the site. Its licence must go with it.
const RELEASE: &[(&str, &str)] = &[
    ("dist/swagger-ui-bundle.js", "swagger-ui-bundle.js"),
    ("dist/swagger-ui.css", "swagger-ui.css"),
    ("LICENSE", "LICENSE.txt"),
    ("NOTICE", "NOTICE.txt"),
];

/// The files by name. The style begins with the tokens in the folder `style`, so that the page has the colours of the others.
pub fn files(style: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut release = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).context("the release of Swagger UI")?;
    let mut files = Vec::new();
    for (path, name) in RELEASE {
        files.push(((*name).to_owned(), unpack(&mut release, path)?));
    }
    let folder = Path::new(FOLDER);
    let script = fs::read(folder.join(SCRIPT)).with_context(|| format!("cannot read {SCRIPT}"))?;
    files.push((SCRIPT.to_owned(), script));
    let sheet = style::join(&[style.join("tokens.css"), folder.join(STYLE)])?;
    files.push((STYLE.to_owned(), sheet.into_bytes()));
    Ok(files)
}

/// The content of a file, whose path is relative to the folder in which the archive has everything.
fn unpack(release: &mut ZipArchive<Cursor<&[u8]>>, path: &str) -> Result<Vec<u8>> {
    let is_wanted = |name: &&str| name.split_once('/').is_some_and(|(_, inner)| inner == path);
    let name = release.file_names().find(is_wanted).map(str::to_owned);
    let name = name.with_context(|| format!("the release of Swagger UI has no {path}"))?;
    let mut content = Vec::new();
    release.by_name(&name)?.read_to_end(&mut content).with_context(|| format!("cannot unpack {path}"))?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_has_every_file() {
        let mut release = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).unwrap();
        for (path, _) in RELEASE {
            assert!(!unpack(&mut release, path).unwrap().is_empty(), "{path}");
        }
        let script = String::from_utf8(unpack(&mut release, RELEASE[0].0).unwrap()).unwrap();
        assert!(script.contains("SwaggerUIBundle"), "the name that the page's script calls");
        assert!(unpack(&mut release, "dist/nothing.js").is_err());
    }
}

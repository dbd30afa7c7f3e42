//! Lists the files of `migrations/` for `src/migrate.rs`.

use std::{collections::BTreeSet, env, fmt::Write as _, fs, io, path::PathBuf};

const FOLDER: &str = "migrations";

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folders in variables")]
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join(FOLDER);
    let mut names = BTreeSet::new();
    for file in fs::read_dir(&folder)? {
        let file = file?.file_name().to_string_lossy().into_owned();
        let Some(name) = file.strip_suffix(".sql") else { continue };
        names.insert(name.trim_end_matches(".sqlite").trim_end_matches(".postgres").to_owned());
    }
    let mut list = String::from("&[");
    for name in names {
        // One script for both databases, or one for each.
        let scripts = ["sqlite", "postgres"].map(|database| {
            let both = folder.join(format!("{name}.sql"));
            if both.exists() { both } else { folder.join(format!("{name}.{database}.sql")) }
        });
        let [sqlite, postgres] = scripts;
        writeln!(list, "Migration::of({name:?}, include_str!({sqlite:?}), include_str!({postgres:?})),")
            .map_err(io::Error::other)?;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("migrations.rs"), list + "]\n")
}

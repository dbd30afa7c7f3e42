//! Lists the files of `migrations/` for `src/migrate.rs`.

use std::{collections::BTreeSet, env, fmt::Write as _, fs, io, path::PathBuf};

const FOLDER: &str = "migrations";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let folder = cargo_folder("CARGO_MANIFEST_DIR")?.join(FOLDER);
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
    fs::write(cargo_folder("OUT_DIR")?.join("migrations.rs"), list + "]\n")
}

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folders in variables")]
fn cargo_folder(variable: &str) -> io::Result<PathBuf> {
    env::var_os(variable).map(PathBuf::from).ok_or_else(|| io::Error::other(format!("cargo has not set {variable}")))
}

//! Which functions the wasm consists of. Instances of a generic function are counted together: one with many instances can be
//! erased at its boundary.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use super::split::{FOLDER, MAIN};

/// The functions of one file.
#[derive(Default)]
struct Module {
    functions: usize,
    code: u64,
    data: u64,
    groups: HashMap<String, Group>,
}

/// The instances of one function.
#[derive(Clone, Copy, Default)]
struct Group {
    bytes: u64,
    instances: usize,
}

/// Prints the totals of the files of the last build, and the largest functions of the base and of each part.
pub fn print(largest: usize) -> Result<()> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(FOLDER).context("the site was not built")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, read(&path)?);
        }
    }
    for (name, module) in &files {
        let Module { functions, code, data, .. } = module;
        println!("{name}: {code} bytes of code in {functions} functions, {data} bytes of data");
    }
    let main = Path::new(MAIN).file_stem().unwrap_or_default().to_string_lossy();
    let (base, parts): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| **name == main);
    print_largest("base", base.into_iter().map(|(_, module)| module), largest);
    print_largest("all parts", parts.into_iter().map(|(_, module)| module), largest);
    Ok(())
}

fn print_largest<'a>(title: &str, modules: impl Iterator<Item = &'a Module>, largest: usize) {
    let mut groups: HashMap<&str, Group> = HashMap::new();
    for (name, group) in modules.flat_map(|module| &module.groups) {
        let total = groups.entry(name).or_default();
        total.bytes += group.bytes;
        total.instances += group.instances;
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(name, group)| (std::cmp::Reverse(group.bytes), *name));
    println!("\n{title}\n   bytes  instances  function");
    for (name, Group { bytes, instances }) in groups.into_iter().take(largest) {
        println!("{bytes:>8} {instances:>10}  {name}");
    }
}

fn read(path: &Path) -> Result<Module> {
    let wasm = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut imported, mut sizes, mut names) = (0, Vec::new(), HashMap::new());
    let mut module = Module::default();
    for payload in Parser::new(0).parse_all(&wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.range().end - body.range().start),
            Payload::DataSection(section) => module.data = section.range().end - section.range().start,
            Payload::CustomSection(section) => {
                let KnownCustom::Name(section) = section.as_known() else { continue };
                for name in section {
                    let Name::Function(functions) = name? else { continue };
                    for function in functions {
                        let function = function?;
                        names.insert(function.index, plain(function.name));
                    }
                }
            }
            _ => {}
        }
    }
    module.functions = sizes.len();
    module.code = sizes.iter().sum();
    for (index, bytes) in (imported..).zip(sizes) {
        let group = module.groups.entry(names.remove(&index).unwrap_or_default()).or_default();
        group.bytes += bytes;
        group.instances += 1;
    }
    Ok(module)
}

/// The name without the hash that tells the instances of a generic function apart.
fn plain(name: &str) -> String {
    let (mangled, suffix) = name.split_once(' ').unwrap_or((name, ""));
    format!("{:#} {suffix}", rustc_demangle::demangle(mangled)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn instances_of_a_generic_function_have_one_name() {
        let first = "_ZN6tachys6erased6Erased10into_inner17h08654b981f49129fE indirect_call_shim";
        let second = "_ZN6tachys6erased6Erased10into_inner17h1234567890abcdefE indirect_call_shim";
        assert_eq!(plain(first), "tachys::erased::Erased::into_inner indirect_call_shim");
        assert_eq!(plain(first), plain(second));
        assert_eq!(plain("memcpy"), "memcpy");
    }
}

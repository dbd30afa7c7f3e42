//! Empties functions of Leptos that a page refers to but never calls. The splitter then leaves out everything that only they use, a
//! tenth of the wasm.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context, Result, ensure};
use wasm_encoder::{CustomSection, Encode, Section};
use wasmparser::{CustomSectionReader, KnownCustom, Name, Parser, Payload, TypeRef};

/// A part of the mangled names of these functions: each erased view holds a pointer to its own instance. Only `hydrate_lazy` calls it;
/// `frontend` loads the parts of a page first, and then hydrates it at once.
///
/// A function that LLVM can merge with another of the same code, because it refers to nothing of its own, must not be emptied.
const UNUSED: &str = "IntoAny$GT$8into_any13hydrate_async17h";
const CUSTOM_SECTION: u8 = 0;
const UNREACHABLE: u8 = 0x00;
const NOP: u8 = 0x01;
const END: u8 = 0x0b;

/// What is known of the file once it is read.
#[derive(Default)]
struct Input<'a> {
    imported: u32,
    /// Where the code section begins, behind its length.
    code: usize,
    bodies: Vec<Range<usize>>,
    unused: BTreeSet<u32>,
    relocations: Option<CustomSectionReader<'a>>,
}

/// The file with the bodies of these functions replaced, and without the references from them.
pub fn empty_unused(wasm: &[u8]) -> Result<Vec<u8>> {
    let input = Input::read(wasm)?;
    ensure!(!input.unused.is_empty(), "the wasm has none of the functions that were known to be unused");
    let bodies: Vec<_> = input.unused.iter().filter_map(|index| input.body(*index)).collect();
    let relocations = input.relocations.context("the wasm has no relocations of its code")?;
    let kept = without_references(wasm, &relocations, input.code, &bodies)?;
    // The size of the section is before its range, in as few bytes as it takes.
    let section = span(relocations.range())?;
    let size = u32::try_from(section.len()).context("a section is too large")?;
    let start = section.start - encoded(size).len() - 1;
    ensure!(wasm.get(start) == Some(&CUSTOM_SECTION), "the size of a section takes more bytes than it needs");
    let mut emptied = wasm[..start].to_vec();
    for body in bodies {
        // It has no locals.
        emptied[body.clone()].fill(NOP);
        emptied[body.start..body.start + 2].copy_from_slice(&[0, UNREACHABLE]);
        emptied[body.end - 1] = END;
    }
    let section_of_kept = CustomSection { name: relocations.name().into(), data: kept.into() };
    emptied.push(section_of_kept.id());
    section_of_kept.encode(&mut emptied);
    emptied.extend_from_slice(&wasm[section.end..]);
    Ok(emptied)
}

impl<'a> Input<'a> {
    fn read(wasm: &'a [u8]) -> Result<Self> {
        let mut input = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        input.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { range, .. } => input.code = span(range)?.start,
                Payload::CodeSectionEntry(body) => input.bodies.push(span(body.range())?),
                Payload::CustomSection(section) if section.name() == "reloc.CODE" => input.relocations = Some(section),
                Payload::CustomSection(section) => input.find_unused(&section)?,
                _ => {}
            }
        }
        Ok(input)
    }

    fn find_unused(&mut self, section: &CustomSectionReader<'_>) -> Result<()> {
        let KnownCustom::Name(names) = section.as_known() else { return Ok(()) };
        for subsection in names {
            let Name::Function(functions) = subsection? else { continue };
            for naming in functions {
                let naming = naming?;
                if naming.name.contains(UNUSED) {
                    self.unused.insert(naming.index);
                }
            }
        }
        Ok(())
    }

    fn body(&self, function: u32) -> Option<Range<usize>> {
        self.bodies.get(function.checked_sub(self.imported)? as usize).cloned()
    }
}

/// The content of the section without the relocations in these bodies.
fn without_references(
    wasm: &[u8],
    section: &CustomSectionReader<'_>,
    code: usize,
    bodies: &[Range<usize>],
) -> Result<Vec<u8>> {
    let KnownCustom::Reloc(reader) = section.as_known() else { anyhow::bail!("the relocations can't be read") };
    let entries = reader.entries().into_iter_with_offsets().collect::<Result<Vec<_>, _>>()?;
    let ends = entries.iter().skip(1).map(|(offset, _)| *offset).chain([section.range().end]);
    let mut kept = Vec::new();
    for ((start, entry), end) in entries.iter().zip(ends) {
        if !bodies.iter().any(|body| body.contains(&(code + entry.offset as usize))) {
            kept.push(&wasm[span(*start..end)?]);
        }
    }
    let mut content = encoded(reader.section_index());
    u32::try_from(kept.len()).context("there are too many relocations")?.encode(&mut content);
    content.extend(kept.concat());
    Ok(content)
}

fn span(range: Range<u64>) -> Result<Range<usize>> {
    Ok(usize::try_from(range.start)?..usize::try_from(range.end)?)
}

fn encoded(number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    number.encode(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, Function, FunctionSection, Instruction, Module, NameMap, NameSection, TypeSection,
    };
    use wasmparser::RelocationEntry;

    use super::*;

    /// Two functions that each call the third; a call is two bytes behind the start of a body, of four bytes with its length.
    fn module(name: &str) -> Vec<u8> {
        let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
        types.ty().function([], []);
        for callee in [Some(2), Some(2), None] {
            functions.function(0);
            let mut function = Function::new([]);
            callee.map(|callee| function.instruction(&Instruction::Call(callee)));
            function.instruction(&Instruction::End);
            code.function(&function);
        }
        // The section of the code, and two relocations of calls: their kind, where they are, and what they call.
        let relocations = [2, 2, 0, 4, 2, 0, 9, 2];
        let (mut names, mut all) = (NameSection::new(), NameMap::new());
        [name, "other", "callee"].iter().zip(0..).for_each(|(name, index)| all.append(index, name));
        names.functions(&all);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code);
        module
            .section(&CustomSection { name: "reloc.CODE".into(), data: relocations.as_slice().into() })
            .section(&names);
        module.finish()
    }

    fn relocations(wasm: &[u8]) -> Vec<RelocationEntry> {
        let Some(section) = Input::read(wasm).unwrap().relocations else { return Vec::new() };
        let KnownCustom::Reloc(reader) = section.as_known() else { return Vec::new() };
        reader.entries().into_iter().map(Result::unwrap).collect()
    }

    #[test]
    fn unused_function_refers_to_nothing() {
        let wasm = module(&format!("_ZN53_$LT$T$u20$as$u20$tachys..view..any_view..{}829fE", UNUSED));
        let emptied = empty_unused(&wasm).unwrap();
        wasmparser::validate(&emptied).unwrap();
        assert_eq!(relocations(&wasm).len(), 2);
        assert_eq!(relocations(&emptied), relocations(&wasm)[1..]);
        let input = Input::read(&emptied).unwrap();
        let bodies: Vec<_> = input.bodies.iter().map(|body| &emptied[body.clone()]).collect();
        assert_eq!(bodies, [&[0, UNREACHABLE, NOP, END][..], &[0, 0x10, 2, END], &[0, END]]);
        assert_eq!(input.unused, BTreeSet::from([0]), "the names follow the relocations");
    }

    #[test]
    fn wasm_in_which_they_have_other_names_is_an_error() {
        assert!(empty_unused(&module("hydrate_async")).is_err());
    }
}

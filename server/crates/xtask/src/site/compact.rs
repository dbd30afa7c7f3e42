//! Encodes the wasm of a part again, smaller. The splitter calls a function of another file through a function of its own, which only
//! calls through the table; pads numbers to five bytes; and copies the types of all parts into each file.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use anyhow::{Context, Result, anyhow};
use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder, utils};
use wasm_encoder::{CodeSection, FunctionSection, Instruction, Module, TypeSection};
use wasmparser::{
    CustomSectionReader, FunctionBody, FunctionSectionReader, Operator, Parser, Payload, TypeRef, TypeSectionReader,
};

type Encoded<T> = Result<T, Error<Infallible>>;

/// The same file without shims, unused types, and custom sections, which hold names for debuggers.
pub fn compact(wasm: &[u8]) -> Result<Vec<u8>> {
    let inlined = encode(&mut InlineShims::new(wasm)?, wasm)?;
    let mut uses = TypeUses::default();
    encode(&mut uses, &inlined)?;
    let compacted = encode(&mut UsedTypes(uses.0), &inlined)?;
    wasmparser::validate(&compacted).context("the smaller file is invalid")?;
    Ok(compacted)
}

fn encode(encoder: &mut impl Reencode<Error = Infallible>, wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    let encoded = encoder.parse_core_module(&mut module, Parser::new(0), wasm);
    encoded.map_err(|error| anyhow!("cannot encode it again: {error}"))?;
    Ok(module.finish())
}

/// A function that only passes its parameters to an entry of the table, which has its type.
#[derive(Clone, Copy)]
struct Shim {
    type_index: u32,
    entry: i32,
}

impl Shim {
    /// The function of this type as a shim, if it is one.
    fn of(type_index: u32, parameters: usize, body: &FunctionBody<'_>) -> Result<Option<Self>> {
        let operators = body.get_operators_reader()?.into_iter();
        let operators = operators.take(parameters + 4).collect::<Result<Vec<_>, _>>()?;
        let Some((passed, call)) = operators.split_at_checked(parameters) else { return Ok(None) };
        let passes_all = (0..).zip(passed).all(|(local_index, next)| *next == Operator::LocalGet { local_index });
        Ok(match call {
            [
                Operator::I32Const { value: entry },
                Operator::CallIndirect { type_index: called, table_index: 0 },
                Operator::End,
            ] if passes_all && *called == type_index => Some(Self { type_index, entry: *entry }),
            _ => None,
        })
    }
}

/// Calls the table where a shim was called, and leaves the shims out. This saves a twelfth of a compressed pack.
#[derive(Default)]
struct InlineShims {
    /// By the index of the function.
    shims: BTreeMap<u32, Shim>,
    /// The index of the function whose type or whose body is read next.
    next_type: u32,
    next_body: u32,
}

impl InlineShims {
    /// Finds the shims of a file.
    fn new(wasm: &[u8]) -> Result<Self> {
        let (mut imported, mut types, mut functions, mut bodies) = (0, Vec::new(), Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    types = section.into_iter_err_on_gc_types().collect::<Result<Vec<_>, _>>()?;
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => functions = section.into_iter().collect::<Result<Vec<_>, _>>()?,
                Payload::CodeSectionEntry(body) => bodies.push(body),
                _ => {}
            }
        }
        let mut shims = BTreeMap::new();
        for ((index, type_index), body) in (imported..).zip(functions).zip(&bodies) {
            let parameters = types[type_index as usize].params().len();
            shims.extend(Shim::of(type_index, parameters, body)?.map(|shim| (index, shim)));
        }
        let mut references = References::default();
        encode(&mut references, wasm)?;
        shims.retain(|index, _| !references.0.contains(index));
        Ok(Self { shims, next_type: imported, next_body: imported })
    }
}

impl Reencode for InlineShims {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> Encoded<u32> {
        Ok(index - self.shims.range(..index).map(|_| 1).sum::<u32>())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Encoded<()> {
        for (index, type_index) in (self.next_type..).zip(section) {
            let type_index = type_index?;
            if !self.shims.contains_key(&index) {
                functions.function(type_index);
            }
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Encoded<()> {
        let index = self.next_body;
        self.next_body += 1;
        if self.shims.contains_key(&index) {
            return Ok(());
        }
        let mut function = self.new_function_with_parsed_locals(&body)?;
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            let shim = match operator {
                Operator::Call { function_index } => self.shims.get(&function_index),
                _ => None,
            };
            match shim {
                Some(Shim { type_index, entry }) => {
                    function.instruction(&Instruction::I32Const(*entry));
                    function.instruction(&Instruction::CallIndirect { type_index: *type_index, table_index: 0 });
                }
                None => {
                    function.instruction(&self.instruction(operator)?);
                }
            }
        }
        code.function(&function);
        Ok(())
    }

    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Encoded<()> {
        Ok(())
    }
}

/// The functions that are used otherwise than by a call.
#[derive(Default)]
struct References(BTreeSet<u32>);

impl Reencode for References {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> Encoded<u32> {
        self.0.insert(index);
        Ok(index)
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Encoded<Instruction<'a>> {
        match operator {
            Operator::Call { function_index } => Ok(Instruction::Call(function_index)),
            operator => utils::instruction(self, operator),
        }
    }

    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Encoded<()> {
        Ok(())
    }
}

/// The indices of the used types.
#[derive(Default)]
struct TypeUses(BTreeSet<u32>);

impl Reencode for TypeUses {
    type Error = Infallible;

    fn type_index(&mut self, index: u32) -> Encoded<u32> {
        self.0.insert(index);
        Ok(index)
    }
}

/// Leaves the other types out. Sorting them by use makes the compressed pack larger, since its files then differ more.
struct UsedTypes(BTreeSet<u32>);

impl Reencode for UsedTypes {
    type Error = Infallible;

    fn type_index(&mut self, index: u32) -> Encoded<u32> {
        Ok(self.0.range(..index).map(|_| 1).sum())
    }

    fn parse_type_section(&mut self, types: &mut TypeSection, section: TypeSectionReader<'_>) -> Encoded<()> {
        for (index, func) in (0..).zip(section.into_iter_err_on_gc_types()) {
            if self.0.contains(&index) {
                types.ty().func_type(&RoundtripReencoder.func_type(func?)?);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        ConstExpr, ElementSection, Elements, EntityType, Function, ImportSection, NameMap, NameSection, RefType,
        TableType, ValType,
    };

    use super::*;

    /// Two types, of which the first is unused; the function 0 only calls the entry 7 of the table; `caller` is the function 1.
    fn module(caller: &[Instruction<'_>], entries: &[u32]) -> Vec<u8> {
        let (mut types, mut imports, mut functions) =
            (TypeSection::new(), ImportSection::new(), FunctionSection::new());
        types.ty().function([ValType::I64], []);
        types.ty().function([ValType::I32, ValType::I32], [ValType::I32]);
        let table =
            TableType { element_type: RefType::FUNCREF, minimum: 8, maximum: None, table64: false, shared: false };
        imports.import("base", "table", EntityType::Table(table));
        functions.function(1).function(1);
        let mut elements = ElementSection::new();
        elements.active(Some(0), &ConstExpr::i32_const(0), Elements::Functions(entries.into()));
        let mut code = CodeSection::new();
        let shim = [
            Instruction::LocalGet(0),
            Instruction::LocalGet(1),
            Instruction::I32Const(7),
            Instruction::CallIndirect { type_index: 1, table_index: 0 },
            Instruction::End,
        ];
        for instructions in [&shim, caller] {
            let mut function = Function::new([]);
            instructions.iter().for_each(|instruction| {
                function.instruction(instruction);
            });
            code.function(&function);
        }
        let mut module = Module::new();
        let (mut names, mut all) = (NameSection::new(), NameMap::new());
        all.append(0, "shim");
        names.functions(&all);
        module.section(&types).section(&imports).section(&functions).section(&elements).section(&code).section(&names);
        module.finish()
    }

    /// The number of types, the instructions of the functions, and the elements of the table.
    fn content(wasm: &[u8]) -> (u32, Vec<String>, Vec<u32>) {
        let (mut types, mut functions, mut entries) = (0, Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::TypeSection(section) => types = section.count(),
                Payload::CodeSectionEntry(body) => {
                    let operators = body.get_operators_reader().unwrap().into_iter();
                    let operators: Vec<_> = operators.map(|operator| format!("{:?}", operator.unwrap())).collect();
                    functions.push(operators.join(" "));
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        let wasmparser::ElementItems::Functions(items) = element.unwrap().items else { continue };
                        entries.extend(items.into_iter().map(Result::unwrap));
                    }
                }
                _ => {}
            }
        }
        (types, functions, entries)
    }

    const CALL: &[Instruction<'_>] =
        &[Instruction::LocalGet(1), Instruction::LocalGet(0), Instruction::Call(0), Instruction::End];

    #[test]
    fn calls_of_a_shim_become_calls_through_the_table() {
        let (types, functions, entries) = content(&compact(&module(CALL, &[1])).unwrap());
        let code = "LocalGet { local_index: 1 } LocalGet { local_index: 0 } I32Const { value: 7 } \
                    CallIndirect { type_index: 0, table_index: 0 } End";
        assert_eq!((types, functions, entries), (1, vec![code.to_owned()], vec![0]));
    }

    #[test]
    fn shim_in_the_table_is_kept() {
        let (_, functions, entries) = content(&compact(&module(CALL, &[0, 1])).unwrap());
        assert_eq!((functions.len(), entries), (2, vec![0, 1]));
        assert!(functions[1].contains("Call { function_index: 0 }"), "{functions:?}");
    }

    #[test]
    fn function_that_changes_its_parameters_is_no_shim() {
        let swapped = [
            Instruction::LocalGet(1),
            Instruction::LocalGet(0),
            Instruction::I32Const(7),
            Instruction::CallIndirect { type_index: 1, table_index: 0 },
            Instruction::End,
        ];
        assert_eq!(content(&compact(&module(&swapped, &[])).unwrap()).1.len(), 1);
    }
}

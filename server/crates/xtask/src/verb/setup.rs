//! `cargo xtask setup`: installs what the tests need besides Rust, if it is missing.

use anyhow::Result;

use crate::prerequisites::wasm::WasmCompiler;
use crate::prerequisites::{namespace, node, package, python};
use crate::progress::step;
use crate::workspace;

pub fn run() -> Result<()> {
    workspace::enter()?;
    WasmCompiler::ensure()?;
    step("system packages", package::ensure)?;
    namespace::ensure()?;
    step("node packages", node::ensure)?;
    step("python environments", || python::CLIENTS.iter().try_for_each(python::Venv::ensure))
}

//! The library with the crates of a cell is made before the cell, by the same compiler.

use super::Wrapper;
use crate::arguments::{self, Invocation};
use crate::call::Call;
use crate::compiler::Compiler;
use crate::shared_crates::{self, SharedCrates, SharedLibrary};
use ferrobook_protocol::build::Cargo;

impl Wrapper {
    /// The library with the crates of a cell, which is made if there is none that holds them.
    pub(super) fn share_crates(&self, cell: &Invocation, compiler: &Compiler) -> std::io::Result<SharedLibrary> {
        let crate_dir = &self.wrapping.crate_dir;
        let mut shared = SharedCrates::read(crate_dir);
        let linked = shared_crates::linked_with(cell).unwrap_or_default();
        if let Some(library) = shared.with(&linked, crate_dir) {
            return Ok(library.clone());
        }
        shared.forget_outdated(&linked);
        let names = shared_crates::crate_names(cell);
        let mut refusal = String::new();
        for is_shared in [true, false] {
            if is_shared && linked.is_empty() {
                continue;
            }
            let library = shared.next(linked.clone(), &compiler.identity, is_shared);
            let names: &[String] = if is_shared { &names } else { &[] };
            let arguments = library.prepare(cell, names, shared.newest(), crate_dir)?;
            let mut messages = Vec::new();
            if self.make(arguments, &mut messages)? {
                if !is_shared && !linked.is_empty() {
                    self.tell(&Cargo::CratesNotShared { reason: refusal });
                }
                let library = shared.push(library, crate_dir);
                shared.write(crate_dir)?;
                return Ok(library);
            }
            refusal = first_error(&String::from_utf8_lossy(&messages)).unwrap_or_default();
        }
        Err(std::io::Error::other(format!("a library for the crates cannot be made: {refusal}")))
    }

    /// Has the compiler called in another way. False when it fails.
    fn make(&self, arguments: Vec<String>, messages: &mut Vec<u8>) -> std::io::Result<bool> {
        let Some(invocation) = arguments::parse(&arguments) else { return Ok(false) };
        let call = Call { arguments, ..self.call.clone() };
        let Some(wrapper) = Self::new(self.wrapping.clone(), call) else { return Ok(false) };
        Ok(wrapper.compile(&invocation, messages)? == 0)
    }
}

/// What the compiler has refused first, in the words of the linker if it is the linker's.
fn first_error(stderr: &str) -> Option<String> {
    let messages = stderr.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut errors = messages.filter(|message| message["level"] == "error");
    let error = errors.next()?;
    let said = |text: &serde_json::Value| text.as_str().map(|text| text.trim().to_owned());
    let notes = error["children"].as_array().into_iter().flatten().filter_map(|note| said(&note["message"]));
    let of_linker = notes.flat_map(|note| note.lines().map(str::to_owned).collect::<Vec<_>>());
    of_linker
        .into_iter()
        .find_map(|line| Some(line.split_once("error: ")?.1.to_owned()))
        .or_else(|| said(&error["message"]))
}

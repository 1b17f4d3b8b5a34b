//! Where machine code of compiled cells comes from: lines of the cell, of earlier cells, or of a crate.

use crate::process::backtrace::Call;
use crate::program::{Compiled, Program};
use ferrobook_evcxr_code::names::SHARED_CRATES;
use ferrobook_protocol::build::CELL_CRATE;
use std::path::Path;

pub struct Located {
    /// `cell:3:5`, `an earlier cell:1:9`, or a file of a crate.
    pub name: String,
    /// The line's text and the column (from 1), when the line is a cell's.
    pub line: Option<(String, usize)>,
}

impl Located {
    /// The line with a mark below the column.
    pub fn excerpt(&self) -> Option<String> {
        let (text, column) = self.line.as_ref()?;
        let margin: String =
            text.chars().take(column.saturating_sub(1)).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        Some(format!("    {text}\n    {margin}\x1b[1;31m^\x1b[0m"))
    }
}

/// The innermost call that is a cell's own code.
pub fn first_in_cells(calls: &[Call], program: &Program) -> Option<Located> {
    calls.iter().filter(|call| is_generated(&call.file, program)).find_map(|call| {
        let compiled = program.compiled.of_library(&call.library)?;
        locate(compiled, call.line as usize, call.column as usize, program)
    })
}

/// The calls in the user's code and in the crates that it uses, a line each; a recursion is one line.
pub fn trace(calls: &[Call], program: &Program) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for line in calls.iter().filter_map(|call| describe(call, program)) {
        match lines.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ => lines.push((line, 1)),
        }
    }
    let shown = lines.into_iter().map(|(line, times)| if times > 1 { format!("{line} … {times} times") } else { line });
    shown.collect()
}

pub fn is_generated(file: &str, program: &Program) -> bool {
    let file = Path::new(file);
    file == Path::new(CELL_CRATE).join("src/lib.rs") || program.is_generated(file)
}

pub fn locate(compiled: &Compiled, line: usize, column: usize, program: &Program) -> Option<Located> {
    if let Some(place) = compiled.map.to_cell(line, column) {
        let name = if compiled.run == program.run { "cell" } else { "an earlier cell" };
        let text = compiled.cell.source.lines().nth(place.line - 1).unwrap_or_default().to_owned();
        return Some(Located {
            name: format!("{name}:{}:{}", place.line, place.column),
            line: Some((text, place.column)),
        });
    }
    let (item, place) = compiled.map.to_earlier(&program.items, line, column)?;
    let text = item.text.lines().nth(place.line - item.line).unwrap_or_default().to_owned();
    let column = if place.line == item.line { place.column - item.column } else { place.column };
    Some(Located { name: format!("an earlier cell:{}:{}", place.line, place.column), line: Some((text, column)) })
}

/// Its sources are named as they were when it was built, or as they are where rust-src is installed.
fn is_standard_library(file: &str) -> bool {
    file.starts_with("/rustc/") || file.contains("/lib/rustlib/src/rust/library/")
}

/// Whether it is a library that the cells share, with the crates of the notebook.
fn holds_crates(library: &str) -> bool {
    let name = Path::new(library).file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(format!("lib{SHARED_CRATES}_").as_bytes())
}

/// A call in the user's code or in a crate that it uses; the standard library's and evcxr's are of no interest.
fn describe(call: &Call, program: &Program) -> Option<String> {
    if is_generated(&call.file, program) {
        let compiled = program.compiled.of_library(&call.library)?;
        let name = locate(compiled, call.line as usize, call.column as usize, program)?.name;
        return Some(format!("  at {} ({name})", call.function));
    }
    let is_rust = call.file.ends_with(".rs");
    let is_in_cells = program.compiled.of_library(&call.library).is_some() || holds_crates(&call.library);
    (is_rust && !is_standard_library(&call.file) && is_in_cells)
        .then(|| format!("  at {} ({}:{})", call.function, call.file, call.line))
}

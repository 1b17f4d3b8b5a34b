//! Where machine code of compiled cells comes from: lines of the cell, of earlier cells, or of a crate.

use crate::cell::statements::Cell;
use crate::diagnostics::source_map::{Earlier, SourceMap};
use crate::process::backtrace::Call;
use ferrobook_protocol::build::CELL_CRATE;
use std::path::Path;
use std::sync::Arc;

/// The compiles whose libraries may still be called, newest last.
#[derive(Default)]
pub struct Compiles {
    known: std::collections::VecDeque<Compile>,
}

#[derive(Clone)]
pub struct Compile {
    pub library: String,
    pub map: Arc<SourceMap>,
    pub cell: Arc<Cell>,
    /// The number of the run; a later cell can call code of an earlier compile through a pointer.
    pub run: u64,
}

impl Compiles {
    const MOST: usize = 300;

    pub fn add(&mut self, compile: Compile) {
        self.known.push_back(compile);
        if self.known.len() > Self::MOST {
            self.known.pop_front();
        }
    }

    pub fn of_library(&self, library: &str) -> Option<&Compile> {
        self.known.iter().rev().find(|compile| compile.library == library)
    }
}

/// Everything that is needed to speak of a cell's lines.
pub struct Context<'a> {
    pub compiles: &'a Compiles,
    pub earlier: &'a Earlier,
    pub crate_dir: &'a Path,
    pub run: u64,
}

pub struct Located {
    /// `cell:3:5`, `an earlier cell:1:9`, or a file of a crate.
    pub place: String,
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
pub fn first_in_cells(calls: &[Call], context: &Context) -> Option<Located> {
    calls.iter().filter(|call| is_generated(&call.file, context)).find_map(|call| {
        let compile = context.compiles.of_library(&call.library)?;
        locate(compile, call.line as usize, call.column as usize, context)
    })
}

/// The calls in the user's code and in the crates that it uses, a line each; a recursion is one line.
pub fn trace(calls: &[Call], context: &Context) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for line in calls.iter().filter_map(|call| describe(call, context)) {
        match lines.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ => lines.push((line, 1)),
        }
    }
    let shown = lines.into_iter().map(|(line, times)| if times > 1 { format!("{line} … {times} times") } else { line });
    shown.collect()
}

pub fn is_generated(file: &str, context: &Context) -> bool {
    let file = Path::new(file);
    [Path::new(CELL_CRATE), context.crate_dir].iter().any(|directory| file == directory.join("src/lib.rs"))
}

pub fn locate(compile: &Compile, line: usize, column: usize, context: &Context) -> Option<Located> {
    if let Some(place) = compile.map.to_cell(line, column) {
        let name = if compile.run == context.run { "cell" } else { "an earlier cell" };
        let text = compile.cell.source.lines().nth(place.line - 1).unwrap_or_default().to_owned();
        return Some(Located {
            place: format!("{name}:{}:{}", place.line, place.column),
            line: Some((text, place.column)),
        });
    }
    let (item, place) = compile.map.to_earlier(context.earlier, line, column)?;
    let text = item.text.lines().nth(place.line - item.line).unwrap_or_default().to_owned();
    let column = if place.line == item.line { place.column - item.column } else { place.column };
    Some(Located { place: format!("an earlier cell:{}:{}", place.line, place.column), line: Some((text, column)) })
}

/// Its sources are named as they were when it was built, or as they are where rust-src is installed.
fn is_standard_library(file: &str) -> bool {
    file.starts_with("/rustc/") || file.contains("/lib/rustlib/src/rust/library/")
}

/// A call in the user's code or in a crate that it uses; the standard library's and evcxr's are of no interest.
fn describe(call: &Call, context: &Context) -> Option<String> {
    if is_generated(&call.file, context) {
        let compile = context.compiles.of_library(&call.library)?;
        let place = locate(compile, call.line as usize, call.column as usize, context)?.place;
        return Some(format!("  at {} ({place})", call.function));
    }
    let is_rust = call.file.ends_with(".rs");
    (is_rust && !is_standard_library(&call.file) && context.compiles.of_library(&call.library).is_some())
        .then(|| format!("  at {} ({}:{})", call.function, call.file, call.line))
}

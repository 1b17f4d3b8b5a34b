//! A panic in the words of the cell: its line, the code there, and the user's own calls on the way.

use crate::backtrace::{self, Call};
use crate::source_map::{Earlier, SourceMap};
use crate::statements::Cell;
use ferrobook_protocol::CellError;
use ferrobook_protocol::cell::{CELL_CRATE, Panic};
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

    fn of_library(&self, library: &str) -> Option<&Compile> {
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

struct Located {
    /// `cell:3:5`, `an earlier cell:1:9`, or a file of a crate.
    place: String,
    /// The line's text and the column (from 1), when the line is a cell's.
    line: Option<(String, usize)>,
}

pub fn error(panic: &Panic, context: &Context) -> CellError {
    let calls = backtrace::resolve(&panic.frames);
    let located = locate_panic(panic, &calls, context);
    let mut traceback = vec![
        format!("\x1b[1;31m{}\x1b[0m", headline(panic, &located.place)),
        format!("\x1b[1m{}\x1b[0m", panic.message),
    ];
    if let Some((text, column)) = &located.line {
        let margin: String =
            text.chars().take(column.saturating_sub(1)).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        traceback.push(format!("    {text}\n    {margin}\x1b[1;31m^\x1b[0m"));
    }
    traceback.extend(calls.iter().filter_map(|call| describe(call, context)));
    CellError { ename: "panic".to_owned(), evalue: panic.message.clone(), traceback }
}

/// As Rust prints a panic that does not end the cell.
pub fn message(panic: &Panic, context: &Context) -> String {
    let calls = backtrace::resolve(&panic.frames);
    let located = locate_panic(panic, &calls, context);
    format!("\n{}\n{}\n", headline(panic, &located.place), panic.message)
}

fn headline(panic: &Panic, place: &str) -> String {
    let thread = match &panic.thread {
        _ if panic.main => "main",
        Some(name) => name,
        None => "<unnamed>",
    };
    format!("thread '{thread}' panicked at {place}:")
}

fn locate_panic(panic: &Panic, calls: &[Call], context: &Context) -> Located {
    // The call on that line tells whose `src/lib.rs` it is: the cell's or a local dependency's.
    let same_line = |call: &&Call| call.line == panic.line && Path::new(&call.file).ends_with(&panic.file);
    let call = calls.iter().find(same_line);
    let in_crate = match call {
        Some(call) => is_generated(&call.file, context),
        None => panic.file == "src/lib.rs",
    };
    let library = call.map(|call| call.library.as_str()).or_else(|| {
        let of_cells = |call: &&Call| context.compiles.of_library(&call.library).is_some();
        calls.iter().find(of_cells).map(|call| call.library.as_str())
    });
    let compile = library.and_then(|library| context.compiles.of_library(library));
    match compile {
        Some(compile) if in_crate => locate(compile, panic.line as usize, panic.column as usize, context),
        _ => None,
    }
    .unwrap_or_else(|| Located { place: format!("{}:{}:{}", panic.file, panic.line, panic.column), line: None })
}

fn is_generated(file: &str, context: &Context) -> bool {
    let file = Path::new(file);
    [Path::new(CELL_CRATE), context.crate_dir].iter().any(|directory| file == directory.join("src/lib.rs"))
}

fn locate(compile: &Compile, line: usize, column: usize, context: &Context) -> Option<Located> {
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

/// A call in the user's code or in a crate that it uses; the standard library's and evcxr's are of no interest.
fn describe(call: &Call, context: &Context) -> Option<String> {
    if is_generated(&call.file, context) {
        let compile = context.compiles.of_library(&call.library)?;
        let place = locate(compile, call.line as usize, call.column as usize, context)?.place;
        return Some(format!("  at {} ({place})", call.function));
    }
    let foreign =
        call.file.starts_with("/rustc/") || call.file.contains("/library/std/") || call.file.contains("/library/core/");
    let is_rust = call.file.ends_with(".rs");
    (is_rust && !foreign && context.compiles.of_library(&call.library).is_some())
        .then(|| format!("  at {} ({}:{})", call.function, call.file, call.line))
}

//! A panic in the words of the cell: its line, the code there, and the user's own calls on the way.

use crate::process::backtrace::{self, Call};
use crate::process::locations::{self, Located};
use crate::program::Program;
use ferrobook_protocol::CellError;
use ferrobook_protocol::cell::Panic;
use std::path::Path;

pub fn error(panic: &Panic, program: &Program) -> CellError {
    let calls = backtrace::resolve(&panic.frames);
    let located = locate_panic(panic, &calls, program);
    let mut traceback = vec![
        format!("\x1b[1;31m{}\x1b[0m", headline(panic, &located.name)),
        format!("\x1b[1m{}\x1b[0m", panic.message),
    ];
    traceback.extend(located.excerpt());
    traceback.extend(locations::trace(&calls, program));
    CellError { ename: "panic".to_owned(), evalue: panic.message.clone(), traceback }
}

/// As Rust prints a panic that does not end the cell.
pub fn message(panic: &Panic, program: &Program) -> String {
    let calls = backtrace::resolve(&panic.frames);
    let located = locate_panic(panic, &calls, program);
    format!("\n{}\n{}\n", headline(panic, &located.name), panic.message)
}

fn headline(panic: &Panic, location: &str) -> String {
    let thread = match &panic.thread {
        _ if panic.main => "main",
        Some(name) => name,
        None => "<unnamed>",
    };
    format!("thread '{thread}' panicked at {location}:")
}

fn locate_panic(panic: &Panic, calls: &[Call], program: &Program) -> Located {
    // The call on that line tells whose `src/lib.rs` it is: the cell's or a local dependency's.
    let same_line = |call: &&Call| call.line == panic.line && Path::new(&call.file).ends_with(&panic.file);
    let call = calls.iter().find(same_line);
    let in_crate = match call {
        Some(call) => locations::is_generated(&call.file, program),
        None => panic.file == "src/lib.rs",
    };
    let library = call.map(|call| call.library.as_str()).or_else(|| {
        let of_cells = |call: &&Call| program.compiled.of_library(&call.library).is_some();
        calls.iter().find(of_cells).map(|call| call.library.as_str())
    });
    let compiled = library.and_then(|library| program.compiled.of_library(library));
    match compiled {
        Some(compiled) if in_crate => locations::locate(compiled, panic.line as usize, panic.column as usize, program),
        _ => None,
    }
    .unwrap_or_else(|| Located { name: format!("{}:{}:{}", panic.file, panic.line, panic.column), line: None })
}

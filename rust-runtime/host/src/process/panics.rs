//! A panic in the words of the cell: its line, the code there, and the user's own calls on the way.

use crate::process::backtrace::{self, Call};
use crate::process::locations::{self, Context, Located};
use ferrobook_protocol::CellError;
use ferrobook_protocol::cell::Panic;
use std::path::Path;

pub fn error(panic: &Panic, context: &Context) -> CellError {
    let calls = backtrace::resolve(&panic.frames);
    let located = locate_panic(panic, &calls, context);
    let mut traceback = vec![
        format!("\x1b[1;31m{}\x1b[0m", headline(panic, &located.place)),
        format!("\x1b[1m{}\x1b[0m", panic.message),
    ];
    traceback.extend(located.excerpt());
    traceback.extend(locations::trace(&calls, context));
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
        Some(call) => locations::is_generated(&call.file, context),
        None => panic.file == "src/lib.rs",
    };
    let library = call.map(|call| call.library.as_str()).or_else(|| {
        let of_cells = |call: &&Call| context.compiles.of_library(&call.library).is_some();
        calls.iter().find(of_cells).map(|call| call.library.as_str())
    });
    let compile = library.and_then(|library| context.compiles.of_library(library));
    match compile {
        Some(compile) if in_crate => locations::locate(compile, panic.line as usize, panic.column as usize, context),
        _ => None,
    }
    .unwrap_or_else(|| Located { place: format!("{}:{}:{}", panic.file, panic.line, panic.column), line: None })
}

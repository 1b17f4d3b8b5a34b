//! From addresses in compiled cells to functions and lines.
//!
//! The host does it, from the libraries on disk: in the cell process, `backtrace` does not see a library that was
//! loaded after its first use.

use addr2line::Loader;
use ferrobook_evcxr_code::names::without_definitions;
use ferrobook_protocol::cell::Frame;
use std::collections::HashMap;

/// A call, inlined ones included.
#[derive(Clone, Debug)]
pub struct Call {
    pub library: String,
    pub function: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
}

/// Innermost first.
pub fn resolve(frames: &[Frame]) -> Vec<Call> {
    let mut loaders: HashMap<&str, Option<Loader>> = HashMap::new();
    let mut calls = Vec::new();
    for frame in frames {
        let loader = loaders.entry(&frame.library).or_insert_with(|| Loader::new(&frame.library).ok());
        let Some(loader) = loader else { continue };
        // Line tables alone do not name functions that are not inlined; the symbol table does.
        let symbol = loader.find_symbol(frame.offset).map(|name| format!("{:#}", rustc_demangle::demangle(name)));
        let Ok(mut found) = loader.find_frames(frame.offset) else { continue };
        let first = calls.len();
        while let Ok(Some(found)) = found.next() {
            let Some(location) = found.location else { continue };
            let (Some(file), Some(line)) = (location.file, location.line) else { continue };
            let function = found.function.and_then(|name| name.demangle().ok().map(|name| name.into_owned()));
            calls.push(Call {
                library: frame.library.clone(),
                function: short(&function.unwrap_or_default()),
                file: file.to_owned(),
                line,
                column: location.column.unwrap_or(0),
            });
        }
        // The last of these is the function itself, the others are inlined in it.
        if let (Some(symbol), Some(call)) = (symbol, calls[first..].last_mut()) {
            call.function = short(&symbol);
        }
    }
    calls
}

/// The function's name as the user knows it: without the crate and the function that evcxr puts around a cell.
fn short(function: &str) -> String {
    let function = without_definitions(&function.replace("ctx::", "")).into_owned();
    if ["{{closure}}", "{closure#0}"].contains(&function.as_str()) {
        return "the cell".to_owned();
    }
    let Some(rest) = function.strip_prefix("run_user_code_") else { return function };
    let rest = rest.trim_start_matches(|char: char| char.is_ascii_digit());
    // Both ways of mangling names: a closure is `{{closure}}` in one and `{closure#0}` in the other.
    let rest = rest.strip_prefix("::{{closure}}").or(rest.strip_prefix("::{closure#0}")).unwrap_or(rest);
    rest.strip_prefix("::").unwrap_or("the cell").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(short("ctx::inner"), "inner");
        assert_eq!(short("<T as ctx::A>::f"), "<T as A>::f");
        assert_eq!(short("<ctx::ferrobook_0123456789abcdef::T as ctx::A>::f"), "<T as A>::f");
        assert_eq!(short("ctx::run_user_code_12::{{closure}}"), "the cell");
        assert_eq!(short("ctx::run_user_code_12::{closure#0}"), "the cell");
        assert_eq!(short("run_user_code_12"), "the cell");
        assert_eq!(short("ctx::run_user_code_1::{{closure}}::helper"), "helper");
    }
}

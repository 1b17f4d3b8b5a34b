//! From addresses in compiled cells to functions and lines.
//!
//! The host does it, from the libraries on disk: in the cell process, `backtrace` does not see a library that was
//! loaded after its first use.

use addr2line::Loader;
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
        while let Ok(Some(found)) = found.next() {
            let Some(location) = found.location else { continue };
            let (Some(file), Some(line)) = (location.file, location.line) else { continue };
            let function = found.function.and_then(|name| name.demangle().ok().map(|name| name.into_owned()));
            tracing::debug!(?file, line, ?function, ?symbol, "frame");
            calls.push(Call {
                library: frame.library.clone(),
                function: short(&function.or_else(|| symbol.clone()).unwrap_or_default()),
                file: file.to_owned(),
                line,
                column: location.column.unwrap_or(0),
            });
        }
    }
    calls
}

/// Without the hash that rustc adds, and without the name of the crate that evcxr makes.
fn short(function: &str) -> String {
    let function = match function.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => function,
    };
    function.replace("ctx::", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(short("ctx::inner::h0123456789abcdef"), "inner");
        assert_eq!(short("<T as ctx::A>::f"), "<T as A>::f");
    }
}

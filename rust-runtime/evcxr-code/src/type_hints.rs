//! What the host inserts into a cell for evcxr alone is not compiled: the types of variables, for rust-analyzer, and what
//! keeps documentation from being left out.

/// Begins what the host inserts into a cell for evcxr alone, such as the type of a variable.
pub const HINT: &str = "/*ferrobook hint{*/";
/// Ends it. Both are comments that may stand inside of comments.
pub const HINT_END: &str = "/*}ferrobook hint*/";

/// evcxr's code as it would be without what the host has inserted.
pub fn remove(source: &str) -> String {
    let mut parts = source.split(HINT);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once(HINT_END).map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_has_inserted_is_not_compiled() {
        let source = format!(
            r"let a{HINT}: u8{HINT_END} = 1;
let b: {HINT}Vec<u8>/*{HINT_END}Vec<_>{HINT}*/{HINT_END} = f();"
        );
        assert_eq!(
            remove(&source),
            r"let a = 1;
let b: Vec<_> = f();"
        );
        assert_eq!(remove("let a = 1;"), "let a = 1;");
    }
}

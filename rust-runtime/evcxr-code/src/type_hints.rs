//! What the host has inserted into a cell for evcxr alone is not compiled: the types of variables, for rust-analyzer, and what
//! keeps documentation from being left out. And which types evcxr has found.

use ferrobook_protocol::cell::{HINT, HINT_END};

/// How evcxr keeps a variable.
const KEEPS: &str = "evcxr_variable_store.put_variable::<";
const NAME: &str = ">(stringify!(";

/// evcxr's code as it would be without what the host has inserted.
pub fn without_inserted(source: &str) -> String {
    let mut parts = source.split(HINT);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once(HINT_END).map_or(part, |(_, rest)| rest))
}

/// The names and types of the variables that evcxr keeps after the cell.
pub fn kept(source: &str) -> impl Iterator<Item = (&str, &str)> {
    let statements = source.lines().filter_map(|line| line.trim_start().strip_prefix(KEEPS));
    statements.filter_map(|statement| {
        let (of_type, rest) = statement.split_once(NAME)?;
        Some((rest.split_once(')')?.0, of_type))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_has_inserted_is_not_compiled() {
        let source =
            format!("let a{HINT}: u8{HINT_END} = 1;\nlet b: {HINT}Vec<u8>/*{HINT_END}Vec<_>{HINT}*/{HINT_END} = f();");
        assert_eq!(without_inserted(&source), "let a = 1;\nlet b: Vec<_> = f();");
        assert_eq!(without_inserted("let a = 1;"), "let a = 1;");
    }

    #[test]
    fn what_evcxr_keeps() {
        let source = "let a = 1;\nevcxr_variable_store.put_variable::<HashMap<u8, Vec<i32>>>(stringify!(a), a);\n\
                      evcxr_variable_store.put_variable::<u8>(stringify!(b), b);\n";
        assert_eq!(kept(source).collect::<Vec<_>>(), [("a", "HashMap<u8, Vec<i32>>"), ("b", "u8")]);
    }
}

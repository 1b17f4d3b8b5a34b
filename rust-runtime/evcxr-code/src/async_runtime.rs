//! The variable in which evcxr holds the lock of its runtime while a cell with `.await` runs: it hides a variable of the user's
//! with the same name, which is a likely one.

use crate::change::{Change, Replacement};
use crate::generated_cell::GeneratedCell;
use crate::tokens::{bytes, lines, sequences, significant_tokens};
use ra_ap_syntax::SyntaxToken;
use ra_ap_syntax::ast::AstNode;

const EVCXRS: &str = "mutex";
const OURS: &str = "evcxr_tokio_runtime_mutex";

/// The lines that make the variable and lock it, with another name for it.
pub fn renamed(cell: &GeneratedCell) -> Option<Change> {
    let source = cell.source();
    if !source.contains("evcxr_tokio_runtime") {
        return None;
    }
    let tokens: Vec<SyntaxToken> = significant_tokens(cell.file().syntax()).collect();
    let made = ["let", "mut", EVCXRS, "=", "evcxr_variable_store", ".", "lazy_arc", "("];
    let start = sequences(&tokens, &made).next()?;
    let locked = start + sequences(&tokens[start..], &[EVCXRS, ".", "lock", "(", ")"]).next()?;
    let piece = bytes(tokens[start].text_range()).start..bytes(tokens[locked].text_range()).end;
    let lines = lines(source, piece);
    let text = source[lines.clone()].replace(EVCXRS, OURS);
    Some((lines, Replacement::Text(text.into())))
}

#[cfg(test)]
mod tests {
    use crate::{Definitions, GeneratedCell, Variables};

    #[test]
    fn a_variable_of_the_users_is_not_hidden() {
        let source = include_str!("../tests/fixtures/await.rs").replace("later().await;", "mutex.lock().await;");
        let rendered = GeneratedCell::parse(&source).unwrap().render(&Definitions::default(), Variables::All);
        assert!(rendered.text.contains("mutex.lock().await;"));
        assert!(!rendered.text.contains("let mut mutex"), "{}", rendered.text);
        assert_eq!(rendered.text.matches("evcxr_tokio_runtime_mutex").count(), 2);
    }
}

//! Whether a cell is complete, for consoles that run it on Enter.

use crate::cell::syntax::Syntax;
use crate::questions::AtOnce;
use ferrobook_protocol::build::StoreSettings;
use ferrobook_protocol::{Answer, CompletenessStatus};
use ra_ap_syntax::{SyntaxKind, SyntaxToken, T, WalkEvent};

pub struct IsComplete {
    pub code: String,
}

impl AtOnce for IsComplete {
    fn answer(&self, _store: Option<&StoreSettings>) -> Answer {
        // Code that the parser panics over is run, so that its error is seen.
        let found = std::panic::catch_unwind(|| of(&self.code));
        let Completeness { status, indent } = found.unwrap_or_else(|_| complete(CompletenessStatus::Complete));
        Answer::IsComplete { status, indent }
    }
}

struct Completeness {
    status: CompletenessStatus,
    indent: String,
}

fn of(source: &str) -> Completeness {
    let syntax = Syntax::of(source);
    let (begin, end) = (syntax.place(syntax.start), syntax.place(source.len()));
    let tokens: Vec<SyntaxToken> = syntax
        .tree
        .syntax_node()
        .preorder_with_tokens()
        .filter_map(|event| match event {
            WalkEvent::Enter(element) => element.into_token(),
            WalkEvent::Leave(_) => None,
        })
        .collect();
    let mut open = Vec::new();
    for token in tokens {
        let position = usize::from(token.text_range().start());
        if position < begin || position >= end {
            continue;
        }
        match token.kind() {
            kind @ (T!['{'] | T!['('] | T!['[']) => open.push(kind),
            kind @ (T!['}'] | T![')'] | T![']']) => match open.pop() {
                Some(opening) if closes(opening, kind) => {}
                _ => return complete(CompletenessStatus::Invalid),
            },
            // A string or comment that does not end swallows what comes after the cell.
            _ if usize::from(token.text_range().end()) > end && token.kind() != SyntaxKind::WHITESPACE => {
                return incomplete(&open);
            }
            _ => {}
        }
    }
    let errors = syntax.tree.errors();
    if !open.is_empty() {
        return incomplete(&open);
    }
    let text_end = begin + syntax.code().trim_end().len();
    let mut positions = errors.iter().map(|error| usize::from(error.range().start()));
    match positions.next() {
        None => complete(CompletenessStatus::Complete),
        // Whatever is missing, it can still be typed.
        Some(first) if first >= text_end => incomplete(&open),
        Some(_) => complete(CompletenessStatus::Invalid),
    }
}

fn closes(opening: SyntaxKind, closing: SyntaxKind) -> bool {
    matches!((opening, closing), (T!['{'], T!['}']) | (T!['('], T![')']) | (T!['['], T![']']))
}

fn complete(status: CompletenessStatus) -> Completeness {
    Completeness { status, indent: String::new() }
}

fn incomplete(open: &[SyntaxKind]) -> Completeness {
    let braces = open.iter().filter(|kind| **kind == T!['{']).count();
    Completeness { status: CompletenessStatus::Incomplete, indent: "    ".repeat(braces) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CompletenessStatus::{Complete, Incomplete, Invalid};

    #[test]
    fn cells() {
        for (code, status, indent) in [
            ("fn f() -> i32 { 1 }", Complete, ""),
            ("fn f() {", Incomplete, "    "),
            ("fn f() {\n    if true {", Incomplete, "        "),
            ("let = ;", Invalid, ""),
            ("let x = ", Incomplete, ""),
            ("let x = 1", Incomplete, ""),
            ("let x = 1;", Complete, ""),
            ("x", Complete, ""),
            ("vec![1,", Incomplete, ""),
            ("f(1))", Invalid, ""),
            ("(]", Invalid, ""),
            (r#"let s = "open"#, Incomplete, ""),
            ("let s = r#\"open\"", Incomplete, ""),
            ("/* open", Incomplete, ""),
            (r#"fn f() { "}" }"#, Complete, ""),
            ("fn f() { // }\n", Incomplete, "    "),
            ("// only a comment", Complete, ""),
            ("", Complete, ""),
            (":dep itoa", Complete, ""),
            ("!ls", Complete, ""),
            (":vars\nfn f() {", Incomplete, "    "),
            ("#[derive(Debug)]", Incomplete, ""),
            ("use std::fmt", Incomplete, ""),
            ("1 +", Incomplete, ""),
            (r#"println!("größe 🦀");"#, Complete, ""),
        ] {
            let found = of(code);
            assert_eq!((found.status, found.indent.as_str()), (status, indent), "{code:?}");
        }
    }
}
